"""Where the yen of a measure are, and how they went day by day."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from chassis.database import Connection


@dataclass(frozen=True, slots=True)
class Sums:
    """The budget of a measure, by where its yen are."""

    #: Promised to nobody.
    available: int
    #: Promised to applications nobody decided yet.
    promised: int
    #: Of approved applications, not granted yet.
    reserved: int
    #: Granted by providers, paid or not.
    granted: int
    #: Places of the quota that are left; none without a quota.
    places: int | None


@dataclass(frozen=True, slots=True)
class Day:
    """What was left at the end of a day, and how many had applied by then."""

    on: date
    left: int
    applied: int


async def sums_of(conn: Connection, measure_id: UUID) -> Sums:
    """Where the yen of a measure are now."""
    row = await conn.fetchrow(
        """
        SELECT coalesce(sum(debits_posted - credits_posted - credits_pending)
                   FILTER (WHERE kind = 'available'), 0)::bigint AS available,
               coalesce(sum(debits_pending) FILTER (WHERE kind = 'reserved'), 0)::bigint AS promised,
               coalesce(sum(debits_posted - credits_posted) FILTER (WHERE kind = 'reserved'), 0)::bigint AS reserved,
               coalesce(sum(debits_posted - credits_posted) FILTER (WHERE kind IN ('payable', 'settled')), 0)::bigint
                   AS granted,
               (SELECT sum(places)::bigint FROM lanes WHERE measure_id = $1) AS places
          FROM accounts JOIN ledgers l ON l.id = ledger
         WHERE l.measure_id = $1
        """,
        measure_id,
    )
    assert row is not None
    return Sums(**dict(row))


async def states_of(conn: Connection, measure_id: UUID) -> dict[str, int]:
    """How many applications of a measure are in each state."""
    rows = await conn.fetch(
        "SELECT state, count(*) AS count FROM applications WHERE measure_id = $1 GROUP BY state",
        measure_id,
    )
    return {row["state"]: row["count"] for row in rows}


async def days_of(conn: Connection, measure_id: UUID) -> list[Day]:
    """What was left at the end of each day on which anything moved, and how many had applied."""
    rows = await conn.fetch(
        """
        WITH moved AS (
            SELECT (t.created_at AT TIME ZONE 'Asia/Tokyo')::date AS on,
                   CASE WHEN t.kind = 'void' THEN t.amount
                        WHEN t.kind = 'post' THEN p.amount - t.amount
                        ELSE -t.amount END * (c.kind = 'available')::int
                   + CASE WHEN t.kind IN ('single', 'reversal', 'correction') AND d.kind = 'available'
                          THEN t.amount ELSE 0 END AS yen,
                   0 AS applied
              FROM transfers t
              JOIN ledgers l ON l.id = t.ledger
              JOIN accounts c ON c.id = t.credit_account
              JOIN accounts d ON d.id = t.debit_account
              LEFT JOIN transfers p ON p.id = t.pending_id
             WHERE l.measure_id = $1
            UNION ALL
            SELECT (submitted_at AT TIME ZONE 'Asia/Tokyo')::date, 0, 1 FROM applications WHERE measure_id = $1
        )
        SELECT "on", (sum(sum(yen)) OVER (ORDER BY "on"))::bigint AS left,
               (sum(sum(applied)) OVER (ORDER BY "on"))::bigint AS applied
          FROM moved GROUP BY "on" ORDER BY "on"
        """,
        measure_id,
    )
    return [Day(row["on"], row["left"], row["applied"]) for row in rows]
