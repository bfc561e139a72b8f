"""Residents say where their points go, and change it until the order is sent."""

from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

from chassis.database import Connection
from chassis.refusal import NotFound
from chassis.web import ACCESS, Answer, Ask, Body, Routes
from services.benefits.api.asked import RESIDENTS, proof_of, resident_of
from services.benefits.api.order_views import AllocationView, allocation_view
from services.benefits.commands import allocations as commands
from services.benefits.commands.allocations import Choice, Office
from services.benefits.commands.naming import provider_refs
from services.benefits.model.allocation import Here
from services.benefits.store import entitlements, orders

routes = Routes("/api/v1/benefits", tag="benefits")


class AllocationBody(Body):
    """Which account of which payment service; the card was read for exactly this."""

    payment_service_code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{1,40}$")]
    account_id: Annotated[str, StringConstraints(min_length=1, max_length=64)]
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
        conn, _office(ask), _here(ask), entitlement_id, _choice(ask, body)
    )
    return Answer(allocation_view(made), etag=str(made.version))


@routes.put(
    "/own-entitlements/{entitlement_id}/allocation", kinds=RESIDENTS, answers=AllocationView
)
async def change_allocation(
    ask: Ask, conn: Connection, entitlement_id: UUID, body: AllocationBody
) -> Answer:
    """Choose another account, as long as the order has not been sent."""
    made = await commands.change(conn, _office(ask), _here(ask), entitlement_id, _choice(ask, body))
    return Answer(allocation_view(made), etag=str(made.version))


def _here(ask: Ask) -> Here:
    return Here(resident_of(ask), ask.principal.desk_id)


def _choice(ask: Ask, body: AllocationBody) -> Choice:
    return Choice(body.payment_service_code, body.account_id, proof_of(ask, body.proof))


def _office(ask: Ask) -> Office:
    keys = ask.app[ACCESS]
    return Office(
        seal=lambda text: keys.seal("benefits", text),
        resident_ref=provider_refs(keys.tag),
        now=ask.now,
    )
