"""What benefits does by itself: what is due comes about, as of the instant it was due."""

import asyncio
from functools import partial

from chassis.clock import now
from chassis.database import Pool, reading, transaction
from chassis.patience import patiently
from services.benefits.commands import asking_again, entitlements, evidence, using_up
from services.benefits.store import measure_use

#: So often is looked while nothing stirs: only time, or a copy that died, leaves anything to do.
_STILL_SECONDS = 2.0
#: Seconds between two looks at every measure.
_SWEEP = 60.0


class Timekeeper:
    """One copy of the jobs; any number of them share the work."""

    def __init__(self, pool: Pool, *, every: float = 0.2) -> None:
        self._pool, self._every = pool, every

    async def run(self) -> None:
        """Work until cancelled."""
        seldom = partial(patiently, pause=self._every, still=_STILL_SECONDS)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(seldom("entitlements", self.entitlements))
            tasks.create_task(seldom("answers", self.answers))
            tasks.create_task(seldom("line", self.line))
            tasks.create_task(seldom("use", self.use))
            tasks.create_task(patiently("use everywhere", self.use_everywhere, pause=_SWEEP))
            tasks.create_task(seldom("evidence", self.evidence))

    async def entitlements(self) -> bool:
        """Remind of the entitlement that is due first, or let it lapse."""
        async with transaction(self._pool) as conn:
            return await entitlements.come_about(conn, now=now())

    async def answers(self) -> bool:
        """Reject who did not answer, or did not come, in time."""
        async with transaction(self._pool) as conn:
            return await asking_again.let_pass(conn, now=now())

    async def line(self) -> bool:
        """Give a place that became free to who waited longest."""
        async with transaction(self._pool) as conn:
            return await asking_again.move_up(conn, now=now())

    async def use(self) -> bool:
        """Say where nothing is left any more, or something is again, of what moved a moment ago."""
        return await self._say_use(everywhere=False)

    async def use_everywhere(self) -> bool:
        """The same of every measure, for what was missed."""
        await self._say_use(everywhere=True)
        return False

    async def _say_use(self, *, everywhere: bool) -> bool:
        async with reading(self._pool) as conn:
            found = await measure_use.unsaid(conn, everywhere=everywhere)
        for measure_id in found:
            async with transaction(self._pool) as conn:
                await using_up.say(conn, measure_id, now())
        return False

    async def evidence(self) -> bool:
        """Look through the file that waits longest."""
        async with transaction(self._pool) as conn:
            return await evidence.inspect_next(conn)
