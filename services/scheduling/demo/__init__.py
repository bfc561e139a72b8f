"""Demo data: what the programme really held and announced, and something that is still to come."""

from datetime import datetime

from chassis.database import Pool, transaction
from services.scheduling.demo import sessions, windows


async def fill(pool: Pool, *, now: datetime) -> str:
    """Fill what is empty, each part whole or not at all; how much came in."""
    async with transaction(pool) as conn:
        planned = await windows.fill(conn, now=now)
    async with transaction(pool) as conn:
        held = await sessions.fill(conn, now=now)
    return f"{planned} maintenance windows and {held} sessions added"
