"""Providers' statements, and what came of comparing them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from chassis.database import Connection
from services.benefits.model.reconciliation import Line


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement as it is kept."""

    id: UUID
    provider_id: UUID
    statement_id: str
    day: date
    lines: int
    total: int
    content_hash: bytes
    received_at: datetime
    received_by: str
    compared_at: datetime | None = None
    revision: int = 1


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One line of a statement."""

    line_id: str
    order_ref: str
    line: Line


#: A row as a `Statement` reads it.
COLUMNS = """
       id, provider_id, statement_id, day, lines, total, content_hash, received_at, received_by, compared_at, revision
"""


async def add_statement(conn: Connection, new: Statement, lines: Sequence[StatementLine]) -> bool:
    """Keep a statement with its lines; False when its number was used before."""
    kept = await conn.fetchval(
        """
        INSERT INTO statements (id, provider_id, statement_id, day, lines, total, content_hash, received_at,
                                received_by)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT DO NOTHING RETURNING id
        """,
        new.id,
        new.provider_id,
        new.statement_id,
        new.day,
        new.lines,
        new.total,
        new.content_hash,
        new.received_at,
        new.received_by,
    )
    if kept is None:
        return False
    await conn.execute(
        """
        INSERT INTO statement_lines (provider_id, statement_id, line_id, order_ref, amount, resident_ref,
                                     transaction_id, granted_on)
        SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::date[])
        """,
        new.provider_id,
        new.statement_id,
        [one.line_id for one in lines],
        [one.order_ref for one in lines],
        [one.line.amount for one in lines],
        [one.line.resident_ref for one in lines],
        [one.line.transaction_id for one in lines],
        [one.line.granted_on for one in lines],
    )
    return True


async def statement(conn: Connection, provider_id: UUID, statement_id: str) -> Statement | None:
    """A provider's statement by its number."""
    row = await conn.fetchrow(
        f"SELECT {COLUMNS} FROM statements WHERE provider_id = $1 AND statement_id = $2",
        provider_id,
        statement_id,
    )
    return Statement(*row) if row else None


async def statement_page(
    conn: Connection, provider_id: UUID, *, after: tuple[date, str] | None, limit: int
) -> list[Statement]:
    """A provider's statements, the latest day first."""
    rows = await conn.fetch(
        f"""
        SELECT {COLUMNS} FROM statements
         WHERE provider_id = $1 AND ($2::date IS NULL OR (day, statement_id) < ($2, $3))
         ORDER BY day DESC, statement_id DESC LIMIT $4
        """,
        provider_id,
        *(after or (None, None)),
        limit,
    )
    return [Statement(*row) for row in rows]


async def classes_of(conn: Connection, provider_id: UUID, statement_id: str) -> dict[str, int]:
    """How many lines of a statement came out how."""
    rows = await conn.fetch(
        """
        SELECT match_class, count(*) AS lines FROM statement_lines
         WHERE provider_id = $1 AND statement_id = $2 AND match_class IS NOT NULL
         GROUP BY match_class ORDER BY match_class
        """,
        provider_id,
        statement_id,
    )
    return {row["match_class"]: row["lines"] for row in rows}


async def reconciliation_days(
    conn: Connection, provider_id: UUID, limit: int
) -> list[dict[str, object]]:
    """The results of the last days of a provider."""
    rows = await conn.fetch(
        """
        SELECT day, classes, compared_at FROM reconciliations WHERE provider_id = $1 ORDER BY day DESC LIMIT $2
        """,
        provider_id,
        limit,
    )
    return [{**dict(row), "classes": json.loads(row["classes"])} for row in rows]
