"""The municipality asks for more, the applicant answers; who does not answer, and who waits for a place."""

from datetime import datetime, timedelta

from chassis.clock import day_of
from chassis.database import Connection
from chassis.outbox import publish
from chassis.refusal import FieldError, Invalid
from contracts.benefits import (
    ApplicationApproved,
    ApplicationMovedUp,
    ApplicationResubmitted,
    ApplicationReturned,
)
from services.benefits.commands import entitlements, reserving
from services.benefits.commands.deciding import By, reject
from services.benefits.commands.judging import judged
from services.benefits.commands.saying import about
from services.benefits.model.application import Application, State, first_state
from services.benefits.model.eligibility import Reason
from services.benefits.model.measure import Measure
from services.benefits.store import applications, measures, waiting
from services.benefits.store.applications import Event

_SELF = "service/benefits"
_LONGEST = timedelta(days=60)


async def give_back(
    conn: Connection,
    application: Application,
    measure: Measure,
    by: By,
    *,
    reason: Reason,
    message: str,
    answer_by: datetime,
) -> Application:
    """Ask the applicant for more (書類を求める), until an instant."""
    if not by.now < answer_by <= by.now + _LONGEST:
        detail = "回答の期限は、明日から60日先までの日にしてください。"
        raise Invalid(
            "return-invalid", detail, errors=[FieldError("answer_by", "out_of_range", detail)]
        )
    done = application.stepped(
        "return", State.RETURNED, by.now, reason=reason, message=message, answer_by=answer_by
    )
    event = Event(
        revision=done.revision,
        act="return",
        at=by.now,
        actor=by.actor,
        reason=reason,
        message=message,
    )
    await applications.save_application(conn, done, event)
    publish(conn, ApplicationReturned(**about(done, measure), reason=reason, answer_by=answer_by))
    return done


async def answer(
    conn: Connection, application: Application, measure: Measure, *, actor: str, now: datetime
) -> Application:
    """The applicant has answered; the municipality looks again."""
    done = application.stepped("resubmit", State.IN_REVIEW, now)
    verdict = await judged(conn, application, now)
    event = Event(
        revision=done.revision,
        act="resubmit",
        at=now,
        actor=actor,
        version=application.version,
        findings=verdict.findings,
    )
    await applications.save_application(conn, done, event)
    publish(conn, ApplicationResubmitted(**about(done, measure)))
    return done


async def let_pass(conn: Connection, *, now: datetime) -> bool:
    """Somebody did not answer, or did not come: as of that instant it is rejected. False when nobody is late."""
    found = await waiting.unanswered(conn, now)
    if found is None:
        return False
    assert found.answer_by is not None
    measure = await measures.measure(conn, found.measure_id)
    came = found.state is State.RETURNED
    reason = Reason.NOT_ANSWERED if came else Reason.ATTENDANCE_NOT_CONFIRMED
    await reject(conn, found, measure, By(_SELF, found.answer_by), reason=reason)
    return True


async def move_up(conn: Connection, *, now: datetime) -> bool:
    """Who waited longest gets the place that became free. False when nobody waits or nothing is free."""
    measure_id = await waiting.waiting_where_free(conn, day_of(now))
    found = await waiting.first_waiting(conn, measure_id) if measure_id else None
    if found is None:
        return False
    measure = await measures.measure(conn, found.measure_id)
    verdict = await judged(conn, found, now)
    state = first_state(verdict)
    decided = state is State.APPROVED
    held = await reserving.reserve(conn, found, measure, decided=decided, actor=_SELF)
    if held is None:
        return False
    due = measure.attend_by() if state is State.AWAITING_PARTICIPATION else None
    done = held.stepped("move_up", state, now, answer_by=due)
    event = Event(
        revision=done.revision,
        act="move_up",
        at=now,
        actor=_SELF,
        version=found.version,
        findings=verdict.findings,
    )
    await applications.save_application(conn, done, event)
    if decided:
        assert done.transfer_id is not None
        publish(conn, ApplicationApproved(**about(done, measure), amount_yen=done.amount))
        await entitlements.issue(conn, done, measure, done.transfer_id, now)
    else:
        publish(conn, ApplicationMovedUp(**about(done, measure), state=state))
    return True
