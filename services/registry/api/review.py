"""The secretariat's decisions, and registrations it enters on behalf of organisations without an account."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.database import Connection
from chassis.refusal import FieldError
from chassis.web import Answer, Ask, Body, Routes
from contracts.values import OrganisationKind
from services.registry.api.documents import SECRETARIAT
from services.registry.api.kept import GUIDELINES
from services.registry.api.queue import MESSAGE, ReviewView, answer, reviewer_of
from services.registry.api.registration import WRITERS, DraftBody, NothingBody
from services.registry.api.roles import REVIEWERS
from services.registry.commands import organisations, registrations, review, standing

routes = Routes("/api/v1/registry", tag="registry")
Day = Annotated[date, Field(strict=False)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=60)]


class Remark(Body):
    """What to mend in one field, in the reviewer's words."""

    field: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    detail: Annotated[str, StringConstraints(min_length=1, max_length=500)]


class ReturnBody(Body):
    """What the organisation gets to read, and until when it has time."""

    reason: Reason
    message: MESSAGE
    remarks: list[Remark] = Field(default=[], max_length=100)
    correct_by: Day


class RejectBody(Body):
    """Why the organisation is not registered, in the words it gets."""

    reason: Reason
    message: MESSAGE


class ApproveBody(Body):
    """From which day the registration counts, and a word to the organisation."""

    effective_on: Day | None = None
    message: Annotated[str, StringConstraints(max_length=2000)] = ""


class StandingBody(Body):
    """From which day, and why; the reason is public."""

    effective_on: Day | None = None
    reason: Annotated[str, StringConstraints(min_length=1, max_length=500)]


class EnterBody(Body):
    """An organisation without an account."""

    organisation_kind: Annotated[OrganisationKind, Field(strict=False)]
    code: Annotated[str, StringConstraints(min_length=1, max_length=20)]
    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]


@routes.post(
    "/registrations", organisation=SECRETARIAT, roles=WRITERS, status=201, answers=ReviewView
)
async def enter(ask: Ask, conn: Connection, body: EnterBody) -> Answer:
    """Begin a registration for an organisation without an account."""
    organisation_id = await organisations.enter_on_behalf(
        conn,
        kind=body.organisation_kind,
        code=body.code,
        name=body.name,
        by=ask.principal,
        now=ask.now,
    )
    return await answer(ask, conn, organisation_id)


@routes.put(
    "/registrations/{organisation_id}/draft",
    organisation=SECRETARIAT,
    roles=WRITERS,
    if_match=True,
    answers=ReviewView,
)
async def save_on_behalf(
    ask: Ask, conn: Connection, organisation_id: UUID, body: DraftBody
) -> Answer:
    """Keep sections of the form for an organisation."""
    await registrations.save_draft(
        conn, organisation_id, body.sections(), expected=ask.if_match, now=ask.now
    )
    return await answer(ask, conn, organisation_id)


@routes.post(
    "/registrations/{organisation_id}/submit",
    organisation=SECRETARIAT,
    roles=WRITERS,
    if_match=True,
    status=201,
    answers=ReviewView,
)
async def submit_on_behalf(
    ask: Ask, conn: Connection, organisation_id: UUID, body: NothingBody
) -> Answer:
    """Hand the form in for an organisation; somebody else of the secretariat decides."""
    await registrations.submit(
        conn,
        organisation_id,
        by=ask.principal,
        expected=ask.if_match,
        guidelines=ask.app[GUIDELINES],
        today=ask.today,
        now=ask.now,
    )
    return await answer(ask, conn, organisation_id)


@routes.post(
    "/registrations/{organisation_id}/take",
    organisation=SECRETARIAT,
    roles=REVIEWERS,
    if_match=True,
    answers=ReviewView,
)
async def take(ask: Ask, conn: Connection, organisation_id: UUID, body: NothingBody) -> Answer:
    """Begin with the review."""
    await review.take(conn, organisation_id, reviewer_of(ask))
    return await answer(ask, conn, organisation_id)


@routes.post(
    "/registrations/{organisation_id}/return",
    organisation=SECRETARIAT,
    roles=REVIEWERS,
    if_match=True,
    answers=ReviewView,
)
async def give_back(ask: Ask, conn: Connection, organisation_id: UUID, body: ReturnBody) -> Answer:
    """Ask for corrections until a day."""
    await review.return_for_correction(
        conn,
        organisation_id,
        reviewer_of(ask),
        message=body.message,
        reason=body.reason,
        remarks=tuple(FieldError(r.field, "remark", r.detail) for r in body.remarks),
        correct_by=body.correct_by,
    )
    return await answer(ask, conn, organisation_id)


@routes.post(
    "/registrations/{organisation_id}/approve",
    organisation=SECRETARIAT,
    roles=REVIEWERS,
    if_match=True,
    answers=ReviewView,
)
async def approve(ask: Ask, conn: Connection, organisation_id: UUID, body: ApproveBody) -> Answer:
    """Register the organisation from a day on."""
    await review.approve(
        conn,
        organisation_id,
        reviewer_of(ask),
        effective_on=body.effective_on or ask.today,
        message=body.message,
    )
    return await answer(ask, conn, organisation_id)


@routes.post(
    "/registrations/{organisation_id}/reject",
    organisation=SECRETARIAT,
    roles=REVIEWERS,
    if_match=True,
    answers=ReviewView,
)
async def reject(ask: Ask, conn: Connection, organisation_id: UUID, body: RejectBody) -> Answer:
    """Do not register the organisation, and say why."""
    await review.reject(
        conn, organisation_id, reviewer_of(ask), message=body.message, reason=body.reason
    )
    return await answer(ask, conn, organisation_id)


@routes.post(
    "/registrations/{organisation_id}/suspend",
    organisation=SECRETARIAT,
    roles=REVIEWERS,
    if_match=True,
    answers=ReviewView,
)
async def suspend(ask: Ask, conn: Connection, organisation_id: UUID, body: StandingBody) -> Answer:
    """Let a registration rest from a day on."""
    await standing.suspend(
        conn,
        organisation_id,
        reviewer_of(ask),
        effective_on=body.effective_on or ask.today,
        reason=body.reason,
    )
    return await answer(ask, conn, organisation_id)


@routes.post(
    "/registrations/{organisation_id}/resume",
    organisation=SECRETARIAT,
    roles=REVIEWERS,
    if_match=True,
    answers=ReviewView,
)
async def resume(ask: Ask, conn: Connection, organisation_id: UUID, body: StandingBody) -> Answer:
    """Let a resting registration count again from a day on."""
    await standing.resume(
        conn,
        organisation_id,
        reviewer_of(ask),
        effective_on=body.effective_on or ask.today,
        reason=body.reason,
    )
    return await answer(ask, conn, organisation_id)


@routes.post(
    "/registrations/{organisation_id}/withdraw",
    organisation=SECRETARIAT,
    roles=REVIEWERS,
    if_match=True,
    answers=ReviewView,
)
async def leave(ask: Ask, conn: Connection, organisation_id: UUID, body: StandingBody) -> Answer:
    """Take an organisation that leaves out of the register from a day on."""
    await standing.leave(
        conn,
        organisation_id,
        reviewer_of(ask),
        effective_on=body.effective_on or ask.today,
        reason=body.reason,
    )
    return await answer(ask, conn, organisation_id)
