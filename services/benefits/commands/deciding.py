"""Applications are approved, rejected, withdrawn, revoked; their yen go with the decision."""

from dataclasses import dataclass
from datetime import datetime

from chassis.database import Connection
from chassis.outbox import publish
from chassis.refusal import Conflict
from contracts.benefits import (
    ApplicationApproved,
    ApplicationRejected,
    ApplicationRevoked,
    ApplicationWithdrawn,
    EntitlementRevoked,
)
from services.benefits.commands import entitlements as issuing
from services.benefits.commands import ledger, reserving
from services.benefits.commands.saying import about, of
from services.benefits.model import entitlement as points
from services.benefits.model.application import Application, State
from services.benefits.model.eligibility import Finding, Reason
from services.benefits.model.measure import Measure
from services.benefits.store import applications, entitlements
from services.benefits.store.applications import Event


@dataclass(frozen=True, slots=True)
class By:
    """Who decides, and who of the same organisation stands beside."""

    actor: str
    now: datetime
    approved_by: str | None = None


async def approve(
    conn: Connection,
    application: Application,
    measure: Measure,
    by: By,
    *,
    message: str = "",
    findings: tuple[Finding, ...] = (),
) -> Application:
    """The conditions are met: the yen are promised for good, an entitlement is issued."""
    if application.transfer_id is None:
        raise Conflict("application-state", "まだ順番を待っている申込みは、承認できません。")
    done = application.stepped("decide", State.APPROVED, by.now, message=message)
    posted = await ledger.post(conn, application.transfer_id, actor=by.actor)
    event = Event(
        revision=done.revision,
        act="approve",
        at=by.now,
        actor=by.actor,
        approved_by=by.approved_by,
        version=measure.entry.version,
        findings=findings,
        message=message,
    )
    await applications.save_application(conn, done, event)
    publish(conn, ApplicationApproved(**about(done, measure), amount_yen=done.amount))
    await issuing.issue(conn, done, measure, posted, by.now)
    return done


async def reject(
    conn: Connection,
    application: Application,
    measure: Measure,
    by: By,
    *,
    reason: Reason,
    message: str = "",
    findings: tuple[Finding, ...] = (),
) -> Application:
    """The conditions are not met: place and yen are free for others."""
    done = application.stepped("decide", State.REJECTED, by.now, reason=reason, message=message)
    await reserving.give_back(conn, application, measure, actor=by.actor)
    event = Event(
        revision=done.revision,
        act="reject",
        at=by.now,
        actor=by.actor,
        approved_by=by.approved_by,
        version=measure.entry.version,
        findings=findings,
        reason=reason,
        message=message,
    )
    await applications.save_application(conn, done, event)
    publish(conn, ApplicationRejected(**about(done, measure), reason=reason))
    return done


async def withdraw(
    conn: Connection, application: Application, measure: Measure, *, actor: str, now: datetime
) -> Application:
    """The applicant takes it back, until it is decided."""
    if not measure.entry.withdrawal_allowed:
        raise Conflict(
            "withdrawal-not-allowed",
            "この施策は、申込みのあとの取消しができません。市区町村にお問い合わせください。",
        )
    done = application.stepped("withdraw", State.WITHDRAWN, now)
    await reserving.give_back(conn, application, measure, actor=actor)
    await applications.save_application(conn, done, Event(done.revision, "withdraw", now, actor))
    publish(conn, ApplicationWithdrawn(**about(done, measure)))
    return done


async def revoke(
    conn: Connection,
    application: Application,
    measure: Measure,
    by: By,
    *,
    reason: Reason,
    message: str,
) -> Application:
    """The municipality takes an approval back before anything was granted; two people stand behind it."""
    found = await entitlements.of_application(conn, application.id, locked=True)
    if found is None or found.state is not points.State.ISSUED:
        raise Conflict(
            "entitlement-in-use",
            "受け取りの手続きに入っているため、ここでは取り消せません。付与取消を依頼してください。",
        )
    gone = found.stepped(points.State.REVOKED, by.now)
    await reserving.free_place(conn, application, measure)
    await issuing.back_to_budget(conn, gone, gone.amount, actor=by.actor)
    await entitlements.save_entitlement(conn, gone)
    publish(conn, EntitlementRevoked(**of(gone, measure), reason=reason))
    done = application.stepped("revoke", State.REVOKED, by.now, reason=reason, message=message)
    event = Event(
        revision=done.revision,
        act="revoke",
        at=by.now,
        actor=by.actor,
        approved_by=by.approved_by,
        reason=reason,
        message=message,
    )
    await applications.save_application(conn, done, event)
    publish(conn, ApplicationRevoked(**about(done, measure), reason=reason))
    return done
