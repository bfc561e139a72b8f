"""Target lists (付与対象者リスト): one of each measure counts, earlier ones are kept."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.database import Connection, Record
from contracts.registry.measures import Target

#: Seconds the lines of a list may take to be kept.
_LONGEST = 60
_COLUMNS = "id, measure_id, version, count, sha256, imported_at, replaced_at, revision"


@dataclass(frozen=True, slots=True)
class TargetList:
    """A list of those who may receive, without its lines."""

    id: UUID
    measure_id: UUID
    version: int
    count: int
    sha256: str
    imported_at: datetime
    replaced_at: datetime | None
    revision: int


async def current_list(
    conn: Connection, measure_id: UUID, *, lock: bool = False
) -> TargetList | None:
    """The list of a measure that counts now."""
    row = await conn.fetchrow(
        f"SELECT {_COLUMNS} FROM target_lists WHERE measure_id = $1 AND replaced_at IS NULL"
        + (" FOR UPDATE" if lock else ""),
        measure_id,
    )
    return _list(row) if row else None


async def lists_of(conn: Connection, measure_id: UUID, limit: int) -> list[TargetList]:
    """The lists of a measure, the latest first."""
    rows = await conn.fetch(
        f"SELECT {_COLUMNS} FROM target_lists WHERE measure_id = $1 ORDER BY version DESC LIMIT $2",
        measure_id,
        limit,
    )
    return [_list(row) for row in rows]


async def replace_list(conn: Connection, before: TargetList, now: datetime) -> None:
    """Another list will count instead."""
    await conn.execute(
        "UPDATE target_lists SET replaced_at = $2, revision = $3 WHERE id = $1",
        before.id,
        now,
        before.revision + 1,
    )


async def add_list(conn: Connection, added: TargetList, import_id: UUID, by: str) -> None:
    """Keep a list with the lines that wait in its import."""
    await conn.execute(
        """
        INSERT INTO target_lists (id, measure_id, version, count, sha256, import_id, imported_at, imported_by, revision)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """,
        added.id,
        added.measure_id,
        added.version,
        added.count,
        added.sha256,
        import_id,
        added.imported_at,
        by,
        added.revision,
    )
    # Two hundred thousand lines take seconds, and longer where others are busy, too.
    await conn.execute(f"SET LOCAL statement_timeout = '{_LONGEST}s'")
    await conn.execute(
        """
        INSERT INTO targets (target_list_id, number, amount_yen, children)
        SELECT $1, content->>'number', (content->>'amount_yen')::int, (content->>'children')::int
          FROM import_rows WHERE import_id = $2
        """,
        added.id,
        import_id,
        timeout=_LONGEST,
    )


async def lines_of(
    conn: Connection, target_list_id: UUID, *, after: str | None, limit: int
) -> list[Target]:
    """Some lines of a list, by number."""
    rows = await conn.fetch(
        """
        SELECT number, amount_yen, children FROM targets
         WHERE target_list_id = $1 AND ($2::text IS NULL OR number > $2)
         ORDER BY number LIMIT $3
        """,
        target_list_id,
        after,
        limit,
    )
    return [Target.model_construct(**row) for row in rows]


def _list(row: Record) -> TargetList:
    return TargetList(**row)
