"""What benefits says of a measure's use is in the register, in the search, and in nobody's way."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest

from chassis.clock import now
from chassis.database import Pool, transaction
from chassis.ids import new_id
from contracts.benefits.measures import MeasureFreed, MeasureUsedUp
from services.registry import subscriptions
from services.registry.commands.finding import Finder
from tests.registry.acts import registered_municipality, registered_provider
from tests.registry.asking import Desk
from tests.registry.covering import carry_now
from tests.registry.feeding import numbered
from tests.registry.measuring import Staff, measure_form, year_of


@pytest.fixture
async def staff(desk: Desk, pool: Pool, inspected: Callable[[], Awaitable[None]]) -> Staff:
    """小松市 is in the register, and a contract carries its measures."""
    await registered_provider(desk, inspected)
    made = Staff.of(desk, await registered_municipality(desk, inspected))
    assert made.drafter.organisation_id
    year = year_of(measure_form())
    await carry_now(pool, made.drafter.organisation_id, "nagisa-money", year=year)
    return made


async def _hear(desk: Desk, measure_id: str, revision: int) -> None:
    kind = MeasureUsedUp if revision % 2 else MeasureFreed
    act = subscriptions.measure_used_up if revision % 2 else subscriptions.measure_freed
    fact = kind(
        measure_id=UUID(measure_id), municipality_id=new_id(), revision=revision, occurred_at=now()
    )
    async with transaction(desk.pool) as conn:
        await act(conn, fact)  # type: ignore[arg-type]
    await numbered(desk.pool)


async def test_a_measure_that_is_used_up_is_so_for_everybody_until_a_place_is_free(
    staff: Staff, desk: Desk
) -> None:
    measure_id = await staff.published()
    before = (await desk.anybody().get(f"/measures/{measure_id}")).json
    assert before["used_up"] is False
    own = await staff.seen(measure_id)
    for revision, used_up in ((1, True), (2, False), (3, True)):
        await _hear(desk, measure_id, revision)
        seen = (await desk.anybody().get(f"/measures/{measure_id}")).json
        assert (seen["used_up"], seen["state"]) == (used_up, before["state"])
        assert seen["revision"] == before["revision"] + revision
        found = Finder()
        await found.follow(desk.pool)
        held = found.get(UUID(measure_id))
        assert held is not None
        assert held.used_up is used_up
    assert (await staff.seen(measure_id))["version"] == own["version"]


async def test_a_search_that_follows_hears_of_it(staff: Staff, desk: Desk) -> None:
    measure_id = await staff.published()
    await numbered(desk.pool)
    found = Finder()
    await found.follow(desk.pool)
    before = found.get(UUID(measure_id))
    await _hear(desk, measure_id, 1)
    assert await found.follow(desk.pool)
    after = found.get(UUID(measure_id))
    assert before is not None and after is not None
    assert (before.used_up, after.used_up, after.status) == (False, True, before.status)


async def test_a_measure_nobody_knows_changes_nothing(desk: Desk) -> None:
    await _hear(desk, str(new_id()), 1)
    said = await desk.pool.fetchval("SELECT count(*) FROM events WHERE type LIKE '%used_up%'")
    assert said == 0
