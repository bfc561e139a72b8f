"""Handlers are run: in the order the facts were numbered, many at once where a handler takes many."""

from collections.abc import Iterable, Sequence

import asyncpg
import structlog
from pydantic import ValidationError

from chassis.database import Connection
from chassis.inbox.rows import Row
from chassis.inbox.subscriptions import Subscriptions
from chassis.outbox import flush
from contracts.event import Fact

#: Faults of the moment, not of a fact: the same again later.
PASSING = (
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.InsufficientResourcesError,
    asyncpg.ReadOnlySQLTransactionError,
)


class UnreadableBody(Exception):
    """A fact whose body its own class cannot read: trying again will not help."""


def sort_out(rows: Iterable[Row]) -> tuple[list[Row], list[Row], list[Row]]:
    """What is next in its subject, what has to wait, and what had counted before."""
    go, aside, before = [], [], []
    reached: dict[str, int] = {}
    for row in sorted(rows, key=lambda r: (r.subject, r.revision)):
        last = reached.get(row.subject, row.applied or 0)
        if row.revision <= last:
            before.append(row)
        elif row.revision == last + 1:
            reached[row.subject] = row.revision
            go.append(row)
        else:
            aside.append(row)
    return go, aside, before


async def run(conn: Connection, subscriptions: Subscriptions, rows: Iterable[Row]) -> None:
    """Run the handlers of ``rows``.

    Facts for a batch handler are gathered, but never overtaken by another type of the same subject.
    """
    gathered: dict[str, list[Fact]] = {}
    gathered_as: dict[str, str] = {}

    async def flush_type(type_: str) -> None:
        facts = gathered.pop(type_, None)
        if facts:
            await subscriptions.batch[type_](conn, facts)

    for row in sorted(rows, key=lambda r: (r.number, r.kind)):
        earlier = gathered_as.get(row.subject)
        if earlier is not None and earlier != row.type:
            await flush_type(earlier)
            gathered_as.pop(row.subject)
        if row.type in subscriptions.batch:
            gathered.setdefault(row.type, []).append(read(subscriptions, row))
            gathered_as[row.subject] = row.type
        elif row.type in subscriptions.handlers:
            await _one(conn, subscriptions, row)
    for type_ in list(gathered):
        await flush_type(type_)


async def _one(conn: Connection, subscriptions: Subscriptions, row: Row) -> None:
    with structlog.contextvars.bound_contextvars(request_id=row.request_id):
        await subscriptions.handlers[row.type](conn, read(subscriptions, row))


def read(subscriptions: Subscriptions, row: Row) -> Fact:
    """The fact in ``row``, as its class reads it."""
    return read_as(subscriptions, row.type, row.kind, row.subject, row.revision, row.body)


def read_as(
    subscriptions: Subscriptions, type_: str, kind: str, subject: str, revision: int, body: bytes
) -> Fact:
    """The fact in ``body``; it must speak about what its envelope says."""
    try:
        fact = subscriptions.known[type_].model_validate_json(body)
    except ValidationError as why:
        raise UnreadableBody(str(why)[:2000]) from why
    if f"{kind.partition('.')[0]}.{fact.subject}" != subject or fact.revision != revision:
        raise UnreadableBody(f"it says {fact.subject}@{fact.revision} inside")
    return fact


async def attempt(
    conn: Connection,
    subscriptions: Subscriptions,
    rows: Sequence[Row],
    failed: dict[str, tuple[Row, Exception]],
) -> list[Row]:
    """Run ``rows`` by halves in savepoints: every good one goes through, every bad one is named in ``failed``."""
    rows = [row for row in rows if row.subject not in failed]
    if not rows:
        return []
    try:
        async with conn.transaction():
            await run(conn, subscriptions, rows)
            # What the handlers said is checked by the database here, so that it is not blamed on others.
            await flush(conn)
    except PASSING:
        raise
    except Exception as why:
        conn.gathered.clear()
        if conn.is_closed():
            raise
        if len(rows) == 1:
            failed[rows[0].subject] = (rows[0], why)
            return []
        half = len(rows) // 2
        first = await attempt(conn, subscriptions, rows[:half], failed)
        return first + await attempt(conn, subscriptions, rows[half:], failed)
    return list(rows)
