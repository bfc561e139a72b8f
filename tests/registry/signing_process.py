"""The registry's signing job as a process of its own, to be killed.

Run: ``python -m tests.registry.signing_process DATABASE_URL SIMULATOR_URL SECONDS_AHEAD``.
"""

import asyncio
import sys
from datetime import timedelta

from chassis.clock import now
from chassis.database import open_pool
from services.registry.jobs import SigningClerk
from services.registry.outside.cloudsign import cloudsign


async def main(database: str, simulator: str, ahead: timedelta) -> None:
    """Attend to contracts until killed; the clock goes ahead, so that claims of the dead are over."""
    async with (
        open_pool(database, size=2, name="signing") as pool,
        cloudsign(simulator, "client", seconds=300) as service,
    ):
        await SigningClerk(pool, service, clock=lambda: now() + ahead).run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], timedelta(seconds=float(sys.argv[3]))))
