"""What a database needs before its service can hear: a row in ``heard`` for each kind."""

from collections.abc import Iterable

import asyncpg


async def ready_to_hear(owner_url: str, kinds: Iterable[str]) -> list[str]:
    """Make the rows of ``heard``; answer the kinds that have a row and are not listened to any more.

    A new kind starts with nothing heard: the comparison then fetches all of it from its speaker.
    """
    conn = await asyncpg.connect(owner_url)
    try:
        wanted = sorted(set(kinds))
        await conn.execute(
            "INSERT INTO heard (kind) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING", wanted
        )
        rows = await conn.fetch(
            "SELECT kind FROM heard WHERE kind <> ALL($1::text[]) ORDER BY kind", wanted
        )
        return [row["kind"] for row in rows]
    finally:
        await conn.close()
