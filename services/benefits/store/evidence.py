"""Evidence and its contents, and who reported attendance where."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.database import Connection, Record
from chassis.refusal import NotFound

_COLUMNS = "id, application_id, code, name, media_type, size, sha256, state, why, handed_in_at"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file that came with an application, without its content."""

    id: UUID
    application_id: UUID
    code: str
    name: str
    media_type: str
    size: int
    sha256: str
    state: str
    why: str | None
    handed_in_at: datetime


async def add_evidence(conn: Connection, evidence: Evidence, content: bytes) -> None:
    """Keep a file, quarantined."""
    await conn.execute(
        """
        WITH e AS (
            INSERT INTO evidence (id, application_id, code, name, media_type, size, sha256, handed_in_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id
        )
        INSERT INTO evidence_contents (evidence_id, content) SELECT id, $9 FROM e
        """,
        evidence.id,
        evidence.application_id,
        evidence.code,
        evidence.name,
        evidence.media_type,
        evidence.size,
        evidence.sha256,
        evidence.handed_in_at,
        content,
    )


async def evidence_of(conn: Connection, application_id: UUID) -> list[Evidence]:
    """The files of an application that were not taken out, in the order they came."""
    rows = await conn.fetch(
        f"SELECT {_COLUMNS} FROM evidence WHERE application_id = $1 AND removed_at IS NULL"
        " ORDER BY handed_in_at, id",
        application_id,
    )
    return [_evidence(row) for row in rows]


async def codes_by(conn: Connection, application_id: UUID, at: datetime) -> frozenset[str]:
    """Which papers lay there at an instant."""
    rows = await conn.fetch(
        "SELECT DISTINCT code FROM evidence WHERE application_id = $1 AND handed_in_at <= $2"
        "   AND (removed_at IS NULL OR removed_at > $2) AND state <> 'refused'",
        application_id,
        at,
    )
    return frozenset(row["code"] for row in rows)


async def with_content(
    conn: Connection, application_id: UUID, evidence_id: UUID
) -> tuple[Evidence, bytes]:
    """A file of an application; another's is not there."""
    row = await conn.fetchrow(
        f"SELECT {_COLUMNS}, content FROM evidence JOIN evidence_contents ON evidence_id = id"
        " WHERE id = $1 AND application_id = $2 AND removed_at IS NULL",
        evidence_id,
        application_id,
    )
    if row is None:
        raise _unknown()
    return _evidence(row), row["content"]


async def remove_evidence(
    conn: Connection, application_id: UUID, evidence_id: UUID, now: datetime
) -> None:
    """Take a file out; it is kept, since somebody may have decided by it."""
    done = await conn.fetchval(
        "UPDATE evidence SET removed_at = $3 WHERE id = $1 AND application_id = $2 AND removed_at IS NULL"
        " RETURNING id",
        evidence_id,
        application_id,
        now,
    )
    if done is None:
        raise _unknown()


async def next_quarantined(conn: Connection) -> tuple[UUID, str, bytes] | None:
    """The file that waits longest to be looked through; other copies of this process take other files."""
    row = await conn.fetchrow(
        "SELECT e.id, e.media_type, c.content FROM evidence e JOIN evidence_contents c ON c.evidence_id = e.id"
        " WHERE e.state = 'quarantined' ORDER BY e.handed_in_at LIMIT 1 FOR UPDATE OF e SKIP LOCKED"
    )
    return (row["id"], row["media_type"], row["content"]) if row else None


async def save_inspection(conn: Connection, evidence_id: UUID, objection: str | None) -> None:
    """Let a file out of quarantine, or refuse it with the reason."""
    await conn.execute(
        "UPDATE evidence SET state = CASE WHEN $2::text IS NULL THEN 'checked' ELSE 'refused' END, why = $2"
        " WHERE id = $1 AND state = 'quarantined'",
        evidence_id,
        objection,
    )


def _unknown() -> NotFound:
    return NotFound("no-such-evidence", "この書類は見つかりません。")


def _evidence(row: Record) -> Evidence:
    return Evidence(**{name: row[name] for name in _COLUMNS.split(", ")})
