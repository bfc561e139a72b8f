"""A registered organisation asks for other registered data; the secretariat decides."""

from datetime import date, datetime
from uuid import UUID

from chassis.database import Connection, UniqueViolation
from chassis.ids import new_id
from chassis.outbox import publish
from chassis.refusal import Conflict, Invalid, NotFound
from contracts.principal import Principal
from contracts.registry import (
    ChangeApproved,
    ChangeRejected,
    ChangeRequested,
)
from services.registry.commands.altering import alter
from services.registry.commands.registrations import judged_application
from services.registry.commands.review import Reviewer
from services.registry.model.checking import Guidelines
from services.registry.model.form import RegistrationForm
from services.registry.model.organisation import Organisation, State
from services.registry.store import change_requests, organisations, submissions
from services.registry.store.change_requests import ChangeRequest


async def request_change(
    conn: Connection,
    organisation_id: UUID,
    form: RegistrationForm,
    *,
    wanted_on: date,
    reason: str,
    by: Principal,
    guidelines: Guidelines,
    today: date,
    now: datetime,
) -> ChangeRequest:
    """Ask to be registered with what ``form`` says instead."""
    organisation = await organisations.organisation_for_update(conn, organisation_id)
    if organisation.state is not State.REGISTERED:
        raise Conflict("registration-state", "変更を申請できるのは、登録済みの団体だけです。")
    application = await judged_application(
        conn, organisation, form, guidelines=guidelines, today=today
    )
    if application == organisation.application:
        detail = "いまの登録と同じ内容です。変えたい項目を直してから出してください。"
        raise Invalid("nothing-changed", detail)
    moment = organisation.moment(now)
    request = ChangeRequest(
        id=new_id(),
        organisation_id=organisation_id,
        state="open",
        wanted_on=wanted_on,
        reason=reason,
        form=form,
        application=application,
        requested_at=moment,
        requested_by=str(by),
    )
    await _add_alone(conn, request)
    noted = organisation.noted(now=moment)
    await organisations.save_organisation(conn, noted)
    await submissions.add_step(
        conn, organisation_id, "change_requested", at=moment, actor=str(by), message=reason
    )
    publish(
        conn,
        ChangeRequested(
            organisation_id=organisation_id,
            revision=noted.revision,
            occurred_at=moment,
            change_request_id=request.id,
        ),
    )
    return request


async def approve_change(
    conn: Connection, request_id: UUID, reviewer: Reviewer, *, effective_on: date, message: str = ""
) -> ChangeRequest:
    """Register what was asked for, from a day on."""
    before, request = await _under(conn, request_id, reviewer)
    moment = before.moment(reviewer.now)
    altered = before.altered(
        request.application, effective_on=effective_on, today=reviewer.today, now=moment
    )
    approved = altered.saved_form(request.form).noted(now=moment)
    await _decide(conn, request, "approved", reviewer, moment, message)
    publish(
        conn,
        ChangeApproved(
            organisation_id=approved.id,
            revision=approved.revision,
            occurred_at=moment,
            change_request_id=request.id,
        ),
    )
    await alter(conn, before, approved)
    return await change_requests.change_request(conn, request_id)


async def reject_change(
    conn: Connection, request_id: UUID, reviewer: Reviewer, *, message: str
) -> ChangeRequest:
    """Leave the entry as it is, and say why."""
    before, request = await _under(conn, request_id, reviewer)
    moment = before.moment(reviewer.now)
    await _decide(conn, request, "rejected", reviewer, moment, message)
    noted = before.noted(now=moment)
    await organisations.save_organisation(conn, noted)
    publish(
        conn,
        ChangeRejected(
            organisation_id=noted.id,
            revision=noted.revision,
            occurred_at=moment,
            change_request_id=request.id,
            message=message,
        ),
    )
    return await change_requests.change_request(conn, request_id)


async def withdraw_change(
    conn: Connection, organisation_id: UUID, request_id: UUID, *, by: Principal, now: datetime
) -> ChangeRequest:
    """The organisation takes its open request back; nothing was public about it."""
    organisation = await organisations.organisation_for_update(conn, organisation_id)
    request = await change_requests.change_request(conn, request_id)
    if request.organisation_id != organisation.id:
        raise NotFound("change-request-unknown", "この変更申請は見つかりません。")
    _is_open(request)
    await change_requests.decide_change_request(
        conn, request_id, "withdrawn", at=now, by=str(by), message=""
    )
    await submissions.add_step(conn, organisation_id, "change_withdrawn", at=now, actor=str(by))
    return await change_requests.change_request(conn, request_id)


async def _under(
    conn: Connection, request_id: UUID, reviewer: Reviewer
) -> tuple[Organisation, ChangeRequest]:
    asked = await change_requests.change_request(conn, request_id)
    organisation = await organisations.organisation_for_update(conn, asked.organisation_id)
    # Read again: whoever held the lock may just have decided it.
    request = await change_requests.change_request(conn, request_id)
    _is_open(request)
    return organisation.reviewed_by(reviewer.by, request.requested_by), request


def _is_open(request: ChangeRequest) -> None:
    if request.state != "open":
        raise Conflict("change-request-decided", "この変更申請は、もう結果が出ています。")


async def _add_alone(conn: Connection, request: ChangeRequest) -> None:
    try:
        async with conn.transaction():
            await change_requests.add_change_request(conn, request)
    except UniqueViolation:
        detail = (
            "前の変更申請の結果がまだ出ていません。結果を待つか、取り下げてから出してください。"
        )
        raise Conflict("change-request-open", detail) from None


async def _decide(
    conn: Connection,
    request: ChangeRequest,
    state: str,
    reviewer: Reviewer,
    at: datetime,
    message: str,
) -> None:
    await change_requests.decide_change_request(
        conn, request.id, state, at=at, by=str(reviewer.by), message=message
    )
    await submissions.add_step(
        conn,
        request.organisation_id,
        f"change_{state}",
        at=at,
        actor=str(reviewer.by),
        message=message,
    )
