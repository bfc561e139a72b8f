"""The way out, first half: what is said is written in the transaction that makes it true."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from structlog.contextvars import get_contextvars

from chassis.database import Connection
from chassis.ids import new_id
from chassis.patience import stir
from contracts.event import Fact


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """The answer to a write, kept so that a repeat of the same ``Idempotency-Key`` hears the same bytes."""

    principal: str
    key: str
    request_hash: bytes
    status: int
    headers: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class AuditRow:
    """Who did what, in the same transaction as the deed."""

    actor: str
    organisation_id: str | None
    action: str
    details: str = "{}"


#: A fact with its feeds and the request that began it, which is not always the one that commits.
_Said = tuple[Fact, Sequence[str], str | None]


@dataclass(slots=True)
class _Gathered:
    facts: list[_Said] = field(default_factory=list)
    answer: StoredAnswer | None = None
    audit: AuditRow | None = None


def publish(conn: Connection, fact: Fact, feeds: Sequence[str] = ()) -> None:
    """Say ``fact`` with the transaction ``conn`` is in; ``feeds`` adds to those the fact always enters."""
    request_id = get_contextvars().get("request_id")
    _gathered(conn).facts.append((fact, (*fact.feeds, *feeds), request_id))


def remember(conn: Connection, *, answer: StoredAnswer | None, audit: AuditRow | None) -> None:
    """Keep the answer and the audit row with the transaction ``conn`` is in."""
    gathered = _gathered(conn)
    gathered.answer, gathered.audit = answer, audit


def gathered_facts(conn: Connection) -> list[Fact]:
    """What was said so far in the transaction ``conn`` is in, and is not written yet."""
    found: _Gathered | None = conn.gathered.get("outbox")
    return [fact for fact, *_ in found.facts] if found else []


def _gathered(conn: Connection) -> _Gathered:
    if not conn.is_in_transaction():
        raise RuntimeError("a fact is said inside the transaction that makes it true")
    found: _Gathered | None = conn.gathered.get("outbox")
    if found is None:
        found = conn.gathered["outbox"] = _Gathered()
        conn.before_commit.append(flush)
        conn.after_commit.append(stir.tell)
    return found


# The predecessor of each revision must have been said, before or in the same breath. It is asked for by a scalar query:
# of an EXISTS PostgreSQL would make a hash of every event there is, as long as it believes that there are few.
_FACTS = """
WITH f AS (
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::bytea[], $7::text[],
                         $8::text[])
        WITH ORDINALITY AS f(event_id, subject, revision, kind, type, body, feeds, request_id, n)
), e AS (
    INSERT INTO events (event_id, subject, revision, kind, type, body, request_id, actor, feeds)
    SELECT f.event_id, f.subject, f.revision, f.kind, f.type, f.body, f.request_id, $9,
           string_to_array(nullif(f.feeds, ''), ',')
      FROM f
     WHERE f.revision = 1
        OR (SELECT true FROM events p WHERE p.subject = f.subject AND p.revision = f.revision - 1 LIMIT 1)
        OR EXISTS (SELECT FROM f g WHERE g.subject = f.subject AND g.revision = f.revision - 1)
     ORDER BY f.n
    RETURNING seq
), o AS (
    INSERT INTO outbox (seq) SELECT seq FROM e
)
"""
# What a job or a handler writes has neither, and opens neither table for nothing.
_ANSWER_AND_AUDIT = """
, a AS (
    INSERT INTO answers (principal, key, request_hash, status, headers, body)
    SELECT $10, $11, $12::bytea, $13::int, $14::bytea, $15::bytea WHERE $11::text IS NOT NULL
), u AS (
    INSERT INTO audit (actor, organisation_id, action, subjects, request_id, details)
    SELECT $9, $16::uuid, $17, $2, $19, $18::jsonb WHERE $17::text IS NOT NULL
)
"""
_COUNT = "SELECT count(*) FROM e"


@asynccontextmanager
async def apart(conn: Connection) -> AsyncIterator[None]:
    """A part of a transaction that fails alone, with all it said, and is checked to its end before the next begins."""
    await flush(conn)
    try:
        async with conn.transaction():
            yield
            await flush(conn)
            # What is checked at the commit is checked here, so that it is not blamed on others.
            await conn.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    except BaseException:
        conn.gathered.clear()
        raise


async def flush(conn: Connection) -> None:
    """Write everything gathered in one statement; a fact whose predecessor was never said is an error."""
    gathered: _Gathered | None = conn.gathered.pop("outbox", None)
    if gathered is None:
        return
    facts, answer, audit = gathered.facts, gathered.answer, gathered.audit
    actor = audit.actor if audit else get_contextvars().get("actor")
    if answer or audit:
        besides = _answer_and_audit(answer, audit)
        everything = _FACTS + _ANSWER_AND_AUDIT + _COUNT
        written = await conn.fetchval(everything, *_columns(facts), actor, *besides)
    else:
        written = await conn.fetchval(_FACTS + _COUNT, *_columns(facts), actor)
    if written != len(facts):
        subjects = ", ".join(f"{f.subject}@{f.revision}" for f, *_ in facts)
        raise RuntimeError(f"a revision without its predecessor cannot be said: {subjects}")


def _columns(facts: Sequence[_Said]) -> tuple[list[object], ...]:
    return (
        [new_id() for _ in facts],
        [f.subject for f, *_ in facts],
        [f.revision for f, *_ in facts],
        [f.kind() for f, *_ in facts],
        [f.type for f, *_ in facts],
        [f.__pydantic_serializer__.to_json(f) for f, *_ in facts],
        [",".join(feeds) for _, feeds, _ in facts],
        [request_id for *_, request_id in facts],
    )


def _answer_and_audit(answer: StoredAnswer | None, audit: AuditRow | None) -> tuple[object, ...]:
    return (
        *((answer.principal, answer.key, answer.request_hash) if answer else (None, None, None)),
        *((answer.status, answer.headers, answer.body) if answer else (None, None, None)),
        *((audit.organisation_id, audit.action, audit.details) if audit else (None, None, None)),
        get_contextvars().get("request_id"),
    )
