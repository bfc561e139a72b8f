"""Grant orders, and the calls that were made for them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from chassis.database import Connection, Record
from chassis.refusal import NotFound
from services.benefits.model.order import Order
from services.benefits.model.saga import OrderState

_COLUMNS = """
       o.id, o.allocation_id, o.entitlement_id, o.person_id, o.measure_id, o.municipality_id, o.provider_id,
       o.payment_service_code, o.resident_ref, o.amount, o.state, o.version, o.revision, o.created_at,
       o.state_since, o.said_at, o.reservation_id, o.attempts, o.doubtful, o.inquiries, o.not_found, o.sent_at,
       o.look_at, o.granted_on, o.transaction_id, o.rejection
"""


async def save_orders(conn: Connection, changed: Sequence[Order]) -> None:
    """Keep what became of orders, in one statement; whoever had claimed one has let it go."""
    await conn.execute(
        """
        UPDATE orders o
           SET state = n.state, version = n.version, revision = n.revision, state_since = n.state_since,
               said_at = n.said_at, attempts = n.attempts, doubtful = n.doubtful, inquiries = n.inquiries,
               not_found = n.not_found, sent_at = n.sent_at, look_at = n.look_at, granted_on = n.granted_on,
               transaction_id = n.transaction_id, rejection = n.rejection, claimed_by = NULL, claimed_until = NULL
          FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[], $5::timestamptz[], $6::timestamptz[],
                      $7::int[], $8::bool[], $9::int[], $10::int[], $11::timestamptz[], $12::timestamptz[],
                      $13::date[], $14::text[], $15::text[])
               AS n(id, state, version, revision, state_since, said_at, attempts, doubtful, inquiries, not_found,
                    sent_at, look_at, granted_on, transaction_id, rejection)
         WHERE o.id = n.id
        """,
        [o.id for o in changed],
        [o.state for o in changed],
        [o.version for o in changed],
        [o.revision for o in changed],
        [o.state_since for o in changed],
        [o.said_at for o in changed],
        [o.attempts for o in changed],
        [o.doubtful for o in changed],
        [o.inquiries for o in changed],
        [o.not_found for o in changed],
        [o.sent_at for o in changed],
        [o.look_at for o in changed],
        [o.granted_on for o in changed],
        [o.transaction_id for o in changed],
        [o.rejection for o in changed],
    )


async def order(conn: Connection, order_id: UUID, *, lock: bool = False) -> Order:
    """The order; locked until the transaction ends if asked."""
    sql = f"SELECT {_COLUMNS} FROM orders o WHERE o.id = $1{' FOR UPDATE' if lock else ''}"
    row = await conn.fetchrow(sql, order_id)
    if row is None:
        raise NotFound("order-unknown", "この付与の依頼は見つかりません。")
    return _order(row)


async def order_of_provider(
    conn: Connection, provider_id: UUID, order_id: UUID, *, lock: bool = False
) -> Order | None:
    """The order, if it is one of this provider."""
    sql = f"""
        SELECT {_COLUMNS} FROM orders o
         WHERE o.id = $1 AND o.provider_id = $2 {"FOR UPDATE" if lock else ""}
    """
    row = await conn.fetchrow(sql, order_id, provider_id)
    return _order(row) if row else None


async def orders_of_providers(
    conn: Connection, wanted: Collection[tuple[UUID, UUID]]
) -> dict[UUID, Order]:
    """Those of the orders, each named with its provider, that are there; locked in the order of their ids."""
    sql = f"""
        SELECT {_COLUMNS} FROM orders o
          JOIN unnest($1::uuid[], $2::uuid[]) AS n(provider_id, id) USING (provider_id, id)
         ORDER BY o.id FOR UPDATE OF o
    """
    rows = await conn.fetch(sql, [p for p, _ in wanted], [order_id for _, order_id in wanted])
    return {row["id"]: _order(row) for row in rows}


async def live_order(conn: Connection, entitlement_id: UUID) -> Order | None:
    """The one order of an entitlement that lives or was granted, locked."""
    sql = f"""
        SELECT {_COLUMNS} FROM orders o
         WHERE o.entitlement_id = $1 AND o.state NOT IN ('rejected', 'cancelled', 'reversed')
           FOR UPDATE
    """
    row = await conn.fetchrow(sql, entitlement_id)
    return _order(row) if row else None


async def orders_of_entitlement(conn: Connection, entitlement_id: UUID) -> list[Order]:
    """Every order an entitlement ever had, the first first."""
    sql = f"SELECT {_COLUMNS} FROM orders o WHERE o.entitlement_id = $1 ORDER BY o.created_at, o.id"
    return [_order(row) for row in await conn.fetch(sql, entitlement_id)]


async def claim(
    conn: Connection, worker: UUID, *, at: datetime, until: datetime, limit: int
) -> list[Order]:
    """Take orders that are due and whose provider is not left alone; nobody else gets them before ``until``."""
    rows = await conn.fetch(
        f"""
        WITH due AS (
            SELECT id FROM orders
             WHERE look_at <= $2 AND (claimed_until IS NULL OR claimed_until <= $2)
               AND NOT EXISTS (SELECT FROM provider_lines p
                                WHERE p.provider_id = orders.provider_id AND p.open_until > $2)
             ORDER BY look_at LIMIT $4 FOR UPDATE SKIP LOCKED
        )
        UPDATE orders o SET claimed_by = $1, claimed_until = $3 FROM due WHERE o.id = due.id
        RETURNING {_COLUMNS}
        """,
        worker,
        at,
        until,
        limit,
    )
    return [_order(row) for row in rows]


async def claimed(
    conn: Connection, worker: UUID, order_ids: Sequence[UUID], at: datetime
) -> list[Order]:
    """Those of the orders a worker still has, locked in the order of their ids."""
    sql = f"""
        SELECT {_COLUMNS} FROM orders o
         WHERE o.id = ANY($1::uuid[]) AND o.claimed_by = $2 AND o.claimed_until > $3
         ORDER BY o.id FOR UPDATE
    """
    return [_order(row) for row in await conn.fetch(sql, list(order_ids), worker, at)]


async def extend(
    conn: Connection, worker: UUID, order_ids: Sequence[UUID], until: datetime
) -> None:
    """A worker has these orders until then: it is about to call for them."""
    sql = "UPDATE orders SET claimed_by = $1, claimed_until = $3 WHERE id = ANY($2::uuid[])"
    await conn.execute(sql, worker, list(order_ids), until)


def _order(row: Record) -> Order:
    return Order(**{**dict(row), "state": OrderState(row["state"])})
