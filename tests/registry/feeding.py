"""Numbers facts as the relay does, without a broker."""

from chassis.database import Pool, connection_of
from chassis.relay import Handover, Numberer


async def numbered(pool: Pool) -> None:
    """Every fact said so far has its place in the log and in its feeds."""
    async with connection_of(pool) as conn:
        numberer = Numberer(conn, Handover())
        while await numberer.batch():
            pass
