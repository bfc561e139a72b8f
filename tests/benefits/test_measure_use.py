"""Benefits says when nothing is left of a measure, and when something is again; once each time."""

from typing import Any

from chassis.clock import now
from chassis.database import Pool, transaction
from services.benefits.commands import measures as following
from services.benefits.commands import using_up
from services.benefits.jobs import Timekeeper
from services.benefits.model.measure import State
from tests.benefits.asking import House
from tests.benefits.conftest import Said
from tests.benefits.offering import entry_of


async def test_the_last_place_is_said_and_a_freed_one_too(
    house: House, pool: Pool, said: Said
) -> None:
    measure = await house.measure(review_method="post", quota=1)
    keeper = Timekeeper(pool)
    await keeper.use()
    assert await said(f"measure/{measure.id}") == []
    resident = house.resident()
    made: Any = (await resident.apply(measure.id)).json["application"]
    for _ in range(2):
        await keeper.use()
    assert await said(f"measure/{measure.id}") == ["used_up"]
    path = f"/own-applications/{made['id']}/withdrawal"
    assert (await resident.post(path, etag=1)).status == 200
    await keeper.use()
    assert await said(f"measure/{measure.id}") == ["used_up", "freed"]


async def test_the_last_yen_are_said_and_a_larger_budget_frees(
    house: House, pool: Pool, said: Said
) -> None:
    measure = await house.measure(budget_yen=5_999)
    keeper = Timekeeper(pool)
    await house.resident().apply(measure.id)
    await keeper.use()
    assert await said(f"measure/{measure.id}") == ["used_up"]
    async with transaction(pool) as conn:
        more = entry_of(budget_yen=6_000, version=2)
        await following.follow(conn, measure.id, more, State.OPEN, at=now())
    await keeper.use()
    assert await said(f"measure/{measure.id}") == ["used_up", "freed"]


async def test_what_moved_long_ago_is_found_by_the_look_at_everything(
    house: House, pool: Pool, said: Said
) -> None:
    measure = await house.measure(quota=1)
    async with transaction(pool) as conn:
        # Nothing moves in the ledger, and yet nothing is left.
        await conn.execute("UPDATE lanes SET places = 0 WHERE measure_id = $1", measure.id)
        await conn.execute("UPDATE measures SET state = 'paused' WHERE id = $1", measure.id)
    keeper = Timekeeper(pool)
    await keeper.use_everywhere()
    assert await said(f"measure/{measure.id}") == []
    await pool.execute("UPDATE measures SET state = 'open' WHERE id = $1", measure.id)
    await keeper.use_everywhere()
    assert await said(f"measure/{measure.id}") == ["used_up"]


async def test_two_keepers_say_it_once(house: House, pool: Pool, said: Said) -> None:
    measure = await house.measure(quota=1)
    await house.resident().apply(measure.id)
    for keeper in (Timekeeper(pool), Timekeeper(pool)):
        await keeper.use()
    # Both may have seen the same a moment ago; whoever comes second finds it said.
    async with transaction(pool) as conn:
        assert await using_up.say(conn, measure.id, now()) is False
    assert await said(f"measure/{measure.id}") == ["used_up"]
