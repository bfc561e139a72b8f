"""What the approver and the secretariat decide about a measure that was handed in."""

from uuid import UUID

from chassis.clock import day_of
from chassis.database import Connection
from chassis.outbox import publish
from chassis.refusal import Conflict
from contracts.registry import (
    MeasureApproved,
    MeasureChanged,
    MeasureEntry,
    MeasurePublished,
    MeasureReturned,
)
from contracts.values import OrganisationKind
from services.registry.commands.measure_cover import require_cover
from services.registry.commands.measure_drafts import refuse_late
from services.registry.commands.measure_record import Acting, keep, keep_version, own_measure, say
from services.registry.commands.measure_surroundings import municipality_of
from services.registry.model.measure.changes import changed_fields
from services.registry.model.measure.edition import refuse_harm
from services.registry.model.measure.measure import Measure
from services.registry.store import measures


async def approve(
    conn: Connection, municipality_id: UUID, measure_id: UUID, acting: Acting
) -> Measure:
    """Somebody who had no hand in it approves it; the secretariat looks at it next."""
    measure = await own_measure(conn, municipality_id, measure_id, acting)
    moment = measure.moment(acting.now)
    approved = measure.approved(by=acting.by, now=moment)
    proposed = _proposed(measure)
    await keep(conn, approved, "approved", acting)
    publish(
        conn,
        MeasureApproved(
            measure_id=measure_id,
            municipality_id=municipality_id,
            title=proposed.texts.ja.title,
            revision=approved.revision,
            occurred_at=moment,
            version=proposed.version,
        ),
    )
    return approved


async def give_back(
    conn: Connection, municipality_id: UUID, measure_id: UUID, acting: Acting, *, message: str
) -> Measure:
    """The approver gives it back to be mended."""
    measure = await own_measure(conn, municipality_id, measure_id, acting)
    return await _return(conn, measure, acting, OrganisationKind.MUNICIPALITY, message)


async def object_to(conn: Connection, measure_id: UUID, acting: Acting, *, message: str) -> Measure:
    """The secretariat gives an approved measure back to be mended."""
    found = await measures.measure_for_update(conn, measure_id)
    measure = found.expected(acting.expected)
    return await _return(conn, measure, acting, OrganisationKind.SECRETARIAT, message)


async def confirm(conn: Connection, measure_id: UUID, acting: Acting, *, note: str = "") -> Measure:
    """The secretariat confirms cover and texts: it is public, or its later version is."""
    found = await measures.measure_for_update(conn, measure_id)
    measure = found.expected(acting.expected)
    moment = measure.moment(acting.now)
    # What was handed in may have been overtaken by a version that left out a lost service.
    number = {"version": measure.published_version + 1}
    entry = _proposed(measure).model_copy(update=number)
    confirmed = measure.confirmed(entry, now=moment)
    await municipality_of(conn, measure.municipality_id)
    refuse_late(entry, acting.now)
    if measure.entry is not None and measure.opened_at is not None:
        refuse_harm(measure.entry, entry)
    opens_on = day_of(max(entry.apply_from, acting.now))
    await require_cover(conn, measure, entry, on=opens_on)
    fields = changed_fields(measure.entry, entry) if measure.entry else ()
    await keep(conn, confirmed, "confirmed", acting, message=note)
    await keep_version(conn, confirmed, acting, form=confirmed.form, fields=fields, note=note)
    if measure.entry is None:
        say(conn, MeasurePublished, confirmed)
    else:
        say(conn, MeasureChanged, confirmed, changed=fields, note=note)
    return confirmed


async def _return(
    conn: Connection, measure: Measure, acting: Acting, by: OrganisationKind, message: str
) -> Measure:
    secretariat = by is OrganisationKind.SECRETARIAT
    moment = measure.moment(acting.now)
    stage = "approved" if secretariat else "internal_review"
    returned = measure.returned(from_stage=stage, now=moment)
    proposed = _proposed(measure)
    await keep(conn, returned, "returned", acting, message=message)
    publish(
        conn,
        MeasureReturned(
            measure_id=measure.id,
            municipality_id=measure.municipality_id,
            title=proposed.texts.ja.title,
            revision=returned.revision,
            occurred_at=moment,
            version=proposed.version,
            by=by,
            message=message,
        ),
    )
    return returned


def _proposed(measure: Measure) -> MeasureEntry:
    if measure.proposed is None:
        raise Conflict("measure-state", "この施策は、まだ確認に出されていません。")
    return measure.proposed
