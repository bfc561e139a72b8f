"""Entitlements are issued, held by an allocation, consumed, given back to the budget."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from chassis.database import Connection
from chassis.ids import new_id
from chassis.outbox import publish
from contracts.benefits import (
    ApplicationCompleted,
    ApplicationExpired,
    EntitlementConsumed,
    EntitlementExpired,
    EntitlementIssued,
    EntitlementNear,
    EntitlementReleased,
    EntitlementReserved,
)
from services.benefits.commands import ledger
from services.benefits.commands.saying import Municipal, about, of
from services.benefits.model import application as model
from services.benefits.model.application import Application
from services.benefits.model.entitlement import Entitlement, State, due_after
from services.benefits.model.ledger import Code
from services.benefits.model.measure import Measure
from services.benefits.store import applications, consuming, entitlements, measures
from services.benefits.store.applications import Event

_SELF = "service/benefits"


async def issue(
    conn: Connection, application: Application, measure: Measure, posted_id: UUID, now: datetime
) -> Entitlement:
    """What an approved application may receive, from now on."""
    made = issued(application, measure, posted_id, now)
    await entitlements.add_entitlement(conn, made)
    say_issued(conn, made, measure)
    return made


def issued(
    application: Application, measure: Measure, posted_id: UUID, now: datetime
) -> Entitlement:
    """The entitlement of an approved application, which is still to be kept."""
    assert application.lane is not None
    due, due_at = due_after(measure.entry.allocate_by, now)
    return Entitlement(
        id=new_id(),
        person_id=application.person_id,
        resident_id=application.resident_id,
        measure_id=measure.id,
        application_id=application.id,
        amount=application.amount,
        allocate_by=measure.entry.allocate_by,
        lane=application.lane,
        posted_id=posted_id,
        saved_service_id=application.saved_service_id,
        state=State.ISSUED,
        issued_at=now,
        state_since=now,
        due=due,
        due_at=due_at,
        revision=1,
    )


def say_issued(conn: Connection, made: Entitlement, measure: Measure) -> None:
    """Say that it may be received."""
    publish(conn, EntitlementIssued(**of(made, measure), saved_service_id=made.saved_service_id))


async def hold(
    conn: Connection, locked: Entitlement, whose: Municipal, *, now: datetime
) -> Entitlement:
    """An allocation holds it: nobody else can allocate it, and it does not lapse meanwhile."""
    held = locked.stepped(State.RESERVED, now)
    await entitlements.save_entitlement(conn, held)
    say_held(conn, held, whose)
    return held


def say_held(conn: Connection, held: Entitlement, whose: Municipal) -> None:
    """Say that an allocation holds it."""
    publish(conn, EntitlementReserved(**of(held, whose)))


async def release(conn: Connection, entitlement_id: UUID, *, now: datetime) -> Entitlement:
    """The allocation came to nothing; it can be allocated again, until its last day."""
    found = await entitlements.entitlement(conn, entitlement_id, locked=True)
    free = found.stepped(State.ISSUED, now)
    await entitlements.save_entitlement(conn, free)
    measure = await measures.measure(conn, free.measure_id)
    publish(conn, EntitlementReleased(**of(free, measure)))
    return free


async def consume(
    conn: Connection,
    entitlement_id: UUID,
    whose: Municipal,
    *,
    granted: int,
    service: str,
    now: datetime,
) -> None:
    """A provider granted ``granted`` yen; the caller posts exactly those out of ``reserved``.

    What was left of a rate's cap goes back to the budget.
    """
    done, used, event = consumed(*await consuming.locked(conn, entitlement_id), now)
    await consuming.save(conn, done, used, event)
    if granted < used.amount:
        await back_to_budget(conn, used, used.amount - granted, actor=_SELF)
    say_consumed(conn, done, used, whose, granted=granted, service=service)


def consumed(
    application: Application, entitlement: Entitlement, now: datetime
) -> tuple[Application, Entitlement, Event]:
    """Both after a grant, and the step that brought the application there."""
    used = entitlement.stepped(State.CONSUMED, now)
    done = application.stepped("complete", model.State.COMPLETED, now)
    return done, used, Event(done.revision, "complete", now, _SELF)


def say_consumed(
    conn: Connection,
    done: Application,
    used: Entitlement,
    whose: Municipal,
    *,
    granted: int,
    service: str,
) -> None:
    """Say of both that points were granted."""
    publish(
        conn,
        EntitlementConsumed(**of(used, whose), granted_yen=granted, payment_service_code=service),
    )
    publish(conn, ApplicationCompleted(**about(done, whose)))


async def back_to_budget(
    conn: Connection, entitlement: Entitlement, amount: int, *, actor: str
) -> None:
    """Yen of an entitlement are available again."""
    await ledger.reverse(
        conn,
        entitlement.posted_id,
        key=f"lapse/{entitlement.id}",
        amount=amount,
        code=Code.LAPSE,
        actor=actor,
    )


async def come_about(conn: Connection, *, now: datetime) -> bool:
    """Remind of the entitlement that is due first, or let it lapse; False when none is due."""
    known = await entitlements.due_entitlement(conn, now)
    if known is None:
        return False
    application = await applications.application(conn, known.application_id, locked=True)
    found = await entitlements.entitlement(conn, known.id, locked=True)
    if found.revision != known.revision:
        return True
    measure = await measures.measure(conn, found.measure_id)
    if found.due == "expire":
        await _expire(conn, found, application, measure)
    else:
        await _remind(conn, found, measure)
    return True


async def _remind(conn: Connection, found: Entitlement, measure: Measure) -> None:
    assert found.due is not None
    days = int(found.due.removeprefix("remind_"))
    told = found.reminded()
    await entitlements.save_entitlement(conn, told)
    publish(conn, EntitlementNear(**of(told, measure) | {"occurred_at": found.due_at}, days=days))


async def _expire(
    conn: Connection, found: Entitlement, application: Application, measure: Measure
) -> None:
    """It lapses as of the end of its last day, whenever that is seen."""
    at = found.due_at
    assert at is not None
    gone = found.stepped(State.EXPIRED, at)
    await back_to_budget(conn, gone, gone.amount, actor=_SELF)
    await entitlements.save_entitlement(conn, gone)
    publish(conn, EntitlementExpired(**of(gone, measure)))
    over = application.stepped("expire", model.State.EXPIRED, at)
    await applications.save_application(conn, over, Event(over.revision, "expire", at, _SELF))
    publish(conn, ApplicationExpired(**about(replace(over, state_since=at), measure)))
