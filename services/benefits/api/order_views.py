"""How orders are shown: to the provider that grants, and to the resident who waits."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel

from chassis.database import Connection
from chassis.paging import Page
from services.benefits.model.link import advice
from services.benefits.model.order import Order
from services.benefits.store import answers, attempts


class OrderRow(BaseModel):
    """An order in a provider's list."""

    id: UUID
    measure_id: UUID
    title: str
    municipality_id: UUID
    payment_service_code: str
    resident_ref: str
    amount: int
    state: str
    state_since: AwareDatetime
    attempts: int
    sent_at: AwareDatetime | None
    granted_on: date | None


class OrderRows(Page[OrderRow]):
    """A page of orders, what moved last first, and how many stand where in all."""

    counts: dict[str, int]


class AttemptView(BaseModel):
    """A call that was made for an order, or an entry of the feed."""

    number: int
    act: str
    request_hash: str
    begun_at: AwareDatetime
    ended_at: AwareDatetime | None
    outcome: str


class AnswerView(BaseModel):
    """Something a provider said of an order."""

    source: str
    result: str
    amount: int | None
    transaction_id: str | None
    code: str | None
    verdict: str
    received_at: AwareDatetime
    body_hash: str


class OrderView(BaseModel):
    """An order in full, as its provider sees it."""

    id: UUID
    measure_id: UUID
    municipality_id: UUID
    payment_service_code: str
    resident_ref: str
    amount: int
    state: str
    state_since: AwareDatetime
    created_at: AwareDatetime
    sent_at: AwareDatetime | None
    granted_on: date | None
    transaction_id: str | None
    rejection: str | None
    #: What the resident can do about it.
    advice: str | None
    attempts: list[AttemptView]
    answers: list[AnswerView]
    version: int


class AllocationView(BaseModel):
    """Where the points of an entitlement go, and how far that is."""

    order_id: UUID
    entitlement_id: UUID
    payment_service_code: str
    amount: int
    state: str
    state_since: AwareDatetime
    #: Why the provider grants nothing there, and what the resident can do.
    rejection: str | None
    advice: str | None
    #: Until when another choice can be made without anything having been sent.
    change_until: AwareDatetime | None


async def order_view(conn: Connection, order: Order) -> OrderView:
    """An order with every call and every answer."""
    fields: dict[str, Any] = {
        name: getattr(order, name) for name in OrderView.model_fields if hasattr(order, name)
    }
    calls = await attempts.attempts_of(conn, order.id)
    said = await answers.answers_of(conn, order.id)
    return OrderView.model_validate(
        {
            **fields,
            "advice": advice(order.rejection),
            "attempts": [dict(c) for c in calls],
            "answers": [dict(a) for a in said],
        }
    )


def allocation_view(order: Order) -> AllocationView:
    """An order as the resident sees it."""
    waiting = order.state in ("reserved", "queued")
    return AllocationView(
        order_id=order.id,
        entitlement_id=order.entitlement_id,
        payment_service_code=order.payment_service_code,
        amount=order.amount,
        state=order.state,
        state_since=order.state_since,
        rejection=order.rejection,
        advice=advice(order.rejection),
        change_until=order.look_at if waiting else None,
    )
