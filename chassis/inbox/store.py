"""Store: the facts that arrived and the numbers heard, in one statement, before anything is acknowledged."""

import asyncio
from collections.abc import Iterable, Sequence

import structlog
from aiormq.abc import DeliveredMessage

from chassis.broker import Consumer
from chassis.database import Pool, reading
from chassis.inbox.subscriptions import Subscriptions
from chassis.measures import STORED
from chassis.wire import Heard, Unreadable, heard_of

_log = structlog.get_logger()

_BATCH = 500
_PAUSE_SECONDS = 0.5

# Keys in order, `heard` last and by kind: two copies that are given the same facts again would else
# wait for each other.
_STORE = """
WITH i AS (
    INSERT INTO inbox (subject, revision, kind, number, event_id, type, body, recorded_at, request_id, state, due_at)
    SELECT subject, revision, kind, number, event_id, type, body, recorded_at, request_id, state,
           CASE WHEN state = 'ready' THEN clock_timestamp() END
      FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[], $5::uuid[], $6::text[], $7::bytea[],
                  $8::timestamptz[], $9::text[], $10::text[])
        AS f(subject, revision, kind, number, event_id, type, body, recorded_at, request_id, state)
     ORDER BY subject, revision
        ON CONFLICT DO NOTHING
    RETURNING 1
), l AS (
    SELECT kind FROM heard
     WHERE kind = ANY($11::text[]) AND (SELECT count(*) FROM i) >= 0
     ORDER BY kind FOR UPDATE
)
UPDATE heard SET got = heard.got + x.r
  FROM l
  JOIN (SELECT kind, range_agg(int8range(a, b)) AS r
          FROM unnest($11::text[], $12::bigint[], $13::bigint[]) AS t(kind, a, b)
         GROUP BY kind) x USING (kind)
 WHERE heard.kind = l.kind
"""


class Store:
    """Puts facts into the inbox, from whichever way they came."""

    def __init__(self, pool: Pool, subscriptions: Subscriptions) -> None:
        self._pool, self._subscriptions = pool, subscriptions
        #: Set whenever something was stored; the applier waits for it.
        self.stored = asyncio.Event()

    async def facts(
        self, facts: Iterable[Heard], covered: Sequence[tuple[str, int, int]] = ()
    ) -> None:
        """Store ``facts``; ``covered`` are ranges (kind, from, to) in which there is nothing else to hear."""
        wanted = [f for f in facts if f.kind in self._subscriptions.kinds]
        spans = [*covered, *ranges(wanted)]
        if not spans:
            return
        states = ["held" if self._subscriptions.holds(f.type) else "ready" for f in wanted]
        columns = list(zip(*wanted, strict=True)) or [()] * len(Heard._fields)
        async with reading(self._pool) as conn:
            await conn.execute(
                _STORE,
                *columns,
                states,
                [kind for kind, _, _ in spans],
                [first for _, first, _ in spans],
                [end for _, _, end in spans],
            )
        STORED.labels("comparison" if covered else "broker").inc(len(wanted))
        self.stored.set()

    async def deliveries(self, consumer: Consumer) -> None:
        """Take what arrives at ``consumer``, store it, acknowledge it; until an error ends it."""
        while True:
            batch = await consumer.batch(_BATCH)
            await self._surely(batch)
            await consumer.acknowledge(batch[-1])

    async def _surely(self, batch: Sequence[DeliveredMessage]) -> None:
        """While the database is away the deliveries are held, never handed back."""
        facts, unreadable = _read(batch)
        while True:
            try:
                if unreadable:
                    await self._quarantine(unreadable)
                    unreadable = []
                await self.facts(facts)
            except Exception as why:
                _log.warning("facts are not stored yet", why=repr(why), waiting=len(batch))
                await asyncio.sleep(_PAUSE_SECONDS)
            else:
                return

    async def _quarantine(self, unreadable: Sequence[tuple[bytes, str]]) -> None:
        """Keep what is no fact for somebody to look at; if it was one, the comparison fetches it again."""
        async with reading(self._pool) as conn:
            await conn.executemany("INSERT INTO quarantine (raw, why) VALUES ($1, $2)", unreadable)
        _log.error("unreadable messages put aside", count=len(unreadable), why=unreadable[0][1])


def _read(batch: Iterable[DeliveredMessage]) -> tuple[list[Heard], list[tuple[bytes, str]]]:
    facts, unreadable = [], []
    for message in batch:
        try:
            facts.append(heard_of(message))
        except Unreadable as why:
            unreadable.append((message.body, str(why).replace("\0", "")))
    return facts, unreadable


def ranges(facts: Iterable[Heard]) -> list[tuple[str, int, int]]:
    """The numbers of ``facts`` as (kind, from, to) with ``to`` excluded, neighbours joined."""
    found: list[tuple[str, int, int]] = []
    for kind, number in sorted({(f.kind, f.number) for f in facts}):
        if found and found[-1][0] == kind and found[-1][2] == number:
            found[-1] = (kind, found[-1][1], number + 1)
        else:
            found.append((kind, number, number + 1))
    return found
