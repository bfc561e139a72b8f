"""What contracts mean for measures: none opens without one, and their end pauses or changes what they carried."""

from datetime import date, datetime
from uuid import UUID

from chassis.clock import day_of
from chassis.database import Connection
from chassis.refusal import Conflict, FieldError
from contracts.registry import MeasureChanged, MeasureEntry, MeasurePaused, ServiceInScope
from contracts.values import CloseReason
from services.registry.commands.measure_record import Acting, keep, keep_version, say
from services.registry.model import reading
from services.registry.model.measure.changes import changed_fields
from services.registry.model.measure.form import MeasureForm
from services.registry.model.measure.measure import Measure
from services.registry.model.measure.state import LIVE, State
from services.registry.store import cover, measure_history, measures


async def require_cover(conn: Connection, entry: MeasureEntry, *, on: date) -> None:
    """Refuse an entry with a service that no contract carries on the day it opens."""
    kept = await _carried(conn, entry, on)
    lost = [s for s in entry.services if s not in kept]
    if lost:
        names = "、".join(s.name for s in lost)
        detail = f"次の決済サービスには、募集を始める日に有効な契約がありません：{names}。"
        error = FieldError("services", "service_not_covered", detail)
        raise Conflict("measure-not-covered", detail, errors=[error])


async def look_again(conn: Connection, municipality_id: UUID, now: datetime) -> None:
    """A match or contract of a municipality has ended: measures it carried go without it, or rest."""
    for measure in await measures.measures_under_cover(conn, municipality_id):
        if measure.entry is None or measure.state not in LIVE:
            continue
        opens = measure.entry.apply_from if measure.opened_at is None else now
        after = await without_lost(conn, measure, on=day_of(max(opens, now)), now=now)
        if after is None and measure.state is not State.PAUSED:
            await rest(conn, measure, at=measure.moment(now), now=now)


async def without_lost(
    conn: Connection, measure: Measure, *, on: date, now: datetime, at: datetime | None = None
) -> Measure | None:
    """The measure with the services contracts carry on a day, said if it is another; None if there are none."""
    entry = measure.entry
    if entry is None:
        return None
    kept = await _carried(conn, entry, on)
    if not kept or len(kept) == len(entry.services):
        return measure if kept else None
    names = "、".join(s.name for s in entry.services if s not in kept)
    note = f"契約が終わったため、次の決済サービスでは受け取れなくなりました：{names}。"
    later = entry.model_copy(update={"services": kept, "version": entry.version + 1})
    moment = measure.moment(now)
    changed = measure.changed(later, now=moment, at=at)
    acting, fields = Acting.itself(now), changed_fields(entry, later)
    await keep(conn, changed, "services_lost", acting, message=note)
    form = await _form_without(conn, measure.id, entry.version, {s.code for s in kept})
    await keep_version(conn, changed, acting, form=form, fields=fields, note=note)
    say(conn, MeasureChanged, changed, changed=fields, note=note)
    return changed


async def rest(conn: Connection, measure: Measure, *, at: datetime, now: datetime) -> Measure:
    """Nothing carries it any more: nobody applies until something does."""
    reason = str(CloseReason.PROVIDER_WITHDRAWN)
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
