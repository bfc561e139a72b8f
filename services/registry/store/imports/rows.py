"""Rows of files: the right ones wait, the faulty ones are kept with what to mend."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import orjson

from chassis.database import Connection, Record
from services.registry.model.imports.findings import Mistake
from services.registry.model.imports.table import Checked, Faulty

#: Seconds it may take to forget the rows of a large file.
_LONGEST = 60


async def add_rows(conn: Connection, import_id: UUID, rows: Sequence[Checked]) -> None:
    """Keep rows that are right."""
    await conn.execute(
        """
        INSERT INTO import_rows (import_id, number, content)
        SELECT $1, r.number, r.content::jsonb FROM unnest($2::int[], $3::text[]) AS r(number, content)
        """,
        import_id,
        [row.row for row in rows],
        [orjson.dumps(row.values).decode() for row in rows],
    )


async def add_faulty_rows(conn: Connection, import_id: UUID, rows: Sequence[Faulty]) -> None:
    """Keep rows that must be mended, and what to mend in them."""
    await conn.executemany(
        "INSERT INTO import_faulty_rows (import_id, number, cells) VALUES ($1, $2, $3)",
        [(import_id, row.row, row.cells) for row in rows],
    )
    mistakes = [mistake for row in rows for mistake in row.mistakes]
    await conn.execute(
        """
        INSERT INTO import_errors (import_id, number, column_name, value, code, detail)
        SELECT $1, e.* FROM unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::text[]) AS e
        """,
        import_id,
        [m.row for m in mistakes],
        [m.column for m in mistakes],
        [m.value for m in mistakes],
        [m.code for m in mistakes],
        [m.detail for m in mistakes],
    )


async def errors_of(
    conn: Connection, import_id: UUID, *, after: int | None, limit: int
) -> list[tuple[int, Mistake]]:
    """What must be mended, row by row, each with its place in the list."""
    rows = await conn.fetch(
        """
        SELECT id, number, column_name, value, code, detail FROM import_errors
         WHERE import_id = $1
           AND ($2::bigint IS NULL
                OR (number, id) > (SELECT number, id FROM import_errors WHERE id = $2 AND import_id = $1))
         ORDER BY number, id LIMIT $3
        """,
        import_id,
        after,
        limit,
    )
    return [(row["id"], _mistake(row)) for row in rows]


async def faulty_rows_of(conn: Connection, import_id: UUID) -> list[tuple[int, list[str], str]]:
    """The rows that must be mended, as they came, each with everything there is to mend in it."""
    rows = await conn.fetch(
        """
        SELECT f.number, f.cells,
               (SELECT string_agg(e.column_name || '：' || e.detail, ' ' ORDER BY e.id)
                  FROM import_errors e WHERE e.import_id = f.import_id AND e.number = f.number) AS details
          FROM import_faulty_rows f WHERE f.import_id = $1 ORDER BY f.number
        """,
        import_id,
    )
    return [(row["number"], row["cells"], row["details"] or "") for row in rows]


async def rows_of(conn: Connection, import_id: UUID) -> list[tuple[int, dict[str, object]]]:
    """The rows that wait, in the order of the file."""
    rows = await conn.fetch(
        "SELECT number, content FROM import_rows WHERE import_id = $1 ORDER BY number", import_id
    )
    return [(row["number"], orjson.loads(row["content"])) for row in rows]


async def clear_rows(conn: Connection, import_id: UUID) -> None:
    """No row waits any more."""
    await conn.execute("DELETE FROM import_rows WHERE import_id = $1", import_id, timeout=_LONGEST)


async def clear_content(conn: Connection, import_id: UUID) -> None:
    """The file was read and is not kept."""
    await conn.execute("DELETE FROM import_contents WHERE import_id = $1", import_id)


async def clear_findings(conn: Connection, import_id: UUID) -> None:
    """What an earlier reading found is forgotten."""
    await clear_rows(conn, import_id)
    await conn.execute("DELETE FROM import_errors WHERE import_id = $1", import_id)
    await conn.execute("DELETE FROM import_faulty_rows WHERE import_id = $1", import_id)


async def clear_all(conn: Connection, import_id: UUID, now: datetime) -> None:
    """Nothing of the file is kept; that it was there is."""
    await clear_findings(conn, import_id)
    await clear_content(conn, import_id)
    await conn.execute("UPDATE imports SET cleared_at = $2 WHERE id = $1", import_id, now)


def _mistake(row: Record) -> Mistake:
    return Mistake(row["number"], row["column_name"], row["value"], row["code"], row["detail"])
