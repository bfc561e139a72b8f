"""The acts themselves, each in the transaction its caller opened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from chassis.database import Connection, Record
from chassis.inbox.running import UnreadableBody, read_as
from chassis.inbox.subscriptions import Subscriptions
from chassis.refusal import Conflict, Invalid, NotFound

#: Facts somebody may have to do something about.
STATES = ("parked", "held", "retry")


@dataclass(frozen=True, slots=True)
class StuckFact:
    """A fact in the inbox and why it is still there."""

    subject: str
    revision: int
    type: str
    state: str
    attempts: int
    why: str | None
    received_at: datetime
    request_id: str | None
    #: How many later facts of the subject wait for it.
    behind: int
    body: str


_LISTED = """
SELECT i.subject, i.revision, i.type, i.state, i.attempts, i.why, i.received_at, i.request_id,
       (SELECT count(*) FROM inbox b WHERE b.subject = i.subject AND b.revision > i.revision) AS behind,
       convert_from(i.body, 'UTF8') AS body
  FROM inbox i
"""


async def listed(
    conn: Connection, states: Sequence[str] = STATES, limit: int = 200
) -> list[StuckFact]:
    """Facts in one of ``states``, the longest stuck first."""
    rows = await conn.fetch(
        f"{_LISTED} WHERE i.state = ANY($1::text[]) ORDER BY i.received_at, i.subject LIMIT $2",
        list(states),
        limit,
    )
    return [StuckFact(*row) for row in rows]


async def shown(conn: Connection, subject: str, revision: int) -> StuckFact:
    """One fact of the inbox."""
    row = await conn.fetchrow(
        f"{_LISTED} WHERE i.subject = $1 AND i.revision = $2", subject, revision
    )
    if row is None:
        raise _not_here(subject, revision)
    return StuckFact(*row)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A message that was no fact; if it was meant to be one, the comparison fetched it again."""

    id: int
    at: datetime
    why: str
    #: Its first bytes, as text where they are text.
    begins: str


async def unreadable(conn: Connection, limit: int = 200) -> list[Unreadable]:
    """The newest messages that could not be read."""
    rows = await conn.fetch(
        "SELECT id, at, why, raw FROM quarantine ORDER BY id DESC LIMIT $1", limit
    )
    return [
        Unreadable(r["id"], r["at"], r["why"], r["raw"][:200].decode(errors="replace"))
        for r in rows
    ]


async def replay(conn: Connection, actor: str, subject: str, revision: int) -> None:
    """Try a parked fact again, as if it had just arrived."""
    row = await _locked(conn, subject, revision)
    _only(row, "parked", "retry")
    await _ready(conn, subject, revision)
    await _audit(conn, actor, "facts.replay", row, {})


async def replay_all(conn: Connection, actor: str) -> int:
    """Try every parked fact again; how many there were."""
    rows = await conn.fetch(
        "SELECT subject, revision, state, why FROM inbox WHERE state = 'parked'"
        " ORDER BY subject, revision FOR UPDATE"
    )
    for row in rows:
        await _ready(conn, row["subject"], row["revision"])
        await _audit(conn, actor, "facts.replay", row, {})
    return len(rows)


async def edit_and_replay(
    conn: Connection,
    subscriptions: Subscriptions,
    actor: str,
    subject: str,
    revision: int,
    body: bytes,
) -> None:
    """Put ``body`` in the place of what the fact said and try it; the audit row keeps what it was."""
    row = await _locked(conn, subject, revision)
    _only(row, "parked", "retry")
    try:
        read_as(subscriptions, row["type"], row["kind"], subject, revision, body)
    except UnreadableBody as why:
        raise Invalid(
            "fact-unreadable", f"この内容は「{row['type']}」として読み取れません。{why}"
        ) from why
    await conn.execute(
        "UPDATE inbox SET body = $3 WHERE subject = $1 AND revision = $2", subject, revision, body
    )
    await _ready(conn, subject, revision)
    was = row["body"].decode(errors="replace").replace("\0", "")
    await _audit(conn, actor, "facts.edit_and_replay", row, {"was": was, "now": body.decode()})


async def skip(conn: Connection, actor: str, subject: str, revision: int, because: str) -> None:
    """Let a fact count as applied without applying it; what comes after it goes on."""
    row = await _locked(conn, subject, revision)
    _only(row, "parked", "retry", "held")
    applied = await conn.fetchval("SELECT applied FROM subjects WHERE subject = $1", subject)
    if (applied or 0) + 1 != revision:
        raise Conflict(
            "fact-not-next",
            "この対象には先に処理すべき事実があります。先頭のものから進めてください。",
        )
    await conn.execute("DELETE FROM inbox WHERE subject = $1 AND revision = $2", subject, revision)
    await conn.execute(
        "INSERT INTO subjects (subject, applied) VALUES ($1, $2)"
        " ON CONFLICT (subject) DO UPDATE SET applied = excluded.applied",
        subject,
        revision,
    )
    await conn.execute(
        "UPDATE inbox SET state = 'ready', due_at = received_at"
        " WHERE subject = $1 AND due_at IS NULL AND state = 'waiting'",
        subject,
    )
    body = row["body"].decode(errors="replace").replace("\0", "")
    await _audit(conn, actor, "facts.skip", row, {"because": because, "was": body})


async def tell_again(conn: Connection, actor: str, after: int) -> None:
    """Let the relay carry everything after position ``after`` once more; who had it drops it."""
    await conn.execute("UPDATE relay SET published = least(published, $1)", after)
    await conn.execute(
        "INSERT INTO audit (actor, action, details) VALUES ($1, 'facts.tell_again', $2::jsonb)",
        actor,
        orjson.dumps({"after": after}).decode(),
    )


async def _locked(conn: Connection, subject: str, revision: int) -> Record:
    row = await conn.fetchrow(
        "SELECT subject, revision, kind, type, state, why, body FROM inbox"
        " WHERE subject = $1 AND revision = $2 FOR UPDATE",
        subject,
        revision,
    )
    if row is None:
        raise _not_here(subject, revision)
    return row


def _not_here(subject: str, revision: int) -> NotFound:
    return NotFound("fact-not-here", f"{subject} の第{revision}版は受信箱にありません。")


def _only(row: Record, *states: str) -> None:
    # A held fact may not be tried: code that cannot read it would count it and do nothing.
    if row["state"] not in states:
        raise Conflict(
            "fact-not-stuck", f"この事実は「{row['state']}」の状態のため、この操作はできません。"
        )


async def _ready(conn: Connection, subject: str, revision: int) -> None:
    await conn.execute(
        "UPDATE inbox SET state = 'ready', attempts = 0, marks = 0, why = NULL, due_at = received_at"
        " WHERE subject = $1 AND revision = $2",
        subject,
        revision,
    )


async def _audit(
    conn: Connection, actor: str, action: str, row: Record, details: dict[str, str]
) -> None:
    told = {"revision": row["revision"], "state": row["state"], "why": row["why"], **details}
    await conn.execute(
        "INSERT INTO audit (actor, action, subjects, details) VALUES ($1, $2, $3, $4::jsonb)",
        actor,
        action,
        [row["subject"]],
        orjson.dumps(told).decode(),
    )
