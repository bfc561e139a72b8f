"""What benefits does by itself: what is due comes about, as of the instant it was due."""

import asyncio

from chassis.database import Pool


class Timekeeper:
    """One copy of the jobs; any number of them share the work."""

    def __init__(self, pool: Pool, *, every: float = 0.2) -> None:
        self._pool, self._every = pool, every

    async def run(self) -> None:
        """Work until cancelled."""
        await asyncio.Event().wait()
