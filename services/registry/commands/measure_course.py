"""What happens to a public measure: it rests, goes on, ends, and what became due happens by itself."""

from datetime import datetime
from uuid import UUID

from chassis.clock import day_of
from chassis.database import Connection
from chassis.refusal import Conflict
from contracts.registry import (
    MeasureCancelled,
    MeasureClosed,
    MeasureCompleted,
    MeasureOpened,
    MeasurePaused,
    MeasureResumed,
    MeasureSettling,
)
from contracts.values import CloseReason, PauseReason
from services.registry.commands.measure_cover import rest, without_lost
from services.registry.commands.measure_record import Acting, keep, not_covered, own_measure, say
from services.registry.model.measure.measure import Measure
from services.registry.model.measure.state import State
from services.registry.store import measures


async def pause(
    conn: Connection, municipality_id: UUID, measure_id: UUID, acting: Acting, *, message: str
) -> Measure:
    """Nobody applies for the time being."""
    measure = await own_measure(conn, municipality_id, measure_id, acting)
    moment, reason = measure.moment(acting.now), str(PauseReason.MUNICIPALITY_DECISION)
    paused = measure.paused(reason, at=moment, now=moment, message=message)
    await keep(conn, paused, "paused", acting, message=message, reason=reason)
    say(conn, MeasurePaused, paused, reason=reason, message=message)
    return paused


async def resume(
    conn: Connection, municipality_id: UUID, measure_id: UUID, acting: Acting
) -> Measure:
    """People may apply again, or will from the day on that was announced."""
    return await _go_on(conn, await own_measure(conn, municipality_id, measure_id, acting), acting)


async def resume_itself(conn: Connection, measure_id: UUID, now: datetime) -> Measure | None:
    """A registration it rested for counts again, and so it goes on; None if it does not rest for one any more."""
    measure = await measures.measure_for_update(conn, measure_id)
    rests = measure.state is State.PAUSED
    if not rests or measure.reason != PauseReason.REGISTRATION_SUSPENDED:
        return None
    return await _go_on(conn, measure, Acting.itself(now))


async def _go_on(conn: Connection, measure: Measure, acting: Acting) -> Measure:
    measure.rescheduled(now=acting.now)
    entry, now = measure.entry, acting.now
    if entry is None or entry.apply_until <= now:
        raise Conflict("measure-over", "申込みの締切を過ぎているので、再開できません。")
    opens = entry.apply_from if measure.opened_at is None else now
    covered = await without_lost(conn, measure, on=day_of(max(opens, now)), now=now)
    if covered is None:
        raise not_covered()
    moment = covered.moment(now)
    waits = opens > now
    resumed = covered.rescheduled(now=moment) if waits else covered.opened(at=moment, now=moment)
    await keep(conn, resumed, "resumed", acting)
    first_time = resumed.state is State.OPEN and measure.opened_at is None
    say(conn, MeasureOpened if first_time else MeasureResumed, resumed)
    return resumed


async def close(
    conn: Connection,
    municipality_id: UUID,
    measure_id: UUID,
    acting: Acting,
    *,
    reason: CloseReason,
    message: str,
) -> Measure:
    """Nobody applies any more, before the day that was announced."""
    measure = await own_measure(conn, municipality_id, measure_id, acting)
    moment = measure.moment(acting.now)
    closed = measure.closed(reason, at=moment, now=moment, message=message)
    await keep(conn, closed, "closed", acting, message=message, reason=reason)
    say(conn, MeasureClosed, closed, reason=reason, message=message)
    return closed


async def complete(
    conn: Connection, municipality_id: UUID, measure_id: UUID, acting: Acting
) -> Measure:
    """Everything is settled."""
    measure = await own_measure(conn, municipality_id, measure_id, acting)
    completed = measure.completed(now=measure.moment(acting.now))
    await keep(conn, completed, "completed", acting)
    say(conn, MeasureCompleted, completed)
    return completed


async def cancel(
    conn: Connection, municipality_id: UUID, measure_id: UUID, acting: Acting, *, reason: str
) -> Measure:
    """It does not take place; where somebody had read of it, that is said."""
    measure = await own_measure(conn, municipality_id, measure_id, acting)
    cancelled = measure.cancelled(reason, now=measure.moment(acting.now))
    await keep(conn, cancelled, "cancelled", acting, message=reason)
    if cancelled.entry is not None:
        say(conn, MeasureCancelled, cancelled, reason=reason)
    return cancelled


async def take_due(conn: Connection, measure_id: UUID, now: datetime) -> bool:
    """Do what is due of a measure, true from the instant it was due at; whether there was something to do.

    The row is locked and its next due instant is saved with what was done, so it is done once however many
    copies look and whenever one is killed.
    """
    measure = await measures.due_measure_for_update(conn, measure_id, now)
    if measure is None or measure.due_at is None:
        return False
    at = measure.from_when(measure.due_at)
    if measure.state is State.SCHEDULED:
        await _open(conn, measure, at, now)
    elif measure.state is State.CLOSED:
        settling = measure.settling(at=at, now=measure.moment(now))
        await keep(conn, settling, "settling", Acting.itself(now))
        say(conn, MeasureSettling, settling)
    else:
        reason = CloseReason.DEADLINE
        closed = measure.closed(reason, at=at, now=measure.moment(now))
        await keep(conn, closed, "closed", Acting.itself(now), reason=reason)
        say(conn, MeasureClosed, closed, reason=reason)
    return True


async def _open(conn: Connection, measure: Measure, at: datetime, now: datetime) -> None:
    """Open it, if contracts carry it on its day; else it rests, and its municipality hears why."""
    covered = await without_lost(conn, measure, on=day_of(at), now=now, at=at)
    if covered is None:
        await rest(conn, measure, on=day_of(at), at=at, now=now)
        return
    opened = covered.opened(at=covered.from_when(at), now=covered.moment(now))
    await keep(conn, opened, "opened", Acting.itself(now))
    say(conn, MeasureOpened, opened)
