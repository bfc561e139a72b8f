"""Grant orders, and the calls that were made for them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Connection, Record
from chassis.refusal import NotFound
from services.benefits.model.order import Order
from services.benefits.model.saga import OrderState

#: The columns of a row of ``orders o``.
COLUMNS = """
       o.id, o.allocation_id, o.entitlement_id, o.person_id, o.measure_id, o.municipality_id, o.provider_id,
       o.payment_service_code, o.resident_ref, o.amount, o.state, o.version, o.revision, o.created_at,
       o.state_since, o.said_at, o.reservation_id, o.attempts, o.doubtful, o.inquiries, o.not_found, o.sent_at,
       o.look_at, o.granted_on, o.transaction_id, o.rejection
"""


#: Keeps what became of orders, told as ``columns_of``; whoever had claimed one has let it go.
SAVING = """
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
"""


async def save_orders(conn: Connection, changed: Sequence[Order]) -> None:
    """Keep what became of orders, in one statement."""
    await conn.execute(SAVING, *columns_of(changed))


def columns_of(changed: Sequence[Order]) -> tuple[list[object], ...]:
    """What ``SAVING`` takes."""
    return (
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
    sql = f"SELECT {COLUMNS} FROM orders o WHERE o.id = $1{' FOR UPDATE' if lock else ''}"
    row = await conn.fetchrow(sql, order_id)
    if row is None:
        raise NotFound("order-unknown", "この付与の依頼は見つかりません。")
    return read_order(row)


async def order_of_provider(
    conn: Connection, provider_id: UUID, order_id: UUID, *, lock: bool = False
) -> Order | None:
    """The order, if it is one of this provider."""
    sql = f"""
        SELECT {COLUMNS} FROM orders o
         WHERE o.id = $1 AND o.provider_id = $2 {"FOR UPDATE" if lock else ""}
    """
    row = await conn.fetchrow(sql, order_id, provider_id)
    return read_order(row) if row else None


async def orders_of_providers(
    conn: Connection, wanted: Collection[tuple[UUID, UUID]]
) -> dict[UUID, Order]:
    """Those of the orders, each named with its provider, that are there; locked in the order of their ids."""
    sql = f"""
        SELECT {COLUMNS} FROM orders o
          JOIN unnest($1::uuid[], $2::uuid[]) AS n(provider_id, id) USING (provider_id, id)
         ORDER BY o.id FOR UPDATE OF o
    """
    rows = await conn.fetch(sql, [p for p, _ in wanted], [order_id for _, order_id in wanted])
    return {row["id"]: read_order(row) for row in rows}


async def live_order(conn: Connection, entitlement_id: UUID) -> Order | None:
    """The one order of an entitlement that lives or was granted, locked."""
    sql = f"""
        SELECT {COLUMNS} FROM orders o
         WHERE o.entitlement_id = $1 AND o.state NOT IN ('rejected', 'cancelled', 'reversed')
           FOR UPDATE
    """
    row = await conn.fetchrow(sql, entitlement_id)
    return read_order(row) if row else None


async def orders_of_entitlement(conn: Connection, entitlement_id: UUID) -> list[Order]:
    """Every order an entitlement ever had, the first first."""
    sql = f"SELECT {COLUMNS} FROM orders o WHERE o.entitlement_id = $1 ORDER BY o.created_at, o.id"
    return [read_order(row) for row in await conn.fetch(sql, entitlement_id)]


async def extend(
    conn: Connection, worker: UUID, order_ids: Sequence[UUID], until: datetime
) -> None:
    """A worker has these orders until then: it is about to call for them."""
    sql = "UPDATE orders SET claimed_by = $1, claimed_until = $3 WHERE id = ANY($2::uuid[])"
    await conn.execute(sql, worker, list(order_ids), until)


def read_order(row: Record | dict[str, Any]) -> Order:
    """An order from its row."""
    return Order(**{**dict(row), "state": OrderState(row["state"])})
