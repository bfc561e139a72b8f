"""Imports and their files."""

from datetime import datetime, timedelta
from uuid import UUID

from chassis.database import Connection, Record
from chassis.refusal import NotFound
from services.registry.model.imports.columns import ImportKind
from services.registry.model.imports.progress import Import, ImportState

_COLUMNS = """
       id, organisation_id, kind, measure_id, name, media_type, size, sha256, state, uploaded_at, uploaded_by, why,
       why_detail, headings, rows_expected, rows_read, rows_faulty, attempt, started_at, checked_at, confirmed_at,
       confirmed_by, finished_at, version, revision
"""


async def add_import(conn: Connection, begun: Import, content: bytes) -> None:
    """Keep a file that shall be read."""
    await conn.execute(
        """
        WITH i AS (
            INSERT INTO imports (id, organisation_id, kind, measure_id, name, media_type, size, sha256, uploaded_at,
                                 uploaded_by)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id
        )
        INSERT INTO import_contents (import_id, content) SELECT id, $11 FROM i
        """,
        begun.id,
        begun.organisation_id,
        begun.kind,
        begun.measure_id,
        begun.name,
        begun.media_type,
        begun.size,
        begun.sha256,
        begun.uploaded_at,
        begun.uploaded_by,
        content,
    )


async def import_of(
    conn: Connection, organisation_id: UUID, import_id: UUID, *, lock: bool = False
) -> Import:
    """An import of an organisation; another's is not there."""
    row = await conn.fetchrow(
        f"SELECT {_COLUMNS} FROM imports WHERE id = $1 AND organisation_id = $2"
        + (" FOR UPDATE" if lock else ""),
        import_id,
        organisation_id,
    )
    if row is None:
        raise NotFound("import-unknown", "この取り込みは見つかりません。")
    return _import(row)


async def imports_of(
    conn: Connection,
    organisation_id: UUID,
    *,
    kind: ImportKind | None,
    measure_id: UUID | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Import]:
    """Imports of an organisation, newest first."""
    rows = await conn.fetch(
        f"""
        SELECT {_COLUMNS} FROM imports
         WHERE organisation_id = $1
           AND ($2::text IS NULL OR kind = $2) AND ($3::uuid IS NULL OR measure_id = $3)
           AND ($4::timestamptz IS NULL OR (uploaded_at, id) < ($4, $5))
         ORDER BY uploaded_at DESC, id DESC LIMIT $6
        """,
        organisation_id,
        kind,
        measure_id,
        *(before or (None, None)),
        limit,
    )
    return [_import(row) for row in rows]


async def waiting_for_update(conn: Connection, now: datetime) -> Import | None:
    """The import that waits longest for somebody to work on it, locked; others are left to other copies."""
    row = await conn.fetchrow(
        f"""
        SELECT {_COLUMNS} FROM imports
         WHERE state IN ('uploaded', 'checking', 'importing') AND (lease_until IS NULL OR lease_until < $1)
         ORDER BY uploaded_at LIMIT 1
           FOR UPDATE SKIP LOCKED
        """,
        now,
    )
    return _import(row) if row else None


async def hold(conn: Connection, held: Import, worker: UUID, until: datetime) -> None:
    """A copy works on it from now on; what an earlier one had read is read anew."""
    await conn.execute(
        """
        UPDATE imports
           SET state = $2, attempt = $3, worker = $4, lease_until = $5, started_at = $6,
               rows_read = CASE WHEN $2 = 'checking' THEN 0 ELSE rows_read END,
               rows_faulty = CASE WHEN $2 = 'checking' THEN 0 ELSE rows_faulty END
         WHERE id = $1
        """,
        held.id,
        held.state,
        held.attempt,
        worker,
        until,
        held.started_at,
    )


async def go_on(conn: Connection, held: Import, until: datetime) -> bool:
    """Write down how far reading has come; False where somebody else has taken it over or it was given up."""
    done = await conn.fetchval(
        """
        UPDATE imports
           SET rows_expected = $3, rows_read = $4, rows_faulty = $5, headings = $6, lease_until = $7
         WHERE id = $1 AND attempt = $2 AND state = 'checking'
        RETURNING true
        """,
        held.id,
        held.attempt,
        held.rows_expected,
        held.rows_read,
        held.rows_faulty,
        list(held.headings),
        until,
    )
    return done is True


async def still_held(conn: Connection, held: Import) -> bool:
    """Whether the copy that holds it still does; locked, so that it stays so."""
    found = await conn.fetchval(
        "SELECT true FROM imports WHERE id = $1 AND attempt = $2 AND state = $3 FOR UPDATE",
        held.id,
        held.attempt,
        held.state,
    )
    return found is True


async def let_go(conn: Connection, held: Import) -> None:
    """Whoever is free may take it at once."""
    await conn.execute(
        "UPDATE imports SET lease_until = uploaded_at WHERE id = $1 AND attempt = $2 AND state = $3",
        held.id,
        held.attempt,
        held.state,
    )


async def save_import(conn: Connection, changed: Import) -> None:
    """Keep what an act made of an import; nobody holds it then."""
    await conn.execute(
        """
        UPDATE imports
           SET state = $2, why = $3, why_detail = $4, rows_expected = $5, rows_read = $6, rows_faulty = $7,
               attempt = $8, checked_at = $9, confirmed_at = $10, confirmed_by = $11, finished_at = $12,
               version = $13, revision = $14, worker = NULL, lease_until = NULL
         WHERE id = $1
        """,
        changed.id,
        changed.state,
        changed.why,
        changed.why_detail,
        changed.rows_expected,
        changed.rows_read,
        changed.rows_faulty,
        changed.attempt,
        changed.checked_at,
        changed.confirmed_at,
        changed.confirmed_by,
        changed.finished_at,
        changed.version,
        changed.revision,
    )


async def content_of(conn: Connection, import_id: UUID) -> bytes:
    """The file itself."""
    found = await conn.fetchval(
        "SELECT content FROM import_contents WHERE import_id = $1", import_id
    )
    return bytes(found or b"")


async def forgotten_for_update(
    conn: Connection, before: datetime, unconfirmed: timedelta
) -> list[Import]:
    """Some imports nobody needs any more: ended before then, or never confirmed for so long, locked."""
    rows = await conn.fetch(
        f"""
        SELECT {_COLUMNS} FROM imports
         WHERE cleared_at IS NULL
           AND (finished_at < $1 OR (state = 'checked' AND checked_at < $1 + $2::interval))
         ORDER BY uploaded_at LIMIT 20
           FOR UPDATE SKIP LOCKED
        """,
        before,
        unconfirmed,
    )
    return [_import(row) for row in rows]


def _import(row: Record) -> Import:
    plain = {k: v for k, v in row.items() if k not in ("kind", "state", "headings")}
    return Import(
        kind=ImportKind(row["kind"]),
        state=ImportState(row["state"]),
        headings=tuple(row["headings"]),
        **plain,
    )
