"""Puts together what is shown of a measure to those who work on it."""

from datetime import datetime
from uuid import UUID

from chassis.clock import day_of
from chassis.database import Connection
from chassis.refusal import Conflict, FieldError, NotFound
from chassis.web import Answer, Ask
from contracts.registry import MeasureEntry
from services.registry.api.measures.views import CheckView, MeasureView, measure_view
from services.registry.commands.measure_cover import nameable
from services.registry.commands.measure_record import Acting
from services.registry.commands.measure_surroundings import surroundings
from services.registry.model.measure.checks import checks_of
from services.registry.model.measure.judging import Covered, judged
from services.registry.model.measure.measure import Measure
from services.registry.store import measure_history, measures

#: Where the form may be typed in, so that it is judged as it stands.
_EDITABLE = ("draft", "returned")


def acting(ask: Ask) -> Acting:
    """Who acts, and which version was seen."""
    return Acting.person(ask.principal, expected=ask.if_match, now=ask.now)


async def answer(ask: Ask, conn: Connection, measure_id: UUID) -> Answer:
    """A measure of the municipality that asks, with its version."""
    found = await measures.measure(conn, measure_id)
    if found.municipality_id != ask.organisation_id:
        raise NotFound("measure-unknown", "この施策は見つかりません。")
    view = await shown(conn, found, looker=str(ask.principal), now=ask.now)
    return Answer(view, etag=str(view.version))


async def shown(conn: Connection, measure: Measure, *, looker: str, now: datetime) -> MeasureView:
    """A measure as it is now."""
    around: dict[str, Covered] = {}
    verdict: tuple[MeasureEntry | None, list[FieldError]] = (None, [])
    if measure.stage in _EDITABLE:
        try:
            found = await surroundings(conn, measure, measure.form, now)
            around, verdict = dict(found.covered), judged(measure.form, found)
        except Conflict as why:
            # A municipality whose registration rests still sees what it typed.
            verdict = (None, [FieldError("basics", "registration_state", why.detail)])
    return measure_view(
        measure,
        judged=verdict,
        covered=list(around.values()),
        checks=await _checks(conn, measure, now),
        steps=await measure_history.measure_steps(conn, measure.id),
        versions=await measure_history.measure_versions(conn, measure.id),
        looker=looker,
    )


async def _checks(conn: Connection, measure: Measure, now: datetime) -> list[CheckView]:
    """What a program sees about a proposal; nothing where none waits for anybody."""
    entry = measure.proposed
    if entry is None or measure.stage not in ("internal_review", "approved"):
        return []
    opens_on = day_of(max(entry.apply_from, now))
    carried = await nameable(conn, measure, entry, on=opens_on)
    found = checks_of(entry, carried=carried, now=now)
    return [CheckView.model_validate(check.model_dump()) for check in found]
