"""Carrying numbered facts to the exchange, each confirmed by the broker.

Two ways that write the same bytes: in batches by hand (a fast path), and one message at a time by the
library. Both are given whole batches and answer with a future that is done when all are confirmed.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any, Protocol

import aio_pika
import aiormq
from aiormq.abc import AbstractConnection, ChannelFrame

from chassis.broker.connection import DEADLINE_SECONDS
from chassis.wire import EXCHANGE, Said, frames_of, headers_of


class Publisher(Protocol):
    """Takes batches in order; each answers when the broker has confirmed all of it."""

    async def send(self, batch: Sequence[Said]) -> "asyncio.Future[None]":
        """Write ``batch``; the future is done when every fact of it is confirmed."""


class NotCarried(ConnectionError):
    """The broker refused a batch, or the line broke before it was confirmed."""


class _Batch:
    """The delivery tags of one batch that are not confirmed yet."""

    __slots__ = ("early", "future", "last", "upto")

    def __init__(self, first: int, last: int, future: "asyncio.Future[None]") -> None:
        self.upto, self.last, self.future = first - 1, last, future
        self.early: set[int] = set()

    def confirm(self, tag: int, multiple: bool) -> None:
        if multiple:
            self.upto = max(self.upto, min(tag, self.last))
        elif self.upto < tag <= self.last:
            self.early.add(tag)
        while self.upto + 1 in self.early:
            self.upto += 1
        if self.upto >= self.last and not self.future.done():
            self.future.set_result(None)

    def fail(self, why: Exception) -> None:
        if not self.future.done():
            self.future.set_exception(why)
            # Looked at, so that nobody complains when the first failure already ended the wait.
            self.future.exception()


class _BatchChannel(aiormq.Channel):
    """A channel that counts confirms by batch instead of keeping a future for every message.

    It leans on names aiormq does not promise; its version is pinned and tests/chassis compares it with
    the plain publisher.
    """

    def __init__(self, connection: AbstractConnection, number: int) -> None:
        super().__init__(connection, number, publisher_confirms=True)
        self.unconfirmed: deque[_Batch] = deque()
        self._closing.add_done_callback(self._lost)

    async def _on_confirm_frame(self, frame: Any) -> None:
        acknowledged = isinstance(frame, aiormq.spec.Basic.Ack)
        for batch in self.unconfirmed:
            if not acknowledged:
                batch.fail(NotCarried("the broker refused a fact"))
            else:
                batch.confirm(frame.delivery_tag, bool(frame.multiple))
        while self.unconfirmed and self.unconfirmed[0].future.done():
            self.unconfirmed.popleft()

    def _lost(self, closing: "asyncio.Future[Any]") -> None:
        why = None if closing.cancelled() else closing.exception()
        for batch in self.unconfirmed:
            batch.fail(NotCarried(f"the line broke: {why!r}"))


class BatchPublisher:
    """A batch is one write and one future."""

    def __init__(self, channel: _BatchChannel) -> None:
        self._channel = channel

    @classmethod
    async def open(cls, connection: AbstractConnection) -> "BatchPublisher":
        """A publisher on a channel of its own."""
        number = max(connection.channels, default=0) + 1
        channel = _BatchChannel(connection, number)
        connection.channels[number] = channel
        async with asyncio.timeout(DEADLINE_SECONDS):
            await channel.open()
        return cls(channel)

    async def send(self, batch: Sequence[Said]) -> "asyncio.Future[None]":
        """Write ``batch``; the future is done when every fact of it is confirmed."""
        channel = self._channel
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        async with asyncio.timeout(DEADLINE_SECONDS), channel.lock:
            most = channel.max_content_size
            payload = b"".join([frames_of(said, channel.number, most) for said in batch])
            first = channel.delivery_tag + 1
            channel.delivery_tag += len(batch)
            channel.unconfirmed.append(_Batch(first, channel.delivery_tag, future))
            await channel.write_queue.put(
                ChannelFrame(payload=payload, should_close=False, drain_future=None)
            )
        return future


class PlainPublisher:
    """The twin of the batch publisher: the library's own publish, one message at a time."""

    def __init__(self, exchange: aio_pika.abc.AbstractExchange) -> None:
        self._exchange = exchange

    @classmethod
    async def open(cls, connection: AbstractConnection) -> "PlainPublisher":
        """A publisher on a connection of its own, to where ``connection`` leads."""
        line = await aio_pika.connect(str(connection.url), timeout=DEADLINE_SECONDS)
        closing = connection.closing
        closing.add_done_callback(lambda _: asyncio.ensure_future(line.close()))
        channel = await line.channel(publisher_confirms=True)
        return cls(await channel.get_exchange(EXCHANGE, ensure=False))

    async def send(self, batch: Sequence[Said]) -> "asyncio.Future[None]":
        """Publish ``batch``; the future is done when every fact of it is confirmed."""
        return asyncio.ensure_future(self._all(batch))

    async def _all(self, batch: Sequence[Said]) -> None:
        await asyncio.gather(*(self._one(said) for said in batch))

    async def _one(self, said: Said) -> None:
        message = aio_pika.Message(
            said.body,
            headers=dict(headers_of(said)),
            content_type="application/json",
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            correlation_id=said.request_id,
            message_id=str(said.event_id),
            type=said.type,
        )
        await self._exchange.publish(message, said.type, mandatory=False, timeout=DEADLINE_SECONDS)
