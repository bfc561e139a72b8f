"""Numbered facts go to the broker in order, several batches in flight, and are told again until confirmed."""

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from chassis.broker import Publisher, loud
from chassis.broker.connection import DEADLINE_SECONDS
from chassis.database import Pool, reading
from chassis.feeds import RECORDED_AT
from chassis.measures import CARRIED
from chassis.relay.numbering import Handover
from chassis.wire import Said

_BATCH = 500
_IN_FLIGHT = 4
#: How often ``relay.published`` moves under load.
_NOTE_SECONDS = 0.1
#: How often ``log`` is looked at when the numberer hands nothing over.
_LOOK_SECONDS = 1.0

OpenPublisher = Callable[[], AbstractAsyncContextManager[Publisher]]
#: The last position of each batch, how many it has, and its confirmation.
_InFlight = asyncio.Queue[tuple[int, int, "asyncio.Future[None]"]]

_NEXT = f"""
SELECT l.position, l.kind, l.number, l.seq, e.event_id::text, e.subject, e.revision, e.type, e.body,
       {RECORDED_AT} AS recorded_at, e.request_id
  FROM log l
  JOIN events e USING (seq)
 WHERE l.position >= $1
 ORDER BY l.position
 LIMIT $2
"""


class ToldAgain(Exception):
    """Somebody wants what was carried before to be carried again."""


class Carrier:
    """Carries from where the broker last confirmed; any failure ends it, and a new one starts over."""

    def __init__(self, pool: Pool, handover: Handover) -> None:
        self._pool, self._handover = pool, handover
        self._noted_last = 0

    async def run(self, open_publisher: OpenPublisher, connected: Callable[[], None]) -> None:
        """Carry until an error ends it."""
        self._noted_last = await self._noted()
        # One more is being confirmed and one more is written already.
        in_flight: _InFlight = asyncio.Queue(maxsize=_IN_FLIGHT - 2)
        async with open_publisher() as publisher, asyncio.TaskGroup() as tasks:
            connected()
            tasks.create_task(loud(self._send(publisher, in_flight)))
            tasks.create_task(loud(self._confirm(in_flight)))

    async def _send(self, publisher: Publisher, in_flight: _InFlight) -> None:
        position = self._noted_last + 1
        while True:
            batch = await self._next(position)
            future = await publisher.send(batch)
            position = batch[-1].position + 1
            await in_flight.put((position - 1, len(batch), future))

    async def _next(self, position: int) -> list[Said]:
        while True:
            self._handover.changed.clear()
            batch = self._handover.take(position, _BATCH) or await self._from_log(position)
            if batch:
                return batch
            try:
                async with asyncio.timeout(_LOOK_SECONDS):
                    await self._handover.changed.wait()
            except TimeoutError:
                if await self._noted() < self._noted_last:
                    raise ToldAgain from None

    async def _from_log(self, position: int) -> list[Said]:
        async with reading(self._pool) as conn:
            return [Said(*row) for row in await conn.fetch(_NEXT, position, _BATCH)]

    async def _confirm(self, in_flight: _InFlight) -> None:
        noted = 0.0
        while True:
            position, count, future = await in_flight.get()
            async with asyncio.timeout(DEADLINE_SECONDS):
                await future
            CARRIED.inc(count)
            if in_flight.empty() or time.monotonic() - noted > _NOTE_SECONDS:
                await self._note(position)
                noted = time.monotonic()

    async def _noted(self) -> int:
        async with reading(self._pool) as conn:
            return int(await conn.fetchval("SELECT published FROM relay"))

    async def _note(self, position: int) -> None:
        async with reading(self._pool) as conn:
            noted = await conn.fetchval(
                "UPDATE relay SET published = greatest(published, $1) WHERE published >= $2"
                " RETURNING published",
                position,
                self._noted_last,
            )
        if noted is None:
            raise ToldAgain
        self._noted_last = noted
