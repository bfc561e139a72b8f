"""A municipality wants a grant back (付与取消), or gives up what could not be had back; two people each time."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, StringConstraints

from chassis.database import Connection
from chassis.refusal import NotFound
from chassis.web import Answer, Ask, Body, Routes
from contracts.principal import Role
from contracts.values import OrganisationKind
from services.benefits.commands import reversing
from services.benefits.commands.reversing import Wish
from services.benefits.store import order_decisions, orders

routes = Routes("/api/v1/benefits", tag="benefits")


class DecisionBody(Body):
    """What is wanted, and why, in the words the record keeps."""

    kind: Literal["reversal", "write_off"]
    reason: Annotated[str, StringConstraints(min_length=1, max_length=500)]


class DecisionView(BaseModel):
    """Where the order is now, and what waits for another person."""

    order_id: UUID
    state: str
    proposed: str | None
    proposed_by: str | None


@routes.post(
    "/grants/{order_id}/decisions",
    organisation={OrganisationKind.MUNICIPALITY},
    roles={Role.ADMIN, Role.APPROVER},
    answers=DecisionView,
)
async def decide_grant(ask: Ask, conn: Connection, order_id: UUID, body: DecisionBody) -> Answer:
    """Propose that a grant is taken back or given up; another person who wants the same decides it."""
    found = await orders.order(conn, order_id, lock=True)
    if found.municipality_id != ask.organisation_id:
        raise NotFound("order-unknown", "この付与は見つかりません。")
    wish = Wish(body.kind, body.reason, str(ask.principal), ask.now)
    after = await reversing.decide(conn, found, wish)
    waiting = await order_decisions.open_decision(conn, order_id)
    view = DecisionView(
        order_id=order_id,
        state=after.state,
        proposed=waiting.kind if waiting else None,
        proposed_by=waiting.proposed_by if waiting else None,
    )
    return Answer(view, etag=str(after.version))
