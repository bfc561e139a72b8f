"""The statements by which inbox rows are claimed, put aside, tried again and finished."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.database import Connection, Record, UniqueViolation


@dataclass(frozen=True, slots=True)
class Row:
    """A fact in the inbox, claimed by the transaction that read it."""

    ctid: Any
    subject: str
    revision: int
    kind: str
    number: int
    type: str
    body: bytes
    request_id: str | None
    received_at: datetime
    attempts: int
    marks: int
    #: The last revision of the subject that counted; None when nothing of it did yet.
    applied: int | None


class Overtaken(Exception):
    """Another copy applied one of these subjects meanwhile."""


_COLUMNS = """
SELECT i.ctid, i.subject, i.revision, i.kind, i.number, i.type, i.body, i.request_id, i.received_at,
       i.attempts, i.marks, s.applied
  FROM inbox i
  LEFT JOIN subjects s USING (subject)
"""
# Rows, not subjects: copies skip each other's rows. An `applied` read too early is too low, which means
# "waits", never "twice".
_CLAIM = f"""{_COLUMNS}
 WHERE i.due_at <= clock_timestamp() AND i.attempts + i.marks = 0
 ORDER BY i.due_at LIMIT $1
   FOR UPDATE OF i SKIP LOCKED
"""
_CLAIM_ONE_AGAIN = f"""{_COLUMNS}
 WHERE i.due_at <= clock_timestamp() AND i.attempts + i.marks > 0
 ORDER BY i.due_at LIMIT 1
   FOR UPDATE OF i SKIP LOCKED
"""
_CLAIM_THESE = f"""{_COLUMNS}
  JOIN unnest($1::text[], $2::bigint[]) AS k(subject, revision)
    ON k.subject = i.subject AND k.revision = i.revision
 WHERE i.due_at IS NOT NULL
   FOR UPDATE OF i SKIP LOCKED
"""

#: Seconds a marked row has until whoever marked it holds it again; so much later it is tried after a crash.
_BEING_TRIED = 2.0


async def claim(conn: Connection, most: int) -> list[Row]:
    """The oldest due rows that were never tried."""
    return _rows(await conn.fetch(_CLAIM, most))


async def claim_one_again(conn: Connection) -> Row | None:
    """One due row that failed before, or whose trial nobody saw end."""
    rows = _rows(await conn.fetch(_CLAIM_ONE_AGAIN))
    return rows[0] if rows else None


async def claim_these(conn: Connection, rows: Iterable[Row]) -> list[Row]:
    """The same rows once more, as far as they are still there and nobody else has them."""
    keys = [(row.subject, row.revision) for row in rows]
    return _rows(
        await conn.fetch(_CLAIM_THESE, [subject for subject, _ in keys], [at for _, at in keys])
    )


def _rows(found: Iterable[Record]) -> list[Row]:
    return [Row(*row) for row in found]


async def mark(conn: Connection, rows: Iterable[Row]) -> None:
    """Leave a mark on ``rows``: if this process ends with them, the next one knows whom to suspect.

    For a moment they are due for nobody else: other copies would leave marks of their own on what is being tried.
    """
    await conn.execute(
        "UPDATE inbox SET marks = marks + 1, due_at = clock_timestamp() + make_interval(secs => $2)"
        " WHERE ctid = ANY($1::tid[])",
        [r.ctid for r in rows],
        _BEING_TRIED,
    )


async def unmark(conn: Connection, rows: Iterable[Row]) -> None:
    """Take back the mark left on ``rows``: their trial failed, and this process is still here."""
    keys = [(row.subject, row.revision) for row in rows]
    await conn.execute(
        "UPDATE inbox i SET marks = i.marks - 1 FROM unnest($1::text[], $2::bigint[]) AS k(subject, revision)"
        " WHERE k.subject = i.subject AND k.revision = i.revision AND i.marks > 0",
        [subject for subject, _ in keys],
        [at for _, at in keys],
    )


async def put_aside(conn: Connection, rows: Sequence[Row]) -> None:
    """Let ``rows`` wait for what comes before them; a mark is taken back, for nothing was tried."""
    if rows:
        await conn.execute(
            "UPDATE inbox SET state = 'waiting', due_at = NULL, marks = 0 WHERE ctid = ANY($1::tid[])",
            [r.ctid for r in rows],
        )


async def retry(conn: Connection, row: Row, why: str, seconds: float) -> None:
    """Try ``row`` again in ``seconds``."""
    await conn.execute(
        "UPDATE inbox SET state = 'retry', attempts = attempts + 1, marks = 0, why = $2,"
        " due_at = clock_timestamp() + make_interval(secs => $3) WHERE ctid = $1",
        row.ctid,
        why,
        seconds,
    )


async def park(conn: Connection, row: Row, why: str) -> None:
    """Leave ``row`` to an operator; only its subject waits for it."""
    await conn.execute(
        "UPDATE inbox SET state = 'parked', attempts = attempts + 1, marks = 0, why = $2, due_at = NULL"
        " WHERE ctid = $1",
        row.ctid,
        why,
    )


_FINISH = """
WITH d AS (
    DELETE FROM inbox WHERE ctid = ANY($1::tid[])
), x AS (
    SELECT * FROM unnest($2::text[], $3::bigint[], $4::bigint[]) AS x(subject, upto, since)
), u AS (
    UPDATE subjects SET applied = x.upto FROM x
     WHERE subjects.subject = x.subject AND applied = x.since AND x.since > 0
    RETURNING 1
), n AS (
    INSERT INTO subjects (subject, applied) SELECT subject, upto FROM x WHERE since = 0
    RETURNING 1
)
SELECT (SELECT count(*) FROM u) + (SELECT count(*) FROM n)
"""
_WAKE = """
UPDATE inbox SET state = 'ready', due_at = received_at
 WHERE due_at IS NULL AND state = 'waiting' AND subject = ANY($1::text[])
