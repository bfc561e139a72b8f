"""What scheduling does by itself: what is due comes about, as of the instant it was due."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial

from chassis.clock import now
from chassis.database import Pool, transaction
from chassis.patience import patiently
from services.scheduling.commands import deadlines, maintenance, seats, sessions

#: What need not come about to the second is looked at so often while nothing stirs.
_STILL_SECONDS = 1.0


class Timekeeper:
    """One copy of the jobs; any number of them share the work."""

    def __init__(
        self, pool: Pool, *, every: float = 0.2, clock: Callable[[], datetime] = now
    ) -> None:
        self._pool, self._every, self._clock = pool, every, clock

    async def run(self) -> None:
        """Work until cancelled."""
        seldom = partial(patiently, pause=self._every, still=_STILL_SECONDS)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(patiently("windows", self.windows, pause=self._every))
            tasks.create_task(seldom("sessions", self.sessions))
            tasks.create_task(seldom("deadlines", self.deadlines))
            tasks.create_task(seldom("reminders", self.reminders))

    async def windows(self) -> bool:
        """The window that is due begins or ends; whether there was one."""
        async with transaction(self._pool) as conn:
            return await maintenance.turn(conn, now=self._clock()) is not None

    async def sessions(self) -> bool:
        """The session that is due opens, closes or is held; whether there was one."""
        async with transaction(self._pool) as conn:
            return await sessions.turn(conn, now=self._clock()) is not None

    async def deadlines(self) -> bool:
        """The reminder or passing that is due is said; whether there was one."""
        async with transaction(self._pool) as conn:
            return await deadlines.turn(conn, now=self._clock()) is not None

    async def reminders(self) -> bool:
        """Those with a seat in the session that comes next are reminded of it; whether there were any."""
        async with transaction(self._pool) as conn:
            return await seats.remind(conn, now=self._clock())
