"""What is known of files."""

from datetime import datetime, timedelta
from uuid import UUID

from chassis.database import Connection, Record
from chassis.refusal import NotFound
from services.content.model.files.file import File, FileState, MediaType

_COLUMNS = "id, name, media_type, size, sha256, declared_at, state, why, pages, key, version"


async def add_file(conn: Connection, new: File, by: str) -> None:
    """A file is announced; its content is awaited."""
    await conn.execute(
        """
        INSERT INTO files (id, name, media_type, size, sha256, declared_at, declared_by)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        """,
        new.id,
        new.name,
        new.media_type,
        new.size,
        new.sha256,
        new.declared_at,
        by,
    )


async def file(conn: Connection, file_id: UUID) -> File:
    """One file."""
    row = await conn.fetchrow(f"SELECT {_COLUMNS} FROM files WHERE id = $1", file_id)
    if row is None:
        raise NotFound("file-unknown", "このファイルは見つかりません。")
    return file_of(row)


async def arrived(conn: Connection, file_id: UUID, key: str, now: datetime) -> bool:
    """The content lies under ``key``, as announced; False if another try was faster."""
    done = await conn.fetchval(
        """
        UPDATE files SET state = 'quarantined', key = $2, received_at = $3, version = version + 1
         WHERE id = $1 AND state = 'awaited' RETURNING id
        """,
        file_id,
        key,
        now,
    )
    return done is not None


async def take_quarantined(conn: Connection, now: datetime, lease: timedelta) -> File | None:
    """The file that waits longest, for one copy of the inspection; one whose copy died is taken again."""
    row = await conn.fetchrow(
        f"""
        UPDATE files SET leased_until = $1 + $2
         WHERE id = (SELECT id FROM files
                      WHERE state = 'quarantined' AND (leased_until IS NULL OR leased_until < $1)
                      ORDER BY received_at LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING {_COLUMNS}
        """,
        now,
        lease,
    )
    return file_of(row) if row else None


async def save_inspection(
    conn: Connection, file_id: UUID, why: str | None, pages: int | None, now: datetime
) -> None:
    """Let a file out of quarantine, or refuse it with the reason."""
    await conn.execute(
        """
        UPDATE files SET state = CASE WHEN $2::text IS NULL THEN 'checked' ELSE 'refused' END, why = $2,
                         pages = $3, checked_at = $4, version = version + 1
         WHERE id = $1 AND state = 'quarantined'
        """,
        file_id,
        why,
        pages,
        now,
    )


async def never_came(conn: Connection, before: datetime) -> list[File]:
    """Files that were announced long ago and whose content never came."""
    rows = await conn.fetch(
        f"SELECT {_COLUMNS} FROM files WHERE state = 'awaited' AND declared_at < $1 LIMIT 100",
        before,
    )
    return [file_of(row) for row in rows]


async def forget(conn: Connection, file_id: UUID) -> None:
    """A file that never came was never announced."""
    await conn.execute("DELETE FROM files WHERE id = $1 AND state = 'awaited'", file_id)


async def newest(conn: Connection, limit: int) -> list[File]:
    """The files announced last."""
    rows = await conn.fetch(f"SELECT {_COLUMNS} FROM files ORDER BY id DESC LIMIT $1", limit)
    return [file_of(row) for row in rows]


async def published(conn: Connection, file_id: UUID) -> list[str]:
    """For whom a file is published: as part of a version, as material, or as the link of a notice."""
    rows = await conn.fetch(
        """
        SELECT d.access FROM version_files v JOIN documents d ON d.id = v.document_id WHERE v.file_id = $1
        UNION
        SELECT audience FROM materials WHERE file_id = $1 AND taken_at IS NULL
        """,
        file_id,
    )
    return [row["access"] for row in rows]


def file_of(row: Record) -> File:
    """The file of a row with these columns."""
    kept = {name: row[name] for name in _COLUMNS.split(", ")}
    typed = {"media_type": MediaType(row["media_type"]), "state": FileState(row["state"])}
    return File(**{**kept, **typed})
