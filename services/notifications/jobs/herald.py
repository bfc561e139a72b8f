"""Spreads announcements to their readers, writes digests when their window ends, and mailings row by row."""

import asyncio
from functools import partial

from chassis.clock import now
from chassis.database import Pool, transaction
from chassis.patience import patiently
from services.notifications.commands import announcements, digests, mailings
from services.notifications.commands.letters import Desk
from services.notifications.store.digests import close_windows

_POLL_SECONDS, _STILL_SECONDS = 0.3, 2.0


class Herald:
    """One copy of the telling job; any number of them share the work."""

    def __init__(self, pool: Pool, desk: Desk) -> None:
        self._pool, self._desk = pool, desk

    async def run(self) -> None:
        """Tell readers until cancelled; whatever was begun is committed or never was."""
        seldom = partial(patiently, pause=_POLL_SECONDS, still=_STILL_SECONDS)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(seldom("spread", self.spread))
            tasks.create_task(seldom("digests", self.digest))
            tasks.create_task(seldom("mailings", self.mail))

    async def spread(self) -> bool:
        """Tell the next readers; whether there were any."""
        async with transaction(self._pool) as conn:
            return await announcements.spread(conn, now())

    async def digest(self) -> bool:
        """Close windows whose time has come and write their digests; whether there were any."""
        async with transaction(self._pool) as conn:
            await close_windows(conn, now())
        async with transaction(self._pool) as conn:
            return await digests.make_digests(conn, self._desk, now())

    async def mail(self) -> bool:
        """Write the next rows of mailings; whether there were any."""
        async with transaction(self._pool) as conn:
            return await mailings.write_rows(conn, self._desk)
