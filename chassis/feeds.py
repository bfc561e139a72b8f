"""Feeds: named selections of a service's facts, each with its own gap-free positions and hash chain."""

import asyncio
import hashlib
from dataclasses import dataclass, field
from uuid import UUID

from chassis.database import Connection, Pool, reading
from chassis.patience import stir
from chassis.wire import Said

#: The chain before the first entry.
NOTHING = bytes(32)
#: One instant, written one way: it is hashed.
RECORDED_AT = """to_char(e.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
#: How soon a feed is looked at again after a stir of this process, and how often for what another copy said.
_PAUSE_SECONDS, _STILL_SECONDS = 0.1, 0.5


@dataclass(frozen=True, slots=True)
class Entry:
    """One fact at its place in a feed."""

    position: int
    event_id: UUID
    type: str
    subject: str
    revision: int
    recorded_at: str
    body: bytes
    #: SHA-256 over the chain before it and this entry; equal at equal positions for everybody, for ever.
    chain: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """How far a feed goes."""

    position: int
    chain: bytes


def link(
    before: bytes,
    position: int,
    event_id: UUID | str,
    type_: str,
    subject: str,
    revision: int,
    recorded_at: str,
    body: bytes,
) -> bytes:
    """The chain at an entry: ``sha256(chain before it, its six fields a line each, its body)``."""
    fields = f"{position}\n{event_id}\n{type_}\n{subject}\n{revision}\n{recorded_at}\n"
    return hashlib.sha256(before + fields.encode() + body).digest()


def linked(before: bytes, position: int, said: Said) -> bytes:
    """The chain when ``said`` becomes the entry at ``position``."""
    return link(
        before,
        position,
        said.event_id,
        said.type,
        said.subject,
        said.revision,
        said.recorded_at,
        said.body,
    )


_ENTRIES = f"""
SELECT f.position, e.event_id, e.type, e.subject, e.revision, {RECORDED_AT} AS recorded_at, e.body, f.chain
  FROM feed_entries f
  JOIN events e USING (seq)
 WHERE f.feed = $1 AND f.position > $2
 ORDER BY f.position
 LIMIT $3
"""


async def entries(conn: Connection, feed: str, after: int, limit: int) -> list[Entry]:
    """At most ``limit`` entries that come after position ``after``."""
    return [Entry(*row) for row in await conn.fetch(_ENTRIES, feed, after, limit)]


async def head(conn: Connection, feed: str) -> Head:
    """How far ``feed`` goes now."""
    row = await conn.fetchrow("SELECT position, chain FROM heads WHERE name = $1", f"feed:{feed}")
    return Head(row["position"], row["chain"]) if row else Head(0, NOTHING)


@dataclass(slots=True)
class Watch:
    """Tells all who wait for a feed to grow; one query at a time for however many there are."""

    pool: Pool
    _heads: dict[str, int] = field(default_factory=dict)
    _grown: asyncio.Event = field(default_factory=asyncio.Event)
    _waiting: int = 0
    _looking: "asyncio.Task[None] | None" = None

    async def grown(self, feed: str, after: int, seconds: float) -> bool:
        """Whether ``feed`` has an entry after ``after``, waiting up to ``seconds`` for one."""
        self._waiting += 1
        try:
            if self._looking is None or self._looking.done():
                self._looking = asyncio.create_task(self._look())
            async with asyncio.timeout(seconds):
                while self._heads.get(feed, 0) <= after:
                    await self._grown.wait()
        except TimeoutError:
            return self._heads.get(feed, 0) > after
        finally:
            self._waiting -= 1
        return True

    async def _look(self) -> None:
        while self._waiting:
            seen = stir.count
            async with reading(self.pool) as conn:
                rows = await conn.fetch(
                    "SELECT substr(name, 6) AS feed, position FROM heads WHERE name LIKE 'feed:%'"
                )
            self._heads = {row["feed"]: row["position"] for row in rows}
            # Whoever waits now is woken, and the next ones wait for the next look.
            self._grown.set()
            self._grown = asyncio.Event()
            await asyncio.sleep(_PAUSE_SECONDS)
            await stir.rest(seen, _STILL_SECONDS - _PAUSE_SECONDS)
