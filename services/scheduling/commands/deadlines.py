"""The map follows what the registry says of measures; reminders come by themselves."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.database import Connection
from chassis.outbox import publish
from chassis.refusal import Conflict, FieldError
from contracts.registry.measure_entry import MeasureEntry
from contracts.scheduling import (
    DeadlineDropped,
    DeadlineFact,
    DeadlineMoved,
    DeadlineNear,
    DeadlinePassed,
    DeadlineSet,
)
from services.scheduling.model.deadline import (
    Deadline,
    State,
    coming,
    deadline_id,
    end_of,
    hinders,
)
from services.scheduling.model.maintenance import Plan
from services.scheduling.store import deadlines

#: How long before a deadline a window must be over: people come in the last hours.
MARGIN = timedelta(hours=24)
_MOST = 200


@dataclass(frozen=True, slots=True)
class Mark:
    """A deadline as a measure names it."""

    what: str
    falls_at: datetime
    payment_service_id: UUID | None = None


def marks_of(entry: MeasureEntry) -> list[Mark]:
    """Every deadline of a measure, with the earlier cut-offs of its payment services."""
    own = [
        Mark("apply", entry.apply_until),
        Mark("allocate", end_of(entry.allocate_by)),
    ]
    earlier = [
        Mark("service", service.apply_until, service.payment_service_id)
        for service in entry.services
        if service.apply_until is not None and service.apply_until < entry.apply_until
    ]
    return own + earlier


async def follow(
    conn: Connection,
    about: str,
    marks: Iterable[Mark],
    *,
    title: str,
    organisation_id: UUID,
    now: datetime,
) -> None:
    """Make the map say of one thing what is said of it now; what is not named any more is dropped."""
    known = await deadlines.about_for_update(conn, about)
    for mark in marks:
        key = deadline_id(about, mark.what, mark.payment_service_id)
        before = known.pop(key, None)
        if before is None:
            await _add(conn, key, about, mark, title, organisation_id, now)
        elif before.differs_from(mark.falls_at, title):
            after = before.at(mark.falls_at, title, now)
            await _say(conn, after, DeadlineMoved, now, fell_at=before.falls_at)
    for left in known.values():
        if left.state is State.SET:
            await _say(conn, left.dropped(), DeadlineDropped, now)


async def turn(conn: Connection, *, now: datetime) -> Deadline | None:
    """Say the reminder or the passing that is due, once; None when none is."""
    found = await deadlines.due_for_update(conn, now)
    if found is None:
        return None
    assert found.due_at is not None
    after, at = found.reminded(), found.due_at
    if found.next_days == 0:
        await _say(conn, after, DeadlinePassed, at)
    else:
        await _say(conn, after, DeadlineNear, at, days=found.next_days)
    return after


async def covered(conn: Connection, plan: Plan) -> list[Deadline]:
    """The deadlines a window stands in the way of: those within it, or within a day of its end."""
    near = await deadlines.between(
        conn, plan.starts_at, plan.ends_at + MARGIN, after=None, limit=_MOST
    )
    return [d for d in near if hinders(plan.system, plan.functions, d.what)]


async def refuse_if_covered(conn: Connection, plan: Plan) -> None:
    """Refuse a window that would keep people from meeting a deadline."""
    found = await covered(conn, plan)
    if found:
        raise Conflict(
            "deadline-covered",
            f"この時間帯に締切が{len(found)}件あります。日時を変えるか、締切を確かめた上で登録してください。",
            errors=[FieldError("starts_at", "deadline_covered", d.title) for d in found[:20]],
        )


async def _add(
    conn: Connection,
    key: UUID,
    about: str,
    mark: Mark,
    title: str,
    organisation_id: UUID,
    now: datetime,
) -> None:
    days, due_at = coming(mark.falls_at, now)
    made = Deadline(
        id=key,
        about=about,
        what=mark.what,
        title=title,
        organisation_id=organisation_id,
        payment_service_id=mark.payment_service_id,
        falls_at=mark.falls_at,
        state=State.SET,
        next_days=days,
        due_at=due_at,
        revision=1,
    )
    await _say(conn, made, DeadlineSet, now)


async def _say(
    conn: Connection, deadline: Deadline, kind: type[DeadlineFact], at: datetime, **more: Any
) -> None:
    await deadlines.save_deadline(conn, deadline)
    publish(
        conn,
        kind(
            deadline_id=deadline.id,
            revision=deadline.revision,
            occurred_at=at,
            about=deadline.about,
            what=deadline.what,
            title=deadline.title,
            organisation_id=deadline.organisation_id,
            payment_service_id=deadline.payment_service_id,
            falls_at=deadline.falls_at,
            **more,
        ),
    )
