"""What ``/metrics`` tells about facts on their way out and in."""

import asyncio

from prometheus_client import Counter, Gauge

from chassis.database import Pool, reading

NUMBERED = Counter("facts_numbered_total", "Facts that were given their numbers by this process")
CARRIED = Counter("facts_carried_total", "Facts the broker confirmed to this process")
STORED = Counter("facts_stored_total", "Facts this process put into the inbox", ["way"])
APPLIED = Counter("facts_applied_total", "Facts this process applied")
FAILED = Counter("facts_failed_total", "Trials of facts that failed in this process", ["type"])
INBOX = Gauge("inbox_facts", "Facts in the inbox of the service", ["state"])
OUTBOX = Gauge("outbox_facts", "Facts of the service that have no number yet")
UNCONFIRMED = Gauge("unconfirmed_facts", "Numbered facts the broker has not confirmed")
LAG = Gauge("inbox_oldest_seconds", "Age of the oldest fact in the inbox that is not stuck")

_EVERY_SECONDS = 5.0
_STATES = ("ready", "retry", "waiting", "held", "parked")
_INBOX = "SELECT state, count(*) FROM inbox GROUP BY state"
_LAG = """
SELECT coalesce(extract(epoch FROM clock_timestamp() - min(received_at)), 0)
  FROM inbox WHERE state IN ('ready', 'retry')
"""
_OUT = """
SELECT (SELECT count(*) FROM outbox),
       (SELECT coalesce(max(position), 0) FROM log) - (SELECT published FROM relay)
"""


async def measure(pool: Pool) -> None:
    """Keep the gauges of the service up to date until an error ends it."""
    while True:
        async with reading(pool) as conn:
            found = {row[0]: row[1] for row in await conn.fetch(_INBOX)}
            LAG.set(float(await conn.fetchval(_LAG)))
            row = await conn.fetchrow(_OUT)
        for state in _STATES:
            INBOX.labels(state).set(found.get(state, 0))
        if row is not None:
            OUTBOX.set(row[0])
            UNCONFIRMED.set(max(row[1], 0))
        await asyncio.sleep(_EVERY_SECONDS)
