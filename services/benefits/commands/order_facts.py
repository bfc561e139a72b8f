"""Says what becomes of orders and allocations."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from chassis.database import Connection
from chassis.outbox import publish
from contracts.benefits import AllocationFact, OrderFact
from services.benefits.model.allocation import Allocation
from services.benefits.model.order import Order
from services.benefits.store import allocations


def feed_of(order: Order) -> str:
    """The private feed of an order's provider."""
    return f"orders-{order.provider_id}"


def say_order(
    conn: Connection, order: Order, kind: type[OrderFact], at: datetime, **more: Any
) -> Order:
    """Say a fact about an order, into its provider's feed too; the order as it is to be kept."""
    said = order.said(order.moment(at))
    fields = {f: getattr(said, f) for f in OrderFact.model_fields if hasattr(said, f)}
    fact = kind.model_validate(
        {**fields, "order_id": said.id, "occurred_at": said.said_at, **more},
    )
    publish(conn, fact, feeds=(feed_of(said),))
    return said


async def say_allocation(
    conn: Connection,
    allocation: Allocation,
    order: Order,
    kind: type[AllocationFact],
    at: datetime,
    **more: Any,
) -> None:
    """Say a later fact about an allocation, and keep that it was said."""
    moment = allocation.moment(at)
    after = replace(allocation, revision=allocation.revision + 1, said_at=moment)
    await allocations.save_said(conn, after)
    publish_allocation(conn, after, order, kind, **more)


def publish_allocation(
    conn: Connection, allocation: Allocation, order: Order, kind: type[AllocationFact], **more: Any
) -> None:
    """Say a fact about an allocation as it is."""
    publish(
        conn,
        kind.model_validate(
            {
                "allocation_id": allocation.id,
                "entitlement_id": allocation.entitlement_id,
                "person_id": allocation.person_id,
                "resident_id": allocation.resident_id,
                "measure_id": order.measure_id,
                "municipality_id": order.municipality_id,
                "provider_id": allocation.provider_id,
                "payment_service_code": allocation.payment_service_code,
                "amount": order.amount,
                "revision": allocation.revision,
                "occurred_at": allocation.said_at,
                **more,
            }
        ),
    )
