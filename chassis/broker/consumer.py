"""Reading one queue: what has arrived is taken in batches and acknowledged by the last of each."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiormq
from aiormq.abc import AbstractConnection, DeliveredMessage

from chassis.broker.connection import DEADLINE_SECONDS, connect
from chassis.broker.topology import look_for

_PREFETCH = 1000
_LOOK_SECONDS = 5.0


class _ListeningChannel(aiormq.Channel):
    """A channel that keeps deliveries in the order they came, without a task for each.

    Like the publisher's it leans on unpromised names of the pinned aiormq.
    """

    def __init__(self, connection: AbstractConnection, number: int) -> None:
        super().__init__(connection, number, publisher_confirms=False)
        self.arrived: deque[DeliveredMessage] = deque()
        self.changed = asyncio.Event()
        self.lost: str | None = None
        self._closing.add_done_callback(self._on_lost)
        self.on_consumer_cancel_callbacks.add(self._on_cancelled)

    async def _on_deliver_frame(self, frame: aiormq.spec.Basic.Deliver) -> None:
        header: Any = await self._get_frame()
        self.arrived.append(await self._read_content(frame, header))
        self.changed.set()

    def _on_lost(self, closing: "asyncio.Future[Any]") -> None:
        why = None if closing.cancelled() else closing.exception()
        self._give_up(f"the line broke: {why!r}")

    def _on_cancelled(self, _: object) -> None:
        self._give_up("the broker cancelled the consumer")

    def _give_up(self, why: str) -> None:
        self.lost = self.lost or why
        self.changed.set()


class Consumer:
    """One consumer tag at the broker, and what has arrived under it."""

    def __init__(
        self, connection: AbstractConnection, channel: _ListeningChannel, queue: str
    ) -> None:
        self._connection, self._channel, self._queue = connection, channel, queue

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, queue: str, name: str) -> AsyncIterator["Consumer"]:
        """A consumer of ``queue``; ``TopologyMissing`` if the broker does not know it."""
        async with connect(url, name) as connection:
            await look_for(await connection.channel(), queue)
            channel = _ListeningChannel(connection, number := max(connection.channels) + 1)
            connection.channels[number] = channel
            async with asyncio.timeout(DEADLINE_SECONDS):
                await channel.open()
                await channel.basic_qos(prefetch_count=_PREFETCH)
                await channel.basic_consume(queue, _never)
            yield cls(connection, channel, queue)

    async def batch(self, most: int) -> list[DeliveredMessage]:
        """What has arrived, at least one and at most ``most``; ``ConnectionError`` when nothing will."""
        channel = self._channel
        while not channel.arrived:
            if channel.lost:
                raise ConnectionError(channel.lost)
            channel.changed.clear()
            await channel.changed.wait()
        if channel.lost:
            # What is left can no longer be acknowledged, and comes again.
            raise ConnectionError(channel.lost)
        return [channel.arrived.popleft() for _ in range(min(most, len(channel.arrived)))]

    async def acknowledge(self, last: DeliveredMessage) -> None:
        """``last`` and everything before it is ours now."""
        tag = last.delivery_tag
        assert tag is not None
        async with asyncio.timeout(DEADLINE_SECONDS):
            await self._channel.basic_ack(tag, multiple=True)

    async def watch(self) -> None:
        """End with an error as soon as the broker does not know a consumer of the queue any more."""
        channel = await self._connection.channel(publisher_confirms=False)
        while True:
            if self._channel.lost:
                raise ConnectionError(self._channel.lost)
            if await look_for(channel, self._queue) == 0:
                raise ConnectionError("the broker does not know our consumer")
            await asyncio.sleep(_LOOK_SECONDS)


async def _never(_: DeliveredMessage) -> None:
    """Deliveries do not take this way; the channel keeps them."""
