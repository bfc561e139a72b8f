"""Benefits follows what the register says of measures: the budget is funded, the places are given out."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from chassis.database import Connection
from contracts.registry import MeasureEntry
from services.benefits.commands import ledger
from services.benefits.model.ledger import LANES, AccountKind, Code, Transfer, shared
from services.benefits.model.measure import Measure, State
from services.benefits.store import measures, places

#: Two people of the municipality and the secretariat stand behind each public version of a measure.
_CONFIRMED_BY = "secretariat/registry"


async def follow(
    conn: Connection, measure_id: UUID, entry: MeasureEntry, state: State | None, *, at: datetime
) -> Measure:
    """What was said of a measure counts from now on; ``state`` None leaves it where it is."""
    before = await measures.known_measure(conn, measure_id)
    if before is None:
        number = await ledger.ledger_of(conn, measure_id)
        before = Measure(measure_id, number, state or State.PUBLISHED, entry)
        await measures.save_measure(conn, before)
        await places.open_lanes(conn, before)
        before = replace(before, entry=before.entry.model_copy(update={"quota": -1}))
    measure = replace(before, entry=entry, state=state or before.state)
    await measures.add_version(conn, measure, at)
    lanes = await places.yen_by_lane(conn, measure_id)
    measure = await _funded(conn, measure, lanes)
    if entry.quota != before.entry.quota:
        await _places(conn, measure)
    await measures.save_measure(conn, measure)
    return measure


async def _places(conn: Connection, measure: Measure) -> None:
    quota = measure.entry.quota
    if quota is None:
        await places.set_places(conn, measure.id, None)
        return
    left = max(quota - await places.places_taken(conn, measure.id), 0)
    await places.set_places(conn, measure.id, shared(left, 1))


async def _funded(
    conn: Connection, measure: Measure, lanes: list[tuple[places.Place, int]]
) -> Measure:
    """The ledger holds the budget; a smaller one takes back what was promised to nobody."""
    wanted = measure.entry.budget_yen - measure.funded_yen
    if wanted == 0:
        return measure
    parts = shared(wanted, measure.unit_yen) if wanted > 0 else _taken(-wanted, lanes)
    funding = await ledger.account(
        conn, measure.ledger, AccountKind.FUNDING, measure.municipality_id
    )
    sign = 1 if wanted > 0 else -1
    for (place, _), part in zip(lanes, parts, strict=True):
        if part:
            await ledger.move(conn, _fund(measure, place, funding, sign * part))
    return replace(measure, funded_yen=measure.funded_yen + sign * sum(parts))


def _taken(wanted: int, lanes: list[tuple[places.Place, int]]) -> list[int]:
    parts = [0] * LANES
    for number, (_, yen) in enumerate(lanes):
        parts[number] = min(yen, wanted)
        wanted -= parts[number]
    return parts


def _fund(measure: Measure, place: places.Place, funding: int, amount: int) -> Transfer:
    into, out_of = (place.available, funding) if amount > 0 else (funding, place.available)
    return Transfer(
        key=f"fund/{measure.id}/{measure.funded_yen}/{measure.entry.version}/{place.lane}",
        ledger=measure.ledger,
        debit=into,
        credit=out_of,
        amount=abs(amount),
        code=Code.FUND,
        business_ref=measure.id,
        actor=f"municipality/{measure.municipality_id}",
        approved_by=_CONFIRMED_BY,
    )
