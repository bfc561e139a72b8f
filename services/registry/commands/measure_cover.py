"""What contracts mean for measures: none opens without one, and their end pauses or changes what they carried.

A service whose registration rests stays in the measure: it is promised, and counts again when it is back.
"""

from datetime import date, datetime
from uuid import UUID

from chassis.clock import day_of
from chassis.database import Connection
from chassis.refusal import Conflict, FieldError
from contracts.registry import MeasureChanged, MeasureEntry, MeasurePaused, ServiceInScope
from contracts.values import PauseReason
from services.registry.commands.measure_record import (
    Acting,
    keep,
    keep_version,
    not_covered,
    say,
)
from services.registry.model import reading
from services.registry.model.measure.changes import changed_fields
from services.registry.model.measure.form import MeasureForm
from services.registry.model.measure.measure import Measure
from services.registry.model.measure.state import LIVE, State
from services.registry.store import cover, measure_history, measures


async def require_cover(
    conn: Connection, measure: Measure, entry: MeasureEntry, *, on: date
) -> None:
    """Refuse an entry with a service that no contract carries on the day it opens.

    One that is in force already may rest meanwhile, as long as another is there or the measure rests as well.
    """
    allowed = await nameable(conn, measure, entry, on=on)
    lost = [s for s in entry.services if (s.payment_service_id, s.match_id) not in allowed]
    if lost:
        names = "、".join(s.name for s in lost)
        detail = f"次の決済サービスには、募集を始める日に有効な契約がありません：{names}。"
        error = FieldError("services", "service_not_covered", detail)
        raise Conflict("measure-not-covered", detail, errors=[error])
    if measure.state is not State.PAUSED and not await _carried(conn, entry, on):
        raise not_covered()


async def nameable(
    conn: Connection, measure: Measure, entry: MeasureEntry, *, on: date
) -> set[tuple[UUID, UUID]]:
    """Which services by which match an entry may name: what counts on a day, and what is in force and only rests."""
    own, kind = measure.municipality_id, entry.amount.grant_type
    carried = await cover.carried(conn, own, kind, on)
    if measure.entry is None:
        return carried
    in_force = {(s.payment_service_id, s.match_id) for s in measure.entry.services}
    return carried | (in_force & await cover.promised(conn, own, kind, on))


async def look_again(conn: Connection, municipality_id: UUID, now: datetime) -> bool:
    """A match, a contract or a registration has ended or rests: measures go without what they lost, or rest.

    Whether any did.
    """
    found = False
    for measure in await measures.measures_under_cover(conn, municipality_id):
        if measure.entry is None or measure.state not in LIVE:
            continue
        opens = measure.entry.apply_from if measure.opened_at is None else now
        on = day_of(max(opens, now))
        after = await without_lost(conn, measure, on=on, now=now)
        if after is None and measure.state is not State.PAUSED:
            after = await rest(conn, measure, on=on, at=measure.moment(now), now=now)
        found = found or after not in (None, measure)
    return found


async def without_lost(
    conn: Connection, measure: Measure, *, on: date, now: datetime, at: datetime | None = None
) -> Measure | None:
    """The measure with the services contracts promise on a day, said if it is another; None if none counts."""
    entry = measure.entry
    if entry is None or not await _carried(conn, entry, on):
        return None
    kept = await _promised(conn, entry, on)
    if len(kept) == len(entry.services):
        return measure
    names = "、".join(s.name for s in entry.services if s not in kept)
    note = f"契約か提供が終わったため、次の決済サービスでは受け取れなくなりました：{names}。"
    later = entry.model_copy(update={"services": kept, "version": entry.version + 1})
    moment = measure.moment(now)
    changed = measure.changed(later, now=moment, at=at)
    acting, fields = Acting.itself(now), changed_fields(entry, later)
    await keep(conn, changed, "services_lost", acting, message=note)
    form = await _form_without(conn, measure.id, entry.version, {s.code for s in kept})
    await keep_version(conn, changed, acting, form=form, fields=fields, note=note)
    say(conn, MeasureChanged, changed, changed=fields, note=note)
    return changed


async def rest(
    conn: Connection, measure: Measure, *, on: date, at: datetime, now: datetime
) -> Measure:
    """Nothing carries it any more: nobody applies until something does."""
    promised = measure.entry is not None and await _promised(conn, measure.entry, on)
    why = PauseReason.REGISTRATION_SUSPENDED if promised else PauseReason.PROVIDER_WITHDRAWN
    reason = str(why)
    paused = measure.paused(reason, at=at, now=measure.moment(now))
    await keep(conn, paused, "paused", Acting.itself(now), reason=reason)
    say(conn, MeasurePaused, paused, reason=reason)
    return paused


async def _form_without(
    conn: Connection, measure_id: UUID, number: int, codes: set[str]
) -> MeasureForm:
    """The form of the version in force, not the one somebody may be typing in, with the services that are left."""
    form = (await measure_history.measure_version(conn, measure_id, number)).form
    left = [s for s in form.services if reading.plain(s.code) in codes]
    return form.with_sections(services=left)


async def _carried(conn: Connection, entry: MeasureEntry, on: date) -> tuple[ServiceInScope, ...]:
    by = await cover.carried(conn, entry.municipality_id, entry.amount.grant_type, on)
    return tuple(s for s in entry.services if (s.payment_service_id, s.match_id) in by)


async def _promised(conn: Connection, entry: MeasureEntry, on: date) -> tuple[ServiceInScope, ...]:
    by = await cover.promised(conn, entry.municipality_id, entry.amount.grant_type, on)
    return tuple(s for s in entry.services if (s.payment_service_id, s.match_id) in by)
