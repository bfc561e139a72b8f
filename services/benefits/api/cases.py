"""Cases: each side sees its own; the secretariat takes care of them and decides."""

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
from services.benefits.api.provider_orders import SCOPES
from services.benefits.commands import deciding_cases
from services.benefits.model.answer import CaseKind
from services.benefits.store import cases
from services.benefits.store.cases import Case

routes = Routes("/api/v1/benefits", tag="benefits")

_SECRETARIAT = {OrganisationKind.SECRETARIAT}
_PARTIES = set(OrganisationKind)
_DECIDERS = {Role.ADMIN, Role.EDITOR, Role.APPROVER, Role.OPERATOR}


class CaseListQuery(ListQuery):
    """Cases that are open, or decided."""

    state: Literal["open", "closed"] | None = None


class AssignmentBody(Body):
    """Whose turn it is."""

    owner: Literal["municipality", "provider", "secretariat"]


class DecisionBody(Body):
    """What is decided: it is paid, it is taken back, or nothing follows."""

    resolution: Literal["accepted", "returned", "no_action"]
    words: Annotated[str, StringConstraints(max_length=500)] = ""


class CaseView(BaseModel):
    """A case."""

    id: UUID
    kind: CaseKind
    order_id: UUID | None
    provider_id: UUID
    municipality_id: UUID | None
    measure_id: UUID | None
    owner: str
    assignee: str | None
    #: Yen in suspense because of it.
    suspended: int
    words: str
    state: str
    opened_at: AwareDatetime
    closed_at: AwareDatetime | None
    resolution: str | None
    closed_by: str | None
    #: What one person would decide; another has to confirm it.
    proposed: str | None
    proposed_by: str | None
    version: int


class CaseRows(Page[CaseView]):
    """A page of cases, the newest first."""


@routes.get("/cases", organisation=_PARTIES, scopes=SCOPES)
async def case_list(ask: Ask, conn: Connection, query: CaseListQuery) -> CaseRows:
    """The cases the organisation has to do with, the newest first."""
    kind = ask.principal.organisation_kind
    own = ask.organisation_id
    found = await cases.case_page(
        conn,
        provider_id=own if kind is OrganisationKind.PROVIDER else None,
        municipality_id=own if kind is OrganisationKind.MUNICIPALITY else None,
        state=query.state,
        after=instant_after(query.after),
        limit=query.limit + 1,
    )
    page = found[: query.limit]
    more = len(found) > query.limit
    return CaseRows(
        items=[_view(one) for one in page],
        next=cursor_at(page[-1].opened_at, page[-1].id) if more else None,
    )


@routes.get("/cases/{case_id}", organisation=_PARTIES, scopes=SCOPES, answers=CaseView)
async def one_case(ask: Ask, conn: Connection, case_id: UUID) -> Answer:
    """One case."""
    found = await cases.case(conn, case_id)
    own = {
        OrganisationKind.PROVIDER: found.provider_id,
        OrganisationKind.MUNICIPALITY: found.municipality_id,
        OrganisationKind.SECRETARIAT: ask.organisation_id,
        None: None,
    }[ask.principal.organisation_kind]
    if own != ask.organisation_id:
        raise NotFound("case-unknown", "この確認事項は見つかりません。")
    return _shown(found)


@routes.post(
    "/cases/{case_id}/assignment",
    organisation=_SECRETARIAT,
    roles=_DECIDERS,
    if_match=True,
    answers=CaseView,
)
async def assign_case(ask: Ask, conn: Connection, case_id: UUID, body: AssignmentBody) -> Answer:
    """Take care of a case, and say whose turn it is."""
    found = await deciding_cases.take_over(
        conn, case_id, owner=body.owner, by=str(ask.principal), expected=ask.if_match
    )
    return _shown(found)


@routes.post(
    "/cases/{case_id}/decision",
    organisation=_SECRETARIAT,
    roles=_DECIDERS,
    if_match=True,
    answers=CaseView,
)
async def decide_case(ask: Ask, conn: Connection, case_id: UUID, body: DecisionBody) -> Answer:
    """Decide a case; where money lies in suspense, a second person decides the same."""
    found = await deciding_cases.decide(
        conn,
        case_id,
        body.resolution,
        by=str(ask.principal),
        at=ask.now,
        expected=ask.if_match,
    )
    return _shown(found)


def _shown(found: Case) -> Answer:
    return Answer(_view(found), etag=str(found.version))


def _view(found: Case) -> CaseView:
    return CaseView.model_validate({f: getattr(found, f) for f in CaseView.model_fields})
