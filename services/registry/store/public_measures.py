"""The public measures as the feed tells them: how each stands, and what came since."""

from collections.abc import Sequence

from chassis.database import Connection, Record
from services.registry.model.feed import FEED

_STANDING = f"""
WITH said AS (
    SELECT e.subject, e.type, e.body, e.recorded_at, f.position
      FROM feed_entries f
      JOIN events e USING (seq)
     WHERE f.feed = '{FEED}' AND f.position <= $1 AND e.kind = 'registry.measure'
), last AS (
    SELECT subject, min(recorded_at) AS published_at, max(position) AS position,
           (array_agg(type ORDER BY position DESC) FILTER (WHERE type <> ALL ($2)))[1] AS stands_by,
           (array_agg(type ORDER BY position DESC) FILTER (WHERE type = ANY ($3)))[1] AS used_by
      FROM said
     GROUP BY subject
)
SELECT said.body, said.type, said.recorded_at, last.stands_by, last.used_by, last.published_at
  FROM last JOIN said USING (subject, position)
 ORDER BY last.published_at, said.subject
"""


async def standing(
    conn: Connection, position: int, *, not_by: Sequence[str], used_by: Sequence[str]
) -> list[Record]:
    """The last fact of each measure up to a position, with the last not of types ``not_by``, and of ``used_by``."""
    return await conn.fetch(_STANDING, position, list(not_by), list(used_by))


async def said_since(conn: Connection, after: int, limit: int) -> list[Record]:
    """What the feed tells after a position, of everything; measures are told by their ``kind``."""
    return await conn.fetch(
        """
        SELECT f.position, e.kind, e.type, e.body, e.recorded_at
          FROM feed_entries f
          JOIN events e USING (seq)
         WHERE f.feed = $1 AND f.position > $2
         ORDER BY f.position
         LIMIT $3
        """,
        FEED,
        after,
        limit,
    )
