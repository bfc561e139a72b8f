"""Monthly settlements, counted from what the ledger moved."""

from datetime import date, datetime
from uuid import UUID

from chassis.database import Connection, Record
from chassis.refusal import NotFound
from services.benefits.model.settlement import Settlement, SettlementState

_COLUMNS = """
       id, municipality_id, provider_id, measure_id, month, state, grants, granted, reversals, reversed, version
"""


async def close_months(conn: Connection, before: date, since: date, at: datetime) -> list[UUID]:
    """Count every month that is over and not counted yet; the answer is which settlements began."""
    rows = await conn.fetch(
        """
        WITH moved AS (
            SELECT l.measure_id, a.owner AS provider_id, t.debit_account = a.id AS up, t.amount,
                   date_trunc('month', t.created_at AT TIME ZONE 'Asia/Tokyo')::date AS month
              FROM accounts a
              JOIN ledgers l ON l.id = a.ledger
              JOIN transfers t ON a.id IN (t.debit_account, t.credit_account)
             WHERE a.kind = 'payable' AND t.kind NOT IN ('pending', 'void') AND t.code <> 30
               AND t.created_at >= ($2::date - 1)::timestamptz
        )
        INSERT INTO settlements (id, municipality_id, provider_id, measure_id, month, state, grants, granted,
                                 reversals, reversed, state_since)
        SELECT gen_random_uuid(), m.municipality_id, v.provider_id, v.measure_id, v.month, 'statement_issued',
               count(*) FILTER (WHERE up), coalesce(sum(v.amount) FILTER (WHERE up), 0),
               count(*) FILTER (WHERE NOT up), coalesce(sum(v.amount) FILTER (WHERE NOT up), 0), $3
          FROM moved v JOIN measures m ON m.id = v.measure_id
         WHERE v.month < $1 AND v.month >= $2
         GROUP BY m.municipality_id, v.provider_id, v.measure_id, v.month
        ON CONFLICT DO NOTHING
        RETURNING id
        """,
        before,
        since,
        at,
    )
    return [row["id"] for row in rows]


async def settlement(conn: Connection, settlement_id: UUID, *, lock: bool = False) -> Settlement:
    """The settlement; locked until the transaction ends if asked."""
    sql = f"SELECT {_COLUMNS} FROM settlements WHERE id = $1{' FOR UPDATE' if lock else ''}"
    row = await conn.fetchrow(sql, settlement_id)
    if row is None:
        raise NotFound("settlement-unknown", "この精算は見つかりません。")
    return _settlement(row)


async def save_settlement(
    conn: Connection, after: Settlement, at: datetime, *, paid: UUID | None = None
) -> None:
    """Keep how far a settlement has come."""
    await conn.execute(
        """
        UPDATE settlements SET state = $2, version = $3, state_since = $4, paid_transfer = coalesce($5, paid_transfer)
         WHERE id = $1
        """,
        after.id,
        after.state,
        after.version,
        at,
        paid,
    )


async def add_step(
    conn: Connection, settlement_id: UUID, state: SettlementState, actor: str, at: datetime
) -> None:
    """Write down who brought it there."""
    await conn.execute(
        "INSERT INTO settlement_steps (settlement_id, at, state, actor) VALUES ($1, $2, $3, $4)",
        settlement_id,
        at,
        state,
        actor,
    )


async def steps_of(conn: Connection, settlement_id: UUID) -> list[Record]:
    """How it came where it is, the first first."""
    return await conn.fetch(
        "SELECT at, state, actor FROM settlement_steps WHERE settlement_id = $1 ORDER BY id",
        settlement_id,
    )


async def settlement_page(
    conn: Connection,
    *,
    provider_id: UUID | None,
    municipality_id: UUID | None,
    after: tuple[date, UUID] | None,
    limit: int,
) -> list[Settlement]:
    """Settlements of a party, the latest month first."""
    rows = await conn.fetch(
        f"""
        SELECT {_COLUMNS} FROM settlements
         WHERE ($1::uuid IS NULL OR provider_id = $1) AND ($2::uuid IS NULL OR municipality_id = $2)
           AND ($3::date IS NULL OR (month, id) < ($3, $4))
         ORDER BY month DESC, id DESC LIMIT $5
        """,
        provider_id,
        municipality_id,
        *(after or (None, None)),
        limit,
    )
    return [_settlement(row) for row in rows]


def _settlement(row: Record) -> Settlement:
    return Settlement(**{**dict(row), "state": SettlementState(row["state"])})