"""


async def finish(conn: Connection, applied: Sequence[Row], duplicates: Sequence[Row]) -> None:
    """``applied`` count from now on, once; ``duplicates`` had counted before."""
    if not applied and not duplicates:
        return
    upto = {row.subject: row.revision for row in sorted(applied, key=lambda r: r.revision)}
    since = {row.subject: row.applied or 0 for row in applied}
    try:
        moved = await conn.fetchval(
            _FINISH,
            [row.ctid for row in (*applied, *duplicates)],
            list(upto),
            list(upto.values()),
            [since[subject] for subject in upto],
        )
    except UniqueViolation as why:
        raise Overtaken from why
    if moved != len(upto):
        raise Overtaken
    if upto:
        await conn.execute(_WAKE, list(upto))


# A wake can miss a row another copy is just putting aside; and what begins above revision 1 (a
# speaker that forgot the older ones) begins when every number below was heard or is no more. One statement, one
# snapshot: asked in two, a predecessor stored in between would be thrown away.
_BEGIN = """
INSERT INTO subjects (subject, applied)
SELECT DISTINCT ON (i.subject) i.subject, i.revision - 1
  FROM inbox i
  JOIN heard h ON h.kind = i.kind AND h.got @> int8range(1, i.number)
 WHERE i.due_at IS NULL AND i.state = 'waiting' AND i.revision > 1
   AND NOT EXISTS (SELECT FROM inbox b WHERE b.subject = i.subject AND b.revision < i.revision)
   AND NOT EXISTS (SELECT FROM subjects s WHERE s.subject = i.subject)
 ORDER BY i.subject, i.revision
    ON CONFLICT DO NOTHING
"""
_SWEEP = """
UPDATE inbox i SET state = 'ready', due_at = i.received_at
  FROM subjects s
 WHERE i.due_at IS NULL AND i.state = 'waiting' AND s.subject = i.subject AND i.revision <= s.applied + 1
"""


async def sweep(conn: Connection) -> None:
    """Wake every row whose turn it is."""
    await conn.execute(_BEGIN)
    await conn.execute(_SWEEP)


async def release_held(conn: Connection, known: Sequence[str]) -> None:
    """Facts held for newer code are ready once it runs."""
    await conn.execute(
        "UPDATE inbox SET state = 'ready', due_at = received_at"
        " WHERE due_at IS NULL AND state = 'held' AND type = ANY($1::text[])",
        known,
    )
