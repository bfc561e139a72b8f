"""Somebody takes part at an occasion and says so with its code."""

from datetime import datetime
from uuid import UUID

from chassis.database import Connection
from chassis.ids import new_id
from chassis.outbox import publish
from chassis.refusal import Conflict
from contracts.benefits import ApplicationAttended
from services.benefits.commands.deciding import By, approve, reject
from services.benefits.commands.judging import judged
from services.benefits.commands.saying import about
from services.benefits.model.application import Application, State
from services.benefits.model.attendance import Code, occasion_of, span_of
from services.benefits.model.eligibility import Reason, Says
from services.benefits.model.measure import Measure
from services.benefits.store import applications, attendance, measures
from services.benefits.store.applications import Event

_SELF = "service/benefits"


async def make_code(
    conn: Connection,
    measure: Measure,
    occasion_id: UUID,
    *,
    minutes: int,
    uses: int | None,
    by: str,
    now: datetime,
) -> Code:
    """A code for an occasion, good for some minutes of it."""
    first, last = span_of(occasion_of(measure.entry, occasion_id), minutes, now)
    code = Code(
        id=new_id(),
        measure_id=measure.id,
        occasion_id=occasion_id,
        valid_from=first,
        valid_until=last,
        uses=uses,
        used=0,
        made_by=by,
        made_at=now,
    )
    await attendance.add_code(conn, code)
    return code


async def attend(
    conn: Connection,
    code_id: UUID,
    resident_id: UUID,
    *,
    application_id: UUID | None,
    actor: str,
    now: datetime,
) -> Application:
    """Write the attendance down; what can be decided by it is."""
    code = await attendance.code_for_update(conn, code_id)
    code.admit(now)
    waiting = await attendance.expected(conn, code.measure_id, resident_id)
    chosen = [one for one in waiting if application_id in (None, one)]
    if not chosen:
        raise Conflict(
            "attendance-unexpected",
            "この施策に、参加を待っている申込みがありません。先に申し込むか、状況を確かめてください。",
        )
    found = await applications.application(conn, chosen[0], locked=True)
    measure = await measures.measure(conn, found.measure_id)
    await attendance.attend(conn, code, found.id, now)
    return await _on_from(conn, found, measure, code.occasion_id, actor, now)


async def _on_from(
    conn: Connection,
    found: Application,
    measure: Measure,
    occasion_id: UUID,
    actor: str,
    now: datetime,
) -> Application:
    seen = found.stepped("attend", State.IN_REVIEW, now)
    verdict = await judged(conn, found, now)
    event = Event(
        revision=seen.revision,
        act="attend",
        at=now,
        actor=actor,
        version=found.version,
        findings=verdict.findings,
    )
    await applications.save_application(conn, seen, event)
    publish(conn, ApplicationAttended(**about(seen, measure), occasion_id=occasion_id))
    by = By(_SELF, now)
    if verdict.says is Says.YES:
        return await approve(conn, seen, measure, by, findings=verdict.findings)
    if verdict.says is Says.NO:
        reason = verdict.reason or Reason.OTHER
        return await reject(conn, seen, measure, by, reason=reason, findings=verdict.findings)
    return seen
