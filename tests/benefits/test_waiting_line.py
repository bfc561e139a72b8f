"""Who waits for a place is held up neither by the line of another measure nor by scattered yen, nor let in too late."""

from datetime import datetime
from typing import Any

from chassis.clock import now
from chassis.database import Pool, transaction
from chassis.ids import new_id
from contracts.registry import Target
from services.benefits.commands import asking_again, entitlements
from services.benefits.model.entitlement import end_of
from services.benefits.model.measure import Measure
from services.benefits.store import measures
from tests.benefits.asking import House, Resident

_Applied = tuple[Resident, dict[str, Any]]


async def _listed(house: House, budget: int, *amounts: int) -> Measure:
    """A measure with a line, whose list names an amount for each number: 1, 2 …"""
    measure = await house.measure(
        review_method="post",
        on_exhaustion="waitlist",
        budget_yen=budget,
        eligibility={"target_list": True},
    )
    lines = tuple(Target(number=str(n), amount_yen=yen) for n, yen in enumerate(amounts, 1))
    list_id = new_id()
    async with transaction(house.pool) as conn:
        await measures.add_targets(conn, list_id, measure.id, lines)
        await measures.let_list_count(conn, list_id, measure.id)
    return measure


async def _applied(house: House, measure: Measure, **more: Any) -> _Applied:
    resident = house.resident()
    answer = await resident.apply(measure.id, **more)
    assert answer.status == 201, answer.content
    return resident, answer.json["application"]


async def _all_apply(house: House, measure: Measure, count: int) -> list[_Applied]:
    return [await _applied(house, measure, target_number=str(n)) for n in range(1, count + 1)]


async def _withdraw(resident: Resident, application: dict[str, Any]) -> None:
    done = await resident.post(f"/own-applications/{application['id']}/withdrawal", etag=1)
    assert done.status == 200, done.content


async def _moved_up(pool: Pool, at: datetime) -> bool:
    async with transaction(pool) as conn:
        return await asking_again.move_up(conn, now=at)


async def test_a_first_in_line_who_does_not_fit_holds_up_no_other_measure(
    house: House, pool: Pool
) -> None:
    stuck = await _listed(house, 3_000, 2_000, 1_000, 3_000, 1_000)
    _, small, *_ = await _all_apply(house, stuck, 4)
    await _withdraw(*small)
    other = await _listed(house, 3_000, 3_000, 3_000)
    first, (resident, waiting) = await _all_apply(house, other, 2)
    await _withdraw(*first)
    assert await _moved_up(pool, now())
    seen = await resident.get(f"/own-applications/{waiting['id']}")
    assert seen.json["application"]["state"] == "in_review"
    assert not await _moved_up(pool, now())


async def test_yen_that_lie_in_several_lanes_are_enough_for_who_waits(
    house: House, pool: Pool
) -> None:
    measure = await _listed(house, 6_000, 2_000, 2_000, 1_000, 1_000, 2_000)
    _, _, third, fourth, (_, waiting) = await _all_apply(house, measure, 5)
    assert waiting["state"] == "waiting"
    await _withdraw(*third)
    await _withdraw(*fourth)
    assert await _moved_up(pool, now())


async def test_nobody_moves_up_once_points_can_no_longer_be_allocated(
    house: House, pool: Pool
) -> None:
    measure = await house.measure(on_exhaustion="waitlist", budget_yen=3_000)
    for _ in range(2):
        await _applied(house, measure)
    over = end_of(measure.entry.allocate_by)
    async with transaction(pool) as conn:
        while await entitlements.come_about(conn, now=over):
            pass
    assert not await _moved_up(pool, over)
