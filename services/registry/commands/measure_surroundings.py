"""Gathers what the form of a measure is judged against."""

from datetime import datetime
from uuid import UUID

from chassis.database import Connection
from chassis.refusal import Conflict
from contracts.registry import MeasureEntry
from services.registry.model import reading
from services.registry.model.application import MunicipalityApplication
from services.registry.model.measure.eligibility import named_areas
from services.registry.model.measure.form import MeasureForm
from services.registry.model.measure.judging import (
    Municipality,
    Surroundings,
    checked,
    fiscal_year_of,
)
from services.registry.model.measure.measure import Measure
from services.registry.model.organisation import State
from services.registry.store import codes, cover, organisations


async def municipality_of(conn: Connection, municipality_id: UUID) -> Municipality:
    """A municipality as it stands in the register; one that does not may have no measures."""
    found = await organisations.organisation(conn, municipality_id)
    application = found.application
    if found.state is not State.REGISTERED or not isinstance(application, MunicipalityApplication):
        raise Conflict(
            "registration-state",
            "施策をつくれるのは、登録済みの自治体だけです。先に登録申請をすませてください。",
        )
    return Municipality(found.id, application.code, application.name, application.prefecture_code)


async def surroundings(
    conn: Connection, measure: Measure, form: MeasureForm, now: datetime
) -> Surroundings:
    """The municipality, the contracts of the year, the codes that were typed."""
    typed = [reading.plain(service.code) for service in form.services]
    return Surroundings(
        measure_id=measure.id,
        municipality=await municipality_of(conn, measure.municipality_id),
        covered=await cover.covered_services(conn, measure.municipality_id, fiscal_year_of(form)),
        areas=set(await codes.directory(conn, set(named_areas(form.who)))),
        known_services=await cover.registered_codes(conn, typed),
        number=measure.published_version + 1,
        now=now,
    )


async def judged_entry(conn: Connection, measure: Measure, now: datetime) -> MeasureEntry:
    """The entry the form of a measure amounts to; refused with everything that must be mended."""
    return checked(measure.form, await surroundings(conn, measure, measure.form, now))
