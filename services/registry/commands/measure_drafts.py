"""What those do who draft a measure: begin, save, hand in, begin a later version, give it up."""

from datetime import datetime
from uuid import UUID

from chassis.database import Connection
from chassis.ids import new_id
from chassis.outbox import publish
from chassis.refusal import FieldError, Invalid
from contracts.registry import MeasureEntry, MeasureSubmitted
from services.registry.commands.measure_record import Acting, keep, own_measure
from services.registry.commands.measure_surroundings import judged_entry, municipality_of
from services.registry.model.measure.changes import changed_fields
from services.registry.model.measure.edition import refuse_harm
from services.registry.model.measure.form import MeasureForm
from services.registry.model.measure.measure import Measure
from services.registry.model.measure.state import State
from services.registry.store import measure_history, measures
from services.registry.store.measure_history import MeasureStep


async def begin(
    conn: Connection,
    municipality_id: UUID,
    sections: dict[str, object],
    acting: Acting,
    *,
    measure_id: UUID | None = None,
) -> Measure:
    """A municipality begins with a measure."""
    await municipality_of(conn, municipality_id)
    begun = Measure(
        id=measure_id or new_id(),
        municipality_id=municipality_id,
        state=State.DRAFT,
        created_at=acting.now,
        state_since=acting.now,
        form=MeasureForm().with_sections(**sections),
        drafted_by=(acting.by,),
    )
    await measures.add_measure(conn, begun)
    step = MeasureStep(acting.now, "begun", acting.by, acting.side, "", None)
    await measure_history.add_measure_step(conn, begun.id, step)
    return begun


async def save_draft(
    conn: Connection,
    municipality_id: UUID,
    measure_id: UUID,
    sections: dict[str, object],
    acting: Acting,
) -> Measure:
    """Keep some sections of the form as they were typed."""
    measure = await own_measure(conn, municipality_id, measure_id, acting)
    saved = measure.saved(measure.form.with_sections(**sections), by=acting.by)
    await measures.save_measure(conn, saved)
    return saved


async def submit(
    conn: Connection, municipality_id: UUID, measure_id: UUID, acting: Acting
) -> Measure:
    """Hand what is under way to the approver, if nothing in it must be mended."""
    measure = await own_measure(conn, municipality_id, measure_id, acting)
    proposed = await judged_entry(conn, measure, acting.now)
    refuse_late(proposed, acting.now)
    if measure.entry is not None:
        refuse_idle(measure.entry, proposed)
        if measure.opened_at is not None:
            refuse_harm(measure.entry, proposed)
    moment = measure.moment(acting.now)
    submitted = measure.submitted(proposed, by=acting.by, now=moment)
    await keep(conn, submitted, "submitted", acting)
    publish(
        conn,
        MeasureSubmitted(
            measure_id=measure_id,
            municipality_id=municipality_id,
            title=proposed.texts.ja.title,
            revision=submitted.revision,
            occurred_at=moment,
            version=proposed.version,
        ),
    )
    return submitted


async def edit(
    conn: Connection, municipality_id: UUID, measure_id: UUID, acting: Acting
) -> Measure:
    """Begin a later version of a public measure, from what is in force."""
    measure = await own_measure(conn, municipality_id, measure_id, acting)
    if measure.published_version == 0:
        return measure.edited(measure.form)
    last = await measure_history.measure_version(conn, measure_id, measure.published_version)
    edited = measure.edited(last.form)
    await keep(conn, edited, "edit_begun", acting)
    return edited


async def discard(
    conn: Connection, municipality_id: UUID, measure_id: UUID, acting: Acting
) -> Measure:
    """Give up a later version that is under way; what is in force stays."""
    measure = await own_measure(conn, municipality_id, measure_id, acting)
    discarded = measure.discarded()
    await keep(conn, discarded, "edit_discarded", acting)
    return discarded


def refuse_late(entry: MeasureEntry, now: datetime) -> None:
    """Refuse what nobody could apply to any more."""
    if entry.apply_until <= now:
        detail = "申込みの締切がもう過ぎています。これからの日時に直してください。"
        error = FieldError("dates.apply_until_on", "day_past", detail)
        raise Invalid("measure-late", detail, errors=[error])


def refuse_idle(before: MeasureEntry, after: MeasureEntry) -> None:
    """Refuse a later version that is the same."""
    if not changed_fields(before, after):
        detail = "いまの内容と同じです。変えたいところを直してから出してください。"
        raise Invalid("nothing-changed", detail)
