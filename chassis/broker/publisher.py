"""Carrying numbered facts to the exchange, each confirmed by the broker.

Two ways that write the same bytes: in batches by hand (a fast path), and one message at a time by the
library. Both are given whole batches and answer with a future that is done when all are confirmed.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any, Protocol

import aiormq
from aiormq.abc import AbstractChannel, AbstractConnection, ChannelFrame

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

    def __init__(self, channel: AbstractChannel) -> None:
        self._channel = channel

    @classmethod
    async def open(cls, connection: AbstractConnection) -> "PlainPublisher":
        """A publisher on a channel of its own."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            return cls(await connection.channel(publisher_confirms=True))

    async def send(self, batch: Sequence[Said]) -> "asyncio.Future[None]":
        """Publish ``batch``; the future is done when every fact of it is confirmed."""
        return asyncio.ensure_future(self._all(batch))

    async def _all(self, batch: Sequence[Said]) -> None:
        await asyncio.gather(*(self._one(said) for said in batch))

    async def _one(self, said: Said) -> None:
        properties = aiormq.spec.Basic.Properties(
            content_type="application/json",
            headers=dict(headers_of(said)),
            delivery_mode=2,
            correlation_id=said.request_id,
            message_id=said.event_id,
            message_type=said.type,
        )
        await self._channel.basic_publish(
            said.body,
            exchange=EXCHANGE,
            routing_key=said.type,
            properties=properties,
            timeout=DEADLINE_SECONDS,
        )
