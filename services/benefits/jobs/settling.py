"""What comes about around orders by itself: chosen services, statements, months that are over."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import structlog

from chassis.access import Keys
from chassis.clock import day_of, now
from chassis.database import Pool, reading, transaction
from chassis.patience import patiently
from chassis.refusal import Refusal
from services.benefits.commands import allocations, settlements, statements
from services.benefits.commands.allocations import HOLD, Office
from services.benefits.commands.naming import provider_refs
from services.benefits.store import saved

_log = structlog.get_logger()
_AT_ONCE = 20
_STILL_SECONDS = 2.0
_AGAIN = timedelta(minutes=10)
_BETWEEN_MONTHS = 600.0
#: So long after its end a month is counted, once and for all: whatever was being entered at midnight is there by then.
_ENTERED = timedelta(hours=1)


class Settler:
    """One copy of these jobs; any number of them share the work."""

    def __init__(
        self,
        pool: Pool,
        keys: Keys,
        *,
        clock: Callable[[], datetime] = now,
        every: float = 0.2,
        hold: timedelta = HOLD,
    ) -> None:
        self._pool, self._keys, self._clock = pool, keys, clock
        self._every, self._hold = every, hold
        #: What could not be allocated by itself is tried again later.
        self._later: dict[UUID, datetime] = {}
        self._looked_back = False

    async def run(self) -> None:
        """Work until cancelled."""
        seldom = partial(patiently, pause=self._every, still=_STILL_SECONDS)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(seldom("chosen services", self.chosen))
            tasks.create_task(seldom("statements", self.statements))
            tasks.create_task(patiently("months", self.months, pause=_BETWEEN_MONTHS))

    async def chosen(self) -> bool:
        """Allocate what was approved with a service chosen before; whether there was any."""
        at = self._clock()
        self._later = {one: then for one, then in self._later.items() if then > at}
        async with reading(self._pool) as conn:
            waiting = await saved.chosen(conn, list(self._later), _AT_ONCE)
        done = False
        for entitlement_id, saved_id in waiting:
            try:
                async with transaction(self._pool) as conn:
                    await allocations.allocate_saved(
                        conn, self._office(), entitlement_id, saved_id, chosen_by="system"
                    )
                done = True
            except Refusal as why:
                # It waits for the resident, who is reminded.
                self._later[entitlement_id] = at + _AGAIN
                _log.info("not allocated", entitlement_id=entitlement_id, why=why.code)
        return done

    async def statements(self) -> bool:
        """Compare the next lines of a statement; whether there were any."""
        async with transaction(self._pool) as conn:
            return await statements.compare_some(conn, self._clock())

    async def months(self) -> bool:
        """Close the months that are over."""
        at = self._clock()
        async with transaction(self._pool) as conn:
            done = await settlements.close_months(
                conn, day_of(at - _ENTERED), at, everything=not self._looked_back
            )
        self._looked_back = True
        return done

    def _office(self) -> Office:
        return Office(
            seal=lambda text: self._keys.seal("benefits", text),
            resident_ref=provider_refs(self._keys.tag),
            now=self._clock(),
            hold=self._hold,
        )
