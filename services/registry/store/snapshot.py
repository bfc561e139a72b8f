"""The feed, reduced to the last entry of each subject."""

from chassis.database import Connection
from chassis.feeds import RECORDED_AT, Entry
from services.registry.model.feed import FEED

_LAST_OF_EACH = f"""
SELECT position, event_id, type, subject, revision, recorded_at, body, chain
  FROM (
    SELECT DISTINCT ON (e.subject COLLATE "C")
           f.position, e.event_id, e.type, e.subject, e.revision, {RECORDED_AT} AS recorded_at, e.body, f.chain
      FROM feed_entries f
      JOIN events e USING (seq)
     WHERE f.feed = '{FEED}' AND f.position <= $1
     ORDER BY e.subject COLLATE "C", f.position DESC
  ) AS last
 ORDER BY subject COLLATE "C"
"""


async def last_entries(conn: Connection, position: int) -> list[Entry]:
    """The last entry of each subject up to a position, in the order of subjects."""
    return [Entry(*row) for row in await conn.fetch(_LAST_OF_EACH, position)]


async def chain_at(conn: Connection, position: int) -> bytes | None:
    """The chain at a position; None if the feed has no such entry."""
    found: bytes | None = await conn.fetchval(
        "SELECT chain FROM feed_entries WHERE feed = $1 AND position = $2", FEED, position
    )
    return found
