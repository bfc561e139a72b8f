"""What days bring to matches: proposals nobody answered, contracts that begin and end."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from chassis.clock import day_of, now
from chassis.database import Connection, Pool, reading, transaction
from chassis.patience import patiently
from services.registry.commands import agreements as acts
from services.registry.commands import matches as commands
from services.registry.store import agreements, matches

_AT_ONCE = 50
_PAUSE_SECONDS = 5.0


class MatchKeeper:
    """Does on each day what is due; any number of copies may, each thing happens once."""

    def __init__(self, pool: Pool, *, clock: Callable[[], datetime] = now) -> None:
        self._pool, self._clock = pool, clock

    async def run(self) -> None:
        """Look for what is due until cancelled."""
        await patiently("matches due", self.turn, pause=_PAUSE_SECONDS)

    async def turn(self) -> bool:
        """Do what is due, each thing in its own transaction; whether anything was."""
        at = self._clock()
        today = day_of(at)
        async with reading(self._pool) as conn:
            unanswered = await matches.unanswered(conn, today, _AT_ONCE)
            beginning = await matches.about_to_begin(conn, today, _AT_ONCE)
            over = await agreements.over(conn, today, _AT_ONCE)

        async def expire(conn: Connection, match_id: UUID) -> object:
            return await commands.expire(conn, match_id, today, at)

        async def begin(conn: Connection, match_id: UUID) -> object:
            return await commands.begin(conn, match_id, today, at)

        async def end(conn: Connection, contract_id: UUID) -> object:
            return await acts.end_over(conn, contract_id, today, at)

        await self._each(expire, unanswered)
        await self._each(begin, beginning)
        await self._each(end, over)
        return bool(unanswered or beginning or over)

    async def _each(
        self, act: Callable[[Connection, UUID], Awaitable[object]], ids: list[UUID]
    ) -> None:
        for found in ids:
            async with transaction(self._pool) as conn:
                await act(conn, found)
