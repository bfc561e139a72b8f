"""Documents and their contents; the contents lie in PostgreSQL for now, behind these functions."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.database import Connection, Record
from chassis.refusal import NotFound

_COLUMNS = "id, slot, name, media_type, size, sha256, state, why, uploaded_at"


@dataclass(frozen=True, slots=True)
class Document:
    """A file that came with a registration, without its content."""

    id: UUID
    slot: str
    name: str
    media_type: str
    size: int
    sha256: str
    state: str
    why: str | None
    uploaded_at: datetime


async def add_document(
    conn: Connection, organisation_id: UUID, document: Document, content: bytes, by: str
) -> None:
    """Keep a file, quarantined."""
    await conn.execute(
        """
        WITH d AS (
            INSERT INTO documents (id, organisation_id, slot, name, media_type, size, sha256, uploaded_at, uploaded_by)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id
        )
        INSERT INTO document_contents (document_id, content) SELECT id, $10 FROM d
        """,
        document.id,
        organisation_id,
        document.slot,
        document.name,
        document.media_type,
        document.size,
        document.sha256,
        document.uploaded_at,
        by,
        content,
    )


async def documents_of(conn: Connection, organisation_id: UUID) -> list[Document]:
    """The files an organisation has handed in and not taken away, in the order they came."""
    rows = await conn.fetch(
        f"SELECT {_COLUMNS} FROM documents WHERE organisation_id = $1 AND removed_at IS NULL"
        " ORDER BY uploaded_at, id",
        organisation_id,
    )
    return [_document(row) for row in rows]


async def document_with_content(
    conn: Connection, organisation_id: UUID, document_id: UUID
) -> tuple[Document, bytes]:
    """A file of an organisation; another's is not there."""
    row = await conn.fetchrow(
        f"""
        SELECT {_COLUMNS}, content
          FROM documents
          JOIN document_contents ON document_id = id
         WHERE id = $1 AND organisation_id = $2 AND removed_at IS NULL
        """,
        document_id,
        organisation_id,
    )
    if row is None:
        raise _unknown()
    return _document(row), row["content"]


async def remove_document(
    conn: Connection, organisation_id: UUID, document_id: UUID, now: datetime
) -> None:
    """Take a file out of the form; it is kept, since it may have been handed in before."""
    done = await conn.fetchval(
        """
        UPDATE documents SET removed_at = $3
         WHERE id = $1 AND organisation_id = $2 AND removed_at IS NULL
        RETURNING id
        """,
        document_id,
        organisation_id,
        now,
    )
    if done is None:
        raise _unknown()


async def next_quarantined(conn: Connection) -> tuple[UUID, str, bytes] | None:
    """The file that waits longest to be looked through; other copies of this process take other files."""
    row = await conn.fetchrow(
        """
        SELECT d.id, d.media_type, c.content
          FROM documents d
          JOIN document_contents c ON c.document_id = d.id
         WHERE d.state = 'quarantined'
         ORDER BY d.uploaded_at
         LIMIT 1
           FOR UPDATE OF d SKIP LOCKED
        """
    )
    return (row["id"], row["media_type"], row["content"]) if row else None


async def save_inspection(conn: Connection, document_id: UUID, objection: str | None) -> None:
    """Let a file out of quarantine, or refuse it with the reason."""
    await conn.execute(
        """
        UPDATE documents
           SET state = CASE WHEN $2::text IS NULL THEN 'checked' ELSE 'refused' END, why = $2
         WHERE id = $1 AND state = 'quarantined'
        """,
        document_id,
        objection,
    )


def _unknown() -> NotFound:
    return NotFound("document-unknown", "この書類は見つかりません。")


def _document(row: Record) -> Document:
    return Document(
        row["id"],
        row["slot"],
        row["name"],
        row["media_type"],
        row["size"],
        row["sha256"],
        row["state"],
        row["why"],
        row["uploaded_at"],
    )
