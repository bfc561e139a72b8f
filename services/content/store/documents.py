"""Documents, their versions and files, and who accepted which."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import orjson

from chassis.database import Connection, Record, UniqueViolation
from chassis.refusal import Conflict, NotFound
from services.content.model.audience import Audience
from services.content.model.document import Document, ReadingCopies, Shelf, Version
from services.content.model.files.file import File
from services.content.store.files import file_of

_COLUMNS = "id, slug, shelf, access, created_at, newest, version, revision, said_at"
_VERSION = """v.document_id, v.number, v.effective_on, v.title, v.about, v.change_note, v.texts,
    v.notice_id, v.published_at"""


async def document(conn: Connection, slug: str) -> Document:
    """One document by the name in its address."""
    return _known(await conn.fetchrow(f"SELECT {_COLUMNS} FROM documents WHERE slug = $1", slug))


async def document_for_update(conn: Connection, slug: str) -> Document:
    """One document, held until the transaction ends."""
    return _known(
        await conn.fetchrow(f"SELECT {_COLUMNS} FROM documents WHERE slug = $1 FOR UPDATE", slug)
    )


async def all_documents(conn: Connection) -> list[Document]:
    """The whole shelf in its order."""
    rows = await conn.fetch(f"SELECT {_COLUMNS} FROM documents ORDER BY place, slug")
    return [_document(row) for row in rows]


async def add_document(conn: Connection, new: Document, place: int) -> None:
    """A document begins, without a version."""
    try:
        await conn.execute(
            "INSERT INTO documents (id, slug, shelf, access, place, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
            new.id,
            new.slug,
            new.shelf,
            new.access,
            place,
            new.created_at,
        )
    except UniqueViolation:
        raise Conflict(
            "slug-taken", "この名前の資料はもうあります。別の名前にしてください。"
        ) from None


async def save_document(conn: Connection, after: Document) -> None:
    """Keep what became of a document."""
    await conn.execute(
        "UPDATE documents SET newest = $2, version = $3, revision = $4, said_at = $5 WHERE id = $1",
        after.id,
        after.newest,
        after.version,
        after.revision,
        after.said_at,
    )


async def versions_of(
    conn: Connection, document_id: UUID, *, known_at: datetime | None = None
) -> list[Version]:
    """Every version, the oldest first; only those published by ``known_at`` where it is given."""
    rows = await conn.fetch(
        f"""
        SELECT {_VERSION} FROM document_versions v
         WHERE v.document_id = $1 AND ($2::timestamptz IS NULL OR v.published_at <= $2)
         ORDER BY v.number
        """,
        document_id,
        known_at,
    )
    return [_version(row) for row in rows]


async def add_version(conn: Connection, new: Version, files: list[UUID], by: str) -> None:
    """One version more, with its files in their order."""
    await conn.execute(
        """
        INSERT INTO document_versions (document_id, number, effective_on, title, about, change_note, texts,
                                       notice_id, published_at, published_by)
        VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9, $10)
        """,
        new.document_id,
        new.number,
        new.effective_on,
        new.title,
        new.about,
        new.change_note,
        new.texts.model_dump_json(exclude_none=True),
        new.notice_id,
        new.published_at,
        by,
    )
    await conn.executemany(
        "INSERT INTO version_files (document_id, number, place, file_id) VALUES ($1, $2, $3, $4)",
        [(new.document_id, new.number, place, file_id) for place, file_id in enumerate(files, 1)],
    )


async def files_of(conn: Connection, document_id: UUID) -> dict[int, list[File]]:
    """The files of a document by the number of their version."""
    rows = await conn.fetch(
        """
        SELECT v.number, f.* FROM version_files v JOIN files f ON f.id = v.file_id
         WHERE v.document_id = $1 ORDER BY v.number, v.place
        """,
        document_id,
    )
    found: dict[int, list[File]] = {}
    for row in rows:
        found.setdefault(row["number"], []).append(file_of(row))
    return found


@dataclass(frozen=True, slots=True)
class Acceptance:
    """An organisation agreed to the version of a day."""

    name: date
    accepted_at: datetime


async def accept(
    conn: Connection, slug: str, name: date, organisation_id: UUID, *, by: str, now: datetime
) -> bool:
    """Keep that a version was accepted; whether it had not been before."""
    done = await conn.fetchval(
        """
        INSERT INTO acceptances (organisation_id, slug, name, accepted_at, accepted_by)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING slug
        """,
        organisation_id,
        slug,
        name,
        now,
        by,
    )
    return done is not None


async def acceptances_of(
    conn: Connection, slug: str, organisation_id: UUID, until: datetime
) -> list[Acceptance]:
    """What an organisation had accepted of a document by an instant, the oldest first."""
    rows = await conn.fetch(
        """
        SELECT name, accepted_at FROM acceptances
         WHERE slug = $1 AND organisation_id = $2 AND accepted_at < $3
         ORDER BY accepted_at, name
        """,
        slug,
        organisation_id,
        until,
    )
    return [Acceptance(**dict(row)) for row in rows]


def _known(row: Record | None) -> Document:
    if row is None:
        raise NotFound("document-unknown", "この資料は見つかりません。")
    return _document(row)


def _document(row: Record) -> Document:
    typed = {"shelf": Shelf(row["shelf"]), "access": Audience(row["access"])}
    return Document(**{**dict(row), **typed})


def _version(row: Record) -> Version:
    texts = ReadingCopies.model_validate(orjson.loads(row["texts"]))
    return Version(**{**dict(row), "texts": texts})
