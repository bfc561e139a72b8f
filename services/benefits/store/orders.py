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


_CHANGING = {
    "id": "uuid",
    "state": "text",
    "version": "bigint",
    "revision": "bigint",
    "state_since": "timestamptz",
    "said_at": "timestamptz",
    "attempts": "int",
    "doubtful": "bool",
    "inquiries": "int",
    "not_found": "int",
    "sent_at": "timestamptz",
    "look_at": "timestamptz",
    "granted_on": "date",
    "transaction_id": "text",
    "rejection": "text",
}


def saving(first: int = 1) -> str:
    """The statement that keeps what became of orders, their columns from the ``first`` argument on; part of a larger
    one where more is written with it. Whoever had claimed one has let it go.
    """
    arrays = ", ".join(f"${first + n}::{kind}[]" for n, kind in enumerate(_CHANGING.values()))
    changes = ", ".join(f"{name} = n.{name}" for name in list(_CHANGING)[1:])
    return f"""
        UPDATE orders o SET {changes}, claimed_by = NULL, claimed_until = NULL
          FROM unnest({arrays}) AS n({", ".join(_CHANGING)})
         WHERE o.id = n.id
    """


async def save_orders(conn: Connection, changed: Sequence[Order]) -> None:
    """Keep what became of orders, in one statement."""
    await conn.execute(saving(), *columns_of(changed))


def columns_of(changed: Sequence[Order]) -> list[list[object]]:
    """What ``saving`` takes."""
    return [[getattr(order, name) for order in changed] for name in _CHANGING]


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
