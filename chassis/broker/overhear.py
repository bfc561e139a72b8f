"""Listening along without being anybody's reader: a queue of one's own that is gone with the connection.

Nothing is kept and nothing is owed: who overhears must be able to live without, and is told when it hears nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import NamedTuple

from aiormq.abc import AbstractChannel, DeliveredMessage

from chassis.broker.connection import DEADLINE_SECONDS, connect
from chassis.broker.consumer import _ListeningChannel
from chassis.broker.topology import look_for
from chassis.ids import new_id
from chassis.wire import EXCHANGE

#: So often the broker is asked whether it still knows us, and so long it may take to say so.
_LOOK_SECONDS = 1.0
_ANSWER_SECONDS = 2.0


class Overheard(NamedTuple):
    """A fact somebody said: what it was, and its words."""

    type: str
    body: bytes


class Ear:
    """What is overheard on one connection."""

    def __init__(self, channel: AbstractChannel, listening: _ListeningChannel, queue: str) -> None:
        self._channel, self._listening, self._queue = channel, listening, queue

    async def batch(self) -> list[Overheard]:
        """What was said since, at least one fact; ``ConnectionError`` when nothing will be heard."""
        listening = self._listening
        while not listening.arrived:
            if listening.lost:
                raise ConnectionError(listening.lost)
            listening.changed.clear()
            await listening.changed.wait()
        facts = [_overheard(message) for message in listening.arrived]
        listening.arrived.clear()
        return facts

    async def watch(self) -> None:
        """End with an error as soon as the broker does not know us any more."""
        while True:
            if self._listening.lost:
                raise ConnectionError(self._listening.lost)
            async with asyncio.timeout(_ANSWER_SECONDS):
                if await look_for(self._channel, self._queue) == 0:
                    raise ConnectionError("the broker does not know our consumer")
            await asyncio.sleep(_LOOK_SECONDS)


@asynccontextmanager
async def overhear(url: str, who: str, kinds: Iterable[str]) -> AsyncIterator[Ear]:
    """Everything that is said about subjects of ``kinds`` from now on."""
    async with connect(url, who) as connection:
        queue = f"{who}.{new_id()}"
        channel = await connection.channel(publisher_confirms=False)
        async with asyncio.timeout(DEADLINE_SECONDS):
            await channel.queue_declare(queue, exclusive=True, auto_delete=True)
            for kind in sorted(kinds):
                await channel.queue_bind(queue, EXCHANGE, routing_key=f"{kind}.#")
        listening = _ListeningChannel(connection, number := max(connection.channels) + 1)
        connection.channels[number] = listening
        async with asyncio.timeout(DEADLINE_SECONDS):
            await listening.open()
            await listening.basic_consume(queue, _never, no_ack=True, exclusive=True)
        yield Ear(channel, listening, queue)


def _overheard(message: DeliveredMessage) -> Overheard:
    return Overheard(message.routing_key or "", message.body)


async def _never(_: DeliveredMessage) -> None:
    """Deliveries do not take this way; the channel keeps them."""
