"""What days bring to what stands on the register: sides that left, services that rest and that are back."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from chassis.clock import day_of, now
from chassis.database import Connection, Pool, reading, transaction
from chassis.patience import patiently
from services.registry.commands import leaving, measure_course, measure_cover
from services.registry.store import cover, leavers

_AT_ONCE = 50
_PAUSE_SECONDS = 2.0


class CoverKeeper:
    """Ends matches of who left, rests measures nothing carries, and lets go on what is carried again.

    It looks at how things stand, not at what was said, so that whatever was missed is found the next time.
    """

    def __init__(self, pool: Pool, *, clock: Callable[[], datetime] = now) -> None:
        self._pool, self._clock = pool, clock

    async def run(self) -> None:
        """Look for what has to be done until cancelled."""
        await patiently("cover", self.turn, pause=_PAUSE_SECONDS)

    async def turn(self) -> bool:
        """Do what has to be done, each thing in its own transaction; whether anything was."""
        at = self._clock()
        today = day_of(at)

        async def end(conn: Connection, match_id: UUID) -> bool:
            return await leaving.end_left(conn, match_id, today, at)

        async def look(conn: Connection, municipality_id: UUID) -> bool:
            return await measure_cover.look_again(conn, municipality_id, at)

        async def go_on(conn: Connection, measure_id: UUID) -> bool:
            return await measure_course.resume_itself(conn, measure_id, at) is not None

        async with reading(self._pool) as conn:
            left = await leavers.matches_left(conn, today, at, _AT_ONCE)
        ended = await self._each(end, left)
        async with reading(self._pool) as conn:
            bare = await cover.without_cover(conn, today, _AT_ONCE)
            again = await cover.carried_again(conn, today, at, _AT_ONCE)
        rested = await self._each(look, bare)
        return await self._each(go_on, again) or ended or rested

    async def _each(
        self, act: Callable[[Connection, UUID], Awaitable[bool]], ids: list[UUID]
    ) -> bool:
        done = False
        for found in ids:
            async with transaction(self._pool) as conn:
                done = await act(conn, found) or done
        return done
