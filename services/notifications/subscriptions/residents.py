"""What benefits says of applications and points: letters to the resident whose they are."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from chassis.clock import day_of
from chassis.database import Connection
from contracts.benefits import (
    AllocationFact,
    AllocationFailed,
    ApplicationFact,
    ApplicationMovedUp,
    ApplicationRejected,
    ApplicationReturned,
    ApplicationRevoked,
    ApplicationSubmitted,
    EntitlementConsumed,
    EntitlementExpired,
    EntitlementFact,
    EntitlementIssued,
    EntitlementNear,
    ServiceLinkResumed,
    ServiceLinkStopped,
)
from contracts.event import Fact
from contracts.identity import ResidentClosed
from services.notifications.commands.letters import Desk
from services.notifications.commands.residents import Told, tell_resident
from services.notifications.model.residents import Topic
from services.notifications.model.writing import Value
from services.notifications.store import residents
from services.notifications.subscriptions.writing import Writer, cause_of

#: An application is in a line, or was judged while the applicant waited: then the result is written at once.
_WAITING, _DECIDED = "waiting", "decided"


async def _tell(
    desk: Desk,
    conn: Connection,
    fact: ApplicationFact | EntitlementFact | AllocationFact,
    template: str,
    values: Mapping[str, Value],
    topic: Topic,
    *,
    by_mail: bool = True,
) -> None:
    told = Told(fact.resident_id, topic, fact.measure_id, fact.municipality_id)
    await tell_resident(conn, desk, cause_of(fact), told, template, values, by_mail=by_mail)


async def _submitted(desk: Desk, conn: Connection, fact: ApplicationSubmitted) -> None:
    template = "application_waiting" if fact.state == _WAITING else "application_received"
    values = {"reference": fact.reference}
    # Two mails in the same second would say the same.
    by_mail = fact.state != _DECIDED
    await _tell(desk, conn, fact, template, values, Topic.APPLICATIONS, by_mail=by_mail)


async def _moved_up(desk: Desk, conn: Connection, fact: ApplicationMovedUp) -> None:
    values = {"reference": fact.reference}
    await _tell(desk, conn, fact, "application_moved_up", values, Topic.APPLICATIONS)


async def _returned(desk: Desk, conn: Connection, fact: ApplicationReturned) -> None:
    values: dict[str, Value] = {
        "reference": fact.reference,
        "why": fact.reason,
        "answer_by": _last_day(fact.answer_by),
    }
    await _tell(desk, conn, fact, "application_returned", values, Topic.APPLICATIONS)


async def _rejected(desk: Desk, conn: Connection, fact: ApplicationRejected) -> None:
    values = {"reference": fact.reference, "why": fact.reason}
    await _tell(desk, conn, fact, "application_rejected", values, Topic.APPLICATIONS)


async def _revoked(desk: Desk, conn: Connection, fact: ApplicationRevoked) -> None:
    values = {"reference": fact.reference, "why": fact.reason}
    await _tell(desk, conn, fact, "application_revoked", values, Topic.APPLICATIONS)


async def _issued(desk: Desk, conn: Connection, fact: EntitlementIssued) -> None:
    if fact.saved_service_id is not None:
        values: dict[str, Value] = {"amount": fact.amount_yen}
        await _tell(desk, conn, fact, "points_on_their_way", values, Topic.APPLICATIONS)
        return
    await _tell(desk, conn, fact, "points_issued", _open(fact), Topic.APPLICATIONS)


async def _near(desk: Desk, conn: Connection, fact: EntitlementNear) -> None:
    values = {**_open(fact), "days": fact.days}
    await _tell(desk, conn, fact, "points_near", values, Topic.REMINDERS)


def _open(fact: EntitlementFact) -> dict[str, Value]:
    """What is there, and until when it can be allocated."""
    return {"amount": fact.amount_yen, "allocate_by": fact.allocate_by}


async def _consumed(desk: Desk, conn: Connection, fact: EntitlementConsumed) -> None:
    values: dict[str, Value] = {"amount": fact.granted_yen, "service": fact.payment_service_code}
    await _tell(desk, conn, fact, "points_granted", values, Topic.POINTS)


async def _expired(desk: Desk, conn: Connection, fact: EntitlementExpired) -> None:
    await _tell(desk, conn, fact, "points_expired", _open(fact), Topic.POINTS)


async def _failed(desk: Desk, conn: Connection, fact: AllocationFailed) -> None:
    values: dict[str, Value] = {
        "amount": fact.amount,
        "service": fact.payment_service_code,
        "refusal": fact.code,
        "allocate_by": _last_day(fact.allocate_by),
    }
    await _tell(desk, conn, fact, "allocation_failed", values, Topic.POINTS)


async def _stopped(desk: Desk, conn: Connection, fact: ServiceLinkStopped) -> None:
    values: dict[str, Value] = {
        "service": fact.payment_service_code,
        "cause": fact.reason,
        "held": fact.held,
    }
    told = Told(fact.resident_id, Topic.POINTS)
    await tell_resident(conn, desk, cause_of(fact), told, "link_stopped", values)


async def _resumed(desk: Desk, conn: Connection, fact: ServiceLinkResumed) -> None:
    values: dict[str, Value] = {"service": fact.payment_service_code, "held": fact.held}
    told = Told(fact.resident_id, Topic.POINTS)
    await tell_resident(conn, desk, cause_of(fact), told, "link_resumed", values)


def _last_day(end: datetime) -> date:
    """The last day before an instant at which it is too late."""
    return day_of(end - timedelta(microseconds=1))


async def _closed(desk: Desk, conn: Connection, fact: ResidentClosed) -> None:
    await residents.forget_resident(conn, fact.resident_id)


WRITERS: Mapping[type[Fact], Writer] = {
    ApplicationSubmitted: _submitted,
    ApplicationMovedUp: _moved_up,
    ApplicationReturned: _returned,
    ApplicationRejected: _rejected,
    ApplicationRevoked: _revoked,
    EntitlementIssued: _issued,
    EntitlementNear: _near,
    EntitlementConsumed: _consumed,
    EntitlementExpired: _expired,
    AllocationFailed: _failed,
    ServiceLinkStopped: _stopped,
    ServiceLinkResumed: _resumed,
    ResidentClosed: _closed,
}
