"""Every fact gets its position and its number in one committed statement, before anybody hears of it."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import asyncpg

from chassis.database import Record, UniqueViolation
from chassis.feeds import NOTHING, RECORDED_AT, linked
from chassis.measures import NUMBERED
from chassis.patience import stir
from chassis.wire import Said

_BATCH = 500
#: In-process wakes are the rule; this is for facts another copy said.
_POLL_SECONDS = 1.0
#: Statement 2 looks only this far back, so that dead index entries are not walked again and again …
_LOOK_BACK = 5_000
#: … except every so often, for transactions that drew their seq early and committed late.
_LOOK_AT_ALL_SECONDS = 2.0

_TO_DO = f"""
SELECT o.seq, e.kind, e.event_id::text, e.subject, e.revision, e.type, e.body, {RECORDED_AT} AS recorded_at,
       e.request_id, e.feeds
  FROM outbox o
  JOIN events e USING (seq)
 WHERE o.seq > $1
 ORDER BY o.seq
 LIMIT $2
"""

# A violated key means another relay was here: the whole statement is as if it had never been.
_NUMBER = """
WITH gone AS (
    DELETE FROM outbox WHERE seq = ANY($4)
), l AS (
    INSERT INTO log (position, kind, number, seq)
    SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[])
), f AS (
    INSERT INTO feed_entries (feed, position, seq, chain)
    SELECT * FROM unnest($5::text[], $6::bigint[], $7::bigint[], $8::bytea[])
)
INSERT INTO heads (name, position, chain)
SELECT * FROM unnest($9::text[], $10::bigint[], $11::bytea[])
ON CONFLICT (name) DO UPDATE SET position = excluded.position, chain = excluded.chain
"""


class Handover:
    """Numbered facts on their way from the numberer's memory to the carrier; a bounded short cut past ``log``."""

    def __init__(self, most: int = 4_000) -> None:
        self._fresh: deque[Said] = deque(maxlen=most)
        self.changed = asyncio.Event()

    def put(self, batch: Iterable[Said]) -> None:
        """Keep ``batch`` for a while; if nobody takes it, ``log`` still has it."""
        self._fresh.extend(batch)
        self.changed.set()

    def take(self, position: int, most: int) -> list[Said]:
        """The facts from ``position`` on, if it is still here."""
        fresh = self._fresh
        while fresh and fresh[0].position < position:
            fresh.popleft()
        if not fresh or fresh[0].position != position:
            return []
        return [fresh.popleft() for _ in range(min(most, len(fresh)))]


@dataclass(slots=True)
class _Rows:
    """The arguments of the numbering statement."""

    said: list[Said] = field(default_factory=list)
    entries: list[tuple[str, int, int, bytes]] = field(default_factory=list)


class Numberer:
    """Numbers what is in the outbox, batch after batch, over one connection of its own."""

    def __init__(self, conn: "asyncpg.Connection[Record]", handover: Handover) -> None:
        self._conn, self._handover = conn, handover
        self._heads: dict[str, tuple[int, bytes | None]] | None = None
        self._low = self._looked_at_all = 0.0

    async def run(self, beat: Callable[[], None] = lambda: None) -> None:
        """Number until an error ends it; ``beat`` is called every turn."""
        while True:
            beat()
            seen = stir.count
            numbered = await self.batch()
            if numbered < _BATCH:
                # Our own word, that feeds have grown, is none to us.
                await stir.rest(seen + (numbered > 0), _POLL_SECONDS)

    async def batch(self) -> int:
        """Number what is next; how many that were."""
        # The heads come first: loaded after the rows they could already count some of them.
        heads = self._heads or await self._load()
        rows = await self._conn.fetch(_TO_DO, self._lowest(), _BATCH)
        if not rows:
            return 0
        changed: dict[str, tuple[int, bytes | None]] = {}
        numbered = _numbered(rows, heads, changed)
        try:
            await self._write(numbered, changed)
        except UniqueViolation:
            self._heads = None
            return _BATCH
        heads.update(changed)
        NUMBERED.inc(len(rows))
        self._low = max(self._low, rows[-1]["seq"] - _LOOK_BACK)
        self._handover.put(numbered.said)
        stir.tell()
        return len(rows)

    async def _load(self) -> dict[str, tuple[int, bytes | None]]:
        rows = await self._conn.fetch("SELECT name, position, chain FROM heads")
        self._heads = {row["name"]: (row["position"], row["chain"]) for row in rows}
        return self._heads

    def _lowest(self) -> int:
        now = time.monotonic()
        if now - self._looked_at_all > _LOOK_AT_ALL_SECONDS:
            self._looked_at_all = now
            return 0
        return int(self._low)

    async def _write(self, rows: _Rows, heads: dict[str, tuple[int, bytes | None]]) -> None:
        await self._conn.execute(
            _NUMBER,
            [s.position for s in rows.said],
            [s.kind for s in rows.said],
            [s.number for s in rows.said],
            [s.seq for s in rows.said],
            [e[0] for e in rows.entries],
            [e[1] for e in rows.entries],
            [e[2] for e in rows.entries],
            [e[3] for e in rows.entries],
            list(heads),
            [position for position, _ in heads.values()],
            [chain for _, chain in heads.values()],
        )


def _numbered(
    rows: Iterable[Record],
    heads: dict[str, tuple[int, bytes | None]],
    changed: dict[str, tuple[int, bytes | None]],
) -> _Rows:
    """Each row with its position and number, and the entries it makes in feeds; ``changed`` takes the new heads."""

    def last(name: str) -> tuple[int, bytes | None]:
        return changed.get(name) or heads.get(name) or (0, None)

    out = _Rows()
    for seq, kind, event_id, subject, revision, type_, body, recorded_at, request_id, feeds in rows:
        position, number = last("")[0] + 1, last(kind)[0] + 1
        changed[""], changed[kind] = (position, None), (number, None)
        said = Said(
            position, kind, number, seq, event_id, subject, revision, type_, body, recorded_at, request_id
        )  # fmt: skip
        out.said.append(said)
        for feed in feeds or ():
            before, chain = last(name := f"feed:{feed}")
            chain = linked(chain or NOTHING, before + 1, said)
            changed[name] = (before + 1, chain)
            out.entries.append((feed, before + 1, seq, chain))
    return out
