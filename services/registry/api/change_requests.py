"""Change requests: a registered organisation asks, the secretariat decides."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from chassis.database import Connection
from chassis.paging import Page, after_of, cursor_of
from chassis.web import Answer, Ask, Body, Query, Routes
from contracts.values import OrganisationKind
from services.registry.api.documents import SECRETARIAT
from services.registry.api.kept import GUIDELINES
from services.registry.api.queue import MESSAGE, reviewer_of
from services.registry.api.registration import APPLICANTS, WRITERS, NothingBody
from services.registry.api.roles import REVIEWERS
from services.registry.commands import change_requests as commands
from services.registry.model.differences import Difference, differences
from services.registry.model.form import RegistrationForm
from services.registry.store import change_requests, organisations
from services.registry.store.change_requests import ChangeRequest

routes = Routes("/api/v1/registry", tag="registry")
Day = Annotated[date, Field(strict=False)]


class ChangeRequestBody(Body):
    """The whole form as it is to be, why, and from when."""

    form: RegistrationForm
    wanted_on: Day
    reason: Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class ChangeRequestView(BaseModel):
    """A change request with what it would alter."""

    id: UUID
    organisation_id: UUID
    #: ``open``, ``approved``, ``rejected`` or ``withdrawn``.
    state: str
    wanted_on: date
    reason: str
    requested_at: AwareDatetime
    decided_at: AwareDatetime | None
    message: str
    differences: list[Difference]
    version: int


class ChangeRequestList(BaseModel):
    """The own change requests, the newest first."""

    items: list[ChangeRequestView]


class WaitingChange(BaseModel):
    """A change request in the secretariat's queue."""

    id: UUID
    organisation_id: UUID
    organisation_kind: OrganisationKind
    reference: str | None
    code: str | None
    name: str | None
    state: str
    wanted_on: date
    reason: str
    requested_at: AwareDatetime


class WaitingChangePage(Page[WaitingChange]):
    """A page of the queue of change requests, the ones waiting longest first."""


class WaitingQuery(Query):
    """Which change requests."""

    state: Annotated[str, StringConstraints(pattern="^(open|approved|rejected|withdrawn)$")] = (
        "open"
    )
    after: Annotated[str, StringConstraints(max_length=200)] | None = None
    limit: int = Field(default=20, ge=1, le=100)


class ApproveChangeBody(Body):
    """From which day the change counts, and a word to the organisation."""

    effective_on: Day | None = None
    message: Annotated[str, StringConstraints(max_length=2000)] = ""


class RejectChangeBody(Body):
    """Why the change is not granted, in the words the organisation gets."""

    message: MESSAGE


@routes.get("/change-requests/own", organisation=APPLICANTS)
async def own_change_requests(ask: Ask, conn: Connection) -> ChangeRequestList:
    """The own change requests, the newest first."""
    found = await change_requests.change_requests_of(conn, ask.organisation_id)
    return ChangeRequestList(items=[await _view(conn, request) for request in found])


@routes.post("/change-requests", organisation=APPLICANTS, roles=WRITERS, status=201)
async def add_change_request(
    ask: Ask, conn: Connection, body: ChangeRequestBody
) -> ChangeRequestView:
    """Ask for other registered data."""
    request = await commands.request_change(
        conn,
        ask.organisation_id,
        body.form,
        wanted_on=body.wanted_on,
        reason=body.reason,
        by=ask.principal,
        guidelines=ask.app[GUIDELINES],
        today=ask.today,
        now=ask.now,
    )
    return await _view(conn, request)


@routes.post("/change-requests/{request_id}/withdraw", organisation=APPLICANTS, roles=WRITERS)
async def withdraw_change_request(
    ask: Ask, conn: Connection, request_id: UUID, body: NothingBody
) -> ChangeRequestView:
    """Take the own open change request back."""
    request = await commands.withdraw_change(
        conn, ask.organisation_id, request_id, by=ask.principal, now=ask.now
    )
    return await _view(conn, request)


@routes.get("/change-requests", organisation=SECRETARIAT)
async def waiting_change_requests(conn: Connection, query: WaitingQuery) -> WaitingChangePage:
    """The queue of change requests."""
    after = after_of(query.after, datetime, UUID)
    rows = await change_requests.change_requests(
        conn, state=query.state, after=after, limit=query.limit + 1
    )
    page = rows[: query.limit]
    last = page[-1] if len(rows) > query.limit else None
    return WaitingChangePage(
        items=[_waiting(dict(row)) for row in page],
        next=cursor_of(last["requested_at"].isoformat(), str(last["id"])) if last else None,
    )


@routes.get("/change-requests/{request_id}", organisation=SECRETARIAT, answers=ChangeRequestView)
async def change_request(conn: Connection, request_id: UUID) -> Answer:
    """A change request with what it would alter."""
    view = await _view(conn, await change_requests.change_request(conn, request_id))
    return Answer(view, etag=str(view.version))


@routes.post("/change-requests/{request_id}/approve", organisation=SECRETARIAT, roles=REVIEWERS)
async def approve_change_request(
    ask: Ask, conn: Connection, request_id: UUID, body: ApproveChangeBody
) -> ChangeRequestView:
    """Register what was asked for, from a day on."""
    asked = await change_requests.change_request(conn, request_id)
    request = await commands.approve_change(
        conn,
        request_id,
        reviewer_of(ask),
        effective_on=body.effective_on or max(asked.wanted_on, ask.today),
        message=body.message,
    )
    return await _view(conn, request)


@routes.post("/change-requests/{request_id}/reject", organisation=SECRETARIAT, roles=REVIEWERS)
async def reject_change_request(
    ask: Ask, conn: Connection, request_id: UUID, body: RejectChangeBody
) -> ChangeRequestView:
    """Leave the entry as it is, and say why."""
    request = await commands.reject_change(conn, request_id, reviewer_of(ask), message=body.message)
    return await _view(conn, request)


def _waiting(row: dict[str, Any]) -> WaitingChange:
    return WaitingChange.model_validate({**row, "organisation_kind": row["kind"]})


async def _view(conn: Connection, request: ChangeRequest) -> ChangeRequestView:
    """An open request is compared with what is registered; a decided one shows no difference any more."""
    found: list[Difference] = []
    if request.state == "open":
        organisation = await organisations.organisation(conn, request.organisation_id)
        if organisation.application is not None:
            found = differences(
                organisation.application.model_dump(mode="json"),
                request.application.model_dump(mode="json"),
            )
    return ChangeRequestView(
        id=request.id,
        organisation_id=request.organisation_id,
        state=request.state,
        wanted_on=request.wanted_on,
        reason=request.reason,
        requested_at=request.requested_at,
        decided_at=request.decided_at,
        message=request.message,
        differences=found,
        version=request.version,
    )
