"""Monthly settlements: the provider confirms and invoices, the municipality approves and pays."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel

from chassis.database import Connection
from chassis.paging import Page, after_of, cursor_of
from chassis.refusal import Forbidden, NotFound
from chassis.web import Answer, Ask, Body, Routes
from contracts.principal import Role
from contracts.values import OrganisationKind
from services.benefits.api.lists import ListQuery
from services.benefits.commands import settlements as commands
from services.benefits.model.settlement import STEPS, Settlement, SettlementState
from services.benefits.store import measures, settlements

routes = Routes("/api/v1/benefits", tag="benefits")

_PARTIES = set(OrganisationKind)
_SIDES = {OrganisationKind.PROVIDER, OrganisationKind.MUNICIPALITY}
_APPROVERS = {Role.ADMIN, Role.APPROVER}


class StepBody(Body):
    """How far it comes."""

    becomes: Literal[
        SettlementState.CONFIRMED_BY_PROVIDER,
        SettlementState.APPROVED_BY_MUNICIPALITY,
        SettlementState.INVOICED,
        SettlementState.PAID,
    ]

    model_config = Body.model_config | {"strict": False}


class SettlementView(BaseModel):
    """A month of a measure between a municipality and a provider."""

    id: UUID
    municipality_id: UUID
    provider_id: UUID
    measure_id: UUID
    title: str
    month: date
    state: SettlementState
    grants: int
    granted: int
    reversals: int
    reversed: int
    total: int
    #: What follows, and whose turn it is.
    following: SettlementState | None
    turn: OrganisationKind | None
    version: int


class SettlementRows(Page[SettlementView]):
    """A page of settlements, the latest month first."""


class StepView(BaseModel):
    """Who brought it where, and when."""

    at: AwareDatetime
    state: SettlementState
    actor: str


class SettlementDetail(BaseModel):
    """A settlement with its steps."""

    settlement: SettlementView
    steps: list[StepView]


@routes.get("/settlements", organisation=_PARTIES)
async def settlement_list(ask: Ask, conn: Connection, query: ListQuery) -> SettlementRows:
    """The settlements of the organisation, the latest month first."""
    kind, own = ask.principal.organisation_kind, ask.organisation_id
    found = await settlements.settlement_page(
        conn,
        provider_id=own if kind is OrganisationKind.PROVIDER else None,
        municipality_id=own if kind is OrganisationKind.MUNICIPALITY else None,
        after=after_of(query.after, date, UUID),
        limit=query.limit + 1,
    )
    page = found[: query.limit]
    last = page[-1] if len(found) > query.limit else None
    return SettlementRows(
        items=[await _view(conn, one) for one in page],
        next=cursor_of(last.month.isoformat(), str(last.id)) if last else None,
    )


@routes.get("/settlements/{settlement_id}", organisation=_PARTIES, answers=SettlementDetail)
async def one_settlement(ask: Ask, conn: Connection, settlement_id: UUID) -> Answer:
    """One settlement with its steps."""
    return await _shown(conn, await _own(ask, conn, settlement_id))


@routes.post(
    "/settlements/{settlement_id}/steps",
    organisation=_SIDES,
    roles=_APPROVERS,
    if_match=True,
    answers=SettlementDetail,
)
async def step_settlement(
    ask: Ask, conn: Connection, settlement_id: UUID, body: StepBody
) -> Answer:
    """Bring a settlement one step on, when it is the own side's turn."""
    found = (await _own(ask, conn, settlement_id, lock=True)).expected(ask.if_match)
    kind = ask.principal.organisation_kind
    if kind is None:
        raise Forbidden("no-organisation", "この操作は団体に所属する方だけができます。")
    after = await commands.step(
        conn, found, body.becomes, kind, actor=str(ask.principal), at=ask.now
    )
    return await _shown(conn, after)


async def _own(
    ask: Ask, conn: Connection, settlement_id: UUID, *, lock: bool = False
) -> Settlement:
    found = await settlements.settlement(conn, settlement_id, lock=lock)
    own = ask.organisation_id
    secretariat = ask.principal.organisation_kind is OrganisationKind.SECRETARIAT
    if not secretariat and own not in (found.provider_id, found.municipality_id):
        raise NotFound("settlement-unknown", "この精算は見つかりません。")
    return found


async def _shown(conn: Connection, found: Settlement) -> Answer:
    steps = await settlements.steps_of(conn, found.id)
    view = SettlementDetail(
        settlement=await _view(conn, found),
        steps=[StepView.model_validate(dict(step)) for step in steps],
    )
    return Answer(view, etag=str(found.version))


async def _view(conn: Connection, found: Settlement) -> SettlementView:
    measure = await measures.measure(conn, found.measure_id)
    following, turn = STEPS.get(found.state, (None, None))
    fields = {f: getattr(found, f) for f in SettlementView.model_fields if hasattr(found, f)}
    return SettlementView.model_validate(
        {**fields, "title": measure.title, "following": following, "turn": turn}
    )
