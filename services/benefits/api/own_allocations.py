"""Residents say where their points go, and change it until the order is sent."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.database import Connection
from chassis.refusal import FieldError, Invalid, NotFound
from chassis.web import ACCESS, Answer, Ask, Body, Routes
from services.benefits.api.asked import RESIDENTS, ServiceCode, here_of, proof_of, resident_of
from services.benefits.api.order_views import AllocationView, allocation_view
from services.benefits.commands import allocations as commands
from services.benefits.commands.allocations import Choice, Office
from services.benefits.commands.naming import provider_refs
from services.benefits.store import entitlements, orders

routes = Routes("/api/v1/benefits", tag="benefits")


class AllocationBody(Body):
    """Which account of which payment service, typed or kept; the card was read for exactly this."""

    payment_service_code: ServiceCode
    account_id: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None
    saved_service_id: Annotated[UUID, Field(strict=False)] | None = None
    proof: Annotated[str, StringConstraints(max_length=8192)]


@routes.get("/own-entitlements/{entitlement_id}/allocation", kinds=RESIDENTS)
async def own_allocation(ask: Ask, conn: Connection, entitlement_id: UUID) -> AllocationView:
    """Where the points go, or went last."""
    found = await entitlements.entitlement(conn, entitlement_id)
    if found.resident_id != resident_of(ask):
        raise NotFound("no-such-entitlement", "このポイントは見つかりません。")
    made = await orders.orders_of_entitlement(conn, entitlement_id)
    if not made:
        raise NotFound("no-such-allocation", "受け取り先は、まだ決まっていません。")
    return allocation_view(made[-1])


@routes.post(
    "/own-entitlements/{entitlement_id}/allocation",
    kinds=RESIDENTS,
    status=201,
    answers=AllocationView,
)
async def allocate(
    ask: Ask, conn: Connection, entitlement_id: UUID, body: AllocationBody
) -> Answer:
    """Give the points of an entitlement to an account."""
    made = await commands.allocate(
        conn, _office(ask), here_of(ask), entitlement_id, _choice(ask, body)
    )
    return Answer(allocation_view(made), etag=str(made.version))


@routes.put(
    "/own-entitlements/{entitlement_id}/allocation", kinds=RESIDENTS, answers=AllocationView
)
async def change_allocation(
    ask: Ask, conn: Connection, entitlement_id: UUID, body: AllocationBody
) -> Answer:
    """Choose another account, as long as the order has not been sent."""
    made = await commands.change(
        conn, _office(ask), here_of(ask), entitlement_id, _choice(ask, body)
    )
    return Answer(allocation_view(made), etag=str(made.version))


def _choice(ask: Ask, body: AllocationBody) -> Choice:
    if (body.account_id is None) == (body.saved_service_id is None):
        detail = "会員番号を入れるか、登録した受け取り先から選んでください。"
        raise Invalid(
            "account-unnamed", detail, errors=[FieldError("account_id", "account-unnamed", detail)]
        )
    account = body.account_id or body.saved_service_id
    assert account is not None
    return Choice(body.payment_service_code, account, proof_of(ask, body.proof))


def _office(ask: Ask) -> Office:
    keys = ask.app[ACCESS]
    return Office(
        seal=lambda text: keys.seal("benefits", text),
        resident_ref=provider_refs(keys.tag),
        now=ask.now,
    )
