"""What a municipality sees of its measures: where the yen are, how they went, who runs its occasions."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel

from chassis.database import Connection
from chassis.web import Ask, Routes
from services.benefits.api.roles import MUNICIPALITY
from services.benefits.model.measure import Measure
from services.benefits.store import budget, measures

routes = Routes("/api/v1/benefits", tag="benefits")


class SumsView(BaseModel):
    """The budget of a measure, by where its yen are, and the people in it."""

    measure_id: UUID
    title: str
    state: str
    review_method: str
    apply_from: datetime
    apply_until: datetime
    allocate_by: date
    funded_yen: int
    available_yen: int
    promised_yen: int
    reserved_yen: int
    granted_yen: int
    quota: int | None
    places: int | None
    #: How many applications are in each state.
    applications: dict[str, int]


class OccasionView(BaseModel):
    """An occasion for which codes can be made."""

    occasion_id: UUID
    name: str
    place: str
    starts_at: datetime
    ends_at: datetime


class DayView(BaseModel):
    """What was left at the end of a day, and how many had applied by then."""

    on: date
    left_yen: int
    applied: int


class BudgetView(SumsView):
    """The budget with its course, day by day."""

    days: list[DayView]
    occasions: list[OccasionView]


class MeasuresView(BaseModel):
    """The measures of a municipality, the latest first."""

    items: list[SumsView]


@routes.get("/measures", organisation=MUNICIPALITY)
async def measures_of_own(ask: Ask, conn: Connection) -> MeasuresView:
    """The measures of the municipality, with their budgets."""
    found = await measures.measures_of(conn, ask.organisation_id)
    return MeasuresView(items=[SumsView(**await _fields(conn, one)) for one in found])


@routes.get("/measures/{measure_id}/budget", organisation=MUNICIPALITY)
async def budget_of(ask: Ask, conn: Connection, measure_id: UUID) -> BudgetView:
    """Where the yen of a measure are, and how they went."""
    found = await measures.measure_of(conn, measure_id, ask.organisation_id)
    days = await budget.days_of(conn, measure_id)
    return BudgetView(
        **await _fields(conn, found),
        days=[DayView(on=day.on, left_yen=day.left, applied=day.applied) for day in days],
        occasions=[
            OccasionView.model_validate(occasion.model_dump()) for occasion in found.entry.occasions
        ],
    )


async def _fields(conn: Connection, found: Measure) -> dict[str, object]:
    sums = await budget.sums_of(conn, found.id)
    return {
        "measure_id": found.id,
        "title": found.title,
        "state": found.state,
        "review_method": found.entry.review_method,
        "apply_from": found.entry.apply_from,
        "apply_until": found.entry.apply_until,
        "allocate_by": found.entry.allocate_by,
        "funded_yen": found.funded_yen,
        "available_yen": sums.available,
        "promised_yen": sums.promised,
        "reserved_yen": sums.reserved,
        "granted_yen": sums.granted,
        "quota": found.entry.quota,
        "places": sums.places,
        "applications": await budget.states_of(conn, found.id),
    }
