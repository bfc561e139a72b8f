"""A municipality wants a grant back (付与取消), or gives up what could not be had back; two people each time."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, StringConstraints

from chassis.database import Connection
from chassis.paging import Page
from chassis.refusal import NotFound
from chassis.web import Answer, Ask, Body, Routes
from contracts.principal import Role
from contracts.values import OrganisationKind
from services.benefits.api.lists import ListQuery, cursor_at, instant_after
from services.benefits.commands import reversing
from services.benefits.commands.reversing import Wish
from services.benefits.model.order import Order
from services.benefits.model.saga import OrderState
from services.benefits.store import order_decisions, order_lists, orders

routes = Routes("/api/v1/benefits", tag="benefits")

_MUNICIPALITY = {OrganisationKind.MUNICIPALITY}


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


class GrantListQuery(ListQuery):
    """Grants in one state, or those about which something waits for a second person."""

    state: OrderState | None = None
    proposed: bool = False


class GrantRow(BaseModel):
    """A grant in a municipality's list."""

    id: UUID
    measure_id: UUID
    title: str
    application_id: UUID
    reference: str
    payment_service_code: str
    amount: int
    state: str
    state_since: AwareDatetime
    granted_on: date | None
    #: ``reversal`` or ``write_off``: another person has to decide.
    proposed: str | None


class GrantRows(Page[GrantRow]):
    """A page of grants, what moved last first."""


class TakenDecision(BaseModel):
    """What one person proposed, and who decided it."""

    kind: str
    reason: str
    proposed_by: str
    proposed_at: AwareDatetime
    decided_by: str | None
    decided_at: AwareDatetime | None
    #: Whether whoever asks has proposed it.
    own: bool


class TakenDecisions(BaseModel):
    """Everything proposed or decided about a grant, the first first."""

    state: str
    items: list[TakenDecision]


@routes.get("/grants", organisation=_MUNICIPALITY)
async def grants(ask: Ask, conn: Connection, query: GrantListQuery) -> GrantRows:
    """The grants of the municipality's measures, what moved last first."""
    rows = await order_lists.grant_page(
        conn,
        ask.organisation_id,
        state=query.state,
        proposed=query.proposed,
        after=instant_after(query.after),
        limit=query.limit + 1,
    )
    page = rows[: query.limit]
    more = len(rows) > query.limit
    return GrantRows(
        items=[GrantRow.model_validate(dict(row)) for row in page],
        next=cursor_at(page[-1]["state_since"], page[-1]["id"]) if more else None,
    )


@routes.get("/grants/{order_id}/decisions", organisation=_MUNICIPALITY)
async def decisions(ask: Ask, conn: Connection, order_id: UUID) -> TakenDecisions:
    """What was proposed and decided about a grant."""
    found = await orders.order(conn, order_id)
    _own(ask, found)
    made = await order_decisions.decisions_of(conn, order_id)
    asker = str(ask.principal)
    return TakenDecisions(
        state=found.state,
        items=[
            TakenDecision(
                **{f: getattr(one, f) for f in TakenDecision.model_fields if f != "own"},
                own=one.proposed_by == asker,
            )
            for one in made
        ],
    )


@routes.post(
    "/grants/{order_id}/decisions",
    organisation=_MUNICIPALITY,
    roles={Role.ADMIN, Role.APPROVER},
    answers=DecisionView,
)
async def decide_grant(ask: Ask, conn: Connection, order_id: UUID, body: DecisionBody) -> Answer:
    """Propose that a grant is taken back or given up; another person who wants the same decides it."""
    found = await orders.order(conn, order_id, lock=True)
    _own(ask, found)
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


def _own(ask: Ask, found: Order) -> None:
    if found.municipality_id != ask.organisation_id:
        raise NotFound("order-unknown", "この付与は見つかりません。")
