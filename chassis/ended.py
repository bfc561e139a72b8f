"""Sessions and machine clients that ended: their tokens are refused until they would have expired anyway."""

import asyncio
import math
from uuid import UUID

import structlog

from chassis.access import Keys
from chassis.database import Connection, Pool, reading

_log = structlog.get_logger()

#: No token lives longer; a row is written no longer than that after it was begun; rows are deleted so often.
_OLDEST_SECONDS, _LATE_SECONDS, _FORGET_SECONDS = 1200.0, 60.0, 3600.0
_ENDED = """
SELECT id::text, extract(epoch FROM now() - at)::float8 AS age
  FROM refused
 WHERE at > now() - make_interval(secs => $1)
"""


async def refuse(conn: Connection, ended: UUID) -> None:
    """From this commit on, tokens of the session or client ``ended`` are refused by every copy."""
    await conn.execute("INSERT INTO refused (id) VALUES ($1) ON CONFLICT DO NOTHING", ended)


async def refusing(pool: Pool, keys: Keys, *, every: float = 0.5) -> None:
    """Keep ``keys.refused`` up to date, and forget for good who ended before the oldest token was made."""
    ended: dict[str, float] = {}
    read_at = forgot_at = -math.inf
    while True:
        at = asyncio.get_running_loop().time()
        try:
            async with reading(pool) as conn:
                if at - forgot_at > _FORGET_SECONDS:
                    await conn.execute("DELETE FROM refused WHERE at < now() - interval '1 day'")
                    forgot_at = at
                # Only what came since the last look, also from a transaction that was slow to end.
                rows = await conn.fetch(_ENDED, min(at - read_at + _LATE_SECONDS, _OLDEST_SECONDS))
            ended = {i: t for i, t in ended.items() if t > at - _OLDEST_SECONDS}
            ended |= {row["id"]: at - row["age"] for row in rows}
            keys.refused = frozenset(ended)
            read_at = at
        except Exception as why:
            _log.warning("refused tokens not read", why=repr(why))
        await asyncio.sleep(every)
