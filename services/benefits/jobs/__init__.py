"""What benefits does by itself: what is due comes about, as of the instant it was due."""

import asyncio

from chassis.clock import now
from chassis.database import Pool, transaction
from chassis.patience import patiently
from services.benefits.commands import entitlements


class Timekeeper:
    """One copy of the jobs; any number of them share the work."""

    def __init__(self, pool: Pool, *, every: float = 0.2) -> None:
        self._pool, self._every = pool, every

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(patiently("entitlements", self.entitlements, pause=self._every))

    async def entitlements(self) -> bool:
        """Remind of the entitlement that is due first, or let it lapse."""
        async with transaction(self._pool) as conn:
            return await entitlements.come_about(conn, now=now())
