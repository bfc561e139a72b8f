"""What the registry does by itself as time passes."""

import asyncio
from datetime import datetime
from uuid import UUID

import structlog

from chassis.clock import now
from chassis.database import Away, Pool, reading, transaction
from chassis.feeds import Watch
from chassis.patience import patiently
from services.registry.commands.documents import inspect_next_document
from services.registry.commands.finding import Finder
from services.registry.commands.measure_course import take_due
from services.registry.model.feed import FEED
from services.registry.store import measures

_log = structlog.get_logger()
_LOOK_AGAIN_SECONDS = 30.0


async def inspect_documents(pool: Pool, *, every: float) -> None:
    """Look through quarantined documents, one in each transaction, for as long as the process lives."""
    while True:
        try:
            async with transaction(pool) as conn:
                found = await inspect_next_document(conn)
        except Away as why:
            _log.warning("documents not inspected", why=repr(why))
            found = None
        if found is None:
            await asyncio.sleep(every)


class DueMeasures:
    """Opens, closes and settles measures when it is time, one in each transaction.

    It goes round by when they were due, so that one that cannot be helped does not hold up the others.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._last: tuple[datetime, UUID] | None = None

    async def turn(self) -> bool:
        """Take the next measure that is due; whether there was one in this round."""
        async with reading(self._pool) as conn:
            self._last = await measures.next_due(conn, now(), after=self._last)
        if self._last is None:
            return False
        async with transaction(self._pool) as conn:
            await take_due(conn, self._last[1], now())
        return True

    async def run(self, *, every: float) -> None:
        """Take turns for as long as the process lives."""
        await patiently("measures due", self.turn, pause=every)


async def keep_finding(pool: Pool, watch: Watch, finder: Finder) -> None:
    """Build the search, then follow the feed for as long as the process lives, a fifth of a second behind."""

    async def turn() -> bool:
        if not await finder.follow(pool):
            await watch.grown(FEED, finder.position or 0, _LOOK_AGAIN_SECONDS)
        return True

    await patiently("search", turn)
