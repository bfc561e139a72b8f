"""Lines of statements beside orders, and what a comparison found."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from chassis.database import Connection, Record
from services.benefits.model.reconciliation import Line, Ours
from services.benefits.model.saga import OrderState
from services.benefits.store.statements import COLUMNS, Statement

#: The order a line names, if that can be one: looked up by its key, however many orders the provider has.
_NAMED = "CASE WHEN l.order_ref ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN l.order_ref::uuid END"


@dataclass(frozen=True, slots=True)
class Beside:
    """A line beside the order it names."""

    line_id: str
    order_ref: str
    order_id: UUID | None
    line: Line
    ours: Ours | None
    #: The same grant stands in a line before.
    repeated: bool
    #: The order has a case that is still open.
    in_question: bool


async def uncompared(conn: Connection) -> Statement | None:
    """The statement that has waited longest, locked; other copies of this process take others."""
    row = await conn.fetchrow(
        f"""
        SELECT {COLUMNS} FROM statements WHERE compared_at IS NULL
         ORDER BY received_at LIMIT 1 FOR UPDATE SKIP LOCKED
        """
    )
    return Statement(*row) if row else None


async def lines_beside_orders(conn: Connection, of: Statement, limit: int) -> list[Beside]:
    """Lines nobody has looked at yet, each beside the order it names."""
    rows = await conn.fetch(
        f"""
        WITH page AS MATERIALIZED (
            SELECT * FROM statement_lines
             WHERE provider_id = $1 AND statement_id = $2 AND match_class IS NULL ORDER BY line_id LIMIT $3
        )
        SELECT l.line_id, l.order_ref, l.amount, l.resident_ref, l.granted_on, l.transaction_id, o.id AS order_id,
               o.state, o.amount AS ordered, o.resident_ref AS person, o.granted_on AS ours_on,
               o.transaction_id AS ours_transaction, coalesce(e.state = 'issued', false) AS free,
               EXISTS (SELECT FROM statement_lines b
                        WHERE (b.provider_id, b.order_ref, b.transaction_id, b.amount, b.resident_ref)
                            = (l.provider_id, l.order_ref, l.transaction_id, l.amount, l.resident_ref)
                          AND (b.match_class IS NOT NULL OR (b.statement_id = l.statement_id AND b.line_id < l.line_id))
                      ) AS repeated,
               EXISTS (SELECT FROM cases c WHERE c.order_id = o.id AND c.state = 'open') AS in_question
          FROM page l
          LEFT JOIN orders o ON o.id = {_NAMED} AND o.provider_id = l.provider_id
          LEFT JOIN entitlements e ON e.id = o.entitlement_id
         ORDER BY l.line_id
        """,
        of.provider_id,
        of.statement_id,
        limit,
    )
    return [_beside(row) for row in rows]


def _beside(row: Record) -> Beside:
    ours = None
    if row["order_id"] is not None:
        ours = Ours(
            state=OrderState(row["state"]),
            amount=row["ordered"],
            resident_ref=row["person"],
            granted_on=row["ours_on"],
            transaction_id=row["ours_transaction"],
            free=row["free"],
        )
    line = Line(row["amount"], row["resident_ref"], row["granted_on"], row["transaction_id"])
    return Beside(
        line_id=row["line_id"],
        order_ref=row["order_ref"],
        order_id=row["order_id"],
        line=line,
        ours=ours,
        repeated=row["repeated"],
        in_question=row["in_question"],
    )


async def mark(conn: Connection, of: Statement, classes: Mapping[str, str]) -> None:
    """Keep what lines were found to be, by their ids."""
    await conn.execute(
        """
        UPDATE statement_lines l SET match_class = n.match_class
          FROM unnest($3::text[], $4::text[]) AS n(line_id, match_class)
         WHERE l.provider_id = $1 AND l.statement_id = $2 AND l.line_id = n.line_id
        """,
        of.provider_id,
        of.statement_id,
        list(classes),
        list(classes.values()),
    )


async def finish(conn: Connection, of: Statement, at: datetime, classes: Mapping[str, int]) -> None:
    """The statement is compared; the day's result is what its statements came to."""
    await conn.execute(
        "UPDATE statements SET compared_at = $2, revision = revision + 1 WHERE id = $1", of.id, at
    )
    await conn.execute(
        """
        INSERT INTO reconciliations (provider_id, day, classes, compared_at) VALUES ($1, $2, $3::jsonb, $4)
        ON CONFLICT (provider_id, day) DO UPDATE SET classes = excluded.classes, compared_at = excluded.compared_at
        """,
        of.provider_id,
        of.day,
        json.dumps(dict(classes)),
        at,
    )


async def day_classes(conn: Connection, provider_id: UUID, day: date) -> dict[str, int]:
    """How the lines of a day's statements came out."""
    rows = await conn.fetch(
        """
        SELECT l.match_class, count(*) AS lines
          FROM statement_lines l JOIN statements s USING (provider_id, statement_id)
         WHERE s.provider_id = $1 AND s.day = $2 AND l.match_class IS NOT NULL
         GROUP BY l.match_class ORDER BY l.match_class
        """,
        provider_id,
        day,
    )
    return {row["match_class"]: row["lines"] for row in rows}


async def missing_there(
    conn: Connection, provider_id: UUID, first: date, last: date, limit: int
) -> list[UUID]:
    """Orders granted in a span of days of which no statement has a line, and no case either."""
    rows = await conn.fetch(
        """
        SELECT o.id FROM orders o
         WHERE o.provider_id = $1 AND o.granted_on BETWEEN $2 AND $3
           AND NOT EXISTS (SELECT FROM statement_lines l
                            WHERE l.provider_id = o.provider_id AND l.order_ref = o.id::text)
           AND NOT EXISTS (SELECT FROM cases c WHERE c.order_id = o.id AND c.kind = 'missing_there')
         ORDER BY o.id LIMIT $4
        """,
        provider_id,
        first,
        last,
        limit,
    )
    return [row["id"] for row in rows]


async def first_day(conn: Connection, provider_id: UUID) -> date | None:
    """The day of a provider's first statement."""
    found: date | None = await conn.fetchval(
        "SELECT min(day) FROM statements WHERE provider_id = $1", provider_id
    )
    return found


async def never_granted(conn: Connection, provider_id: UUID, until: date, limit: int) -> list[UUID]:
    """Open cases of late grants of which no statement, up to a day, has a line."""
    rows = await conn.fetch(
        """
        SELECT c.id FROM cases c
         WHERE c.provider_id = $1 AND c.state = 'open' AND c.kind = 'late_grant'
           AND (c.opened_at AT TIME ZONE 'Asia/Tokyo')::date <= $2
           AND NOT EXISTS (SELECT FROM statement_lines l
                            WHERE l.provider_id = c.provider_id AND l.order_ref = c.order_id::text)
         ORDER BY c.id LIMIT $3
        """,
        provider_id,
        until,
        limit,
    )
    return [row["id"] for row in rows]
