"""Two real mail servers: traffic leaves the slower one step by step and comes home, and no mail goes by both."""

import asyncio
import os
from collections import Counter
from collections.abc import Awaitable, Callable
from uuid import uuid4

from chassis.database import Pool, reading, transaction
from services.notifications.commands.letters import Desk
from services.notifications.jobs import Courier, Herald
from services.notifications.model.reach import Reach
from services.notifications.model.routes import PROBE
from tests.notifications.readers import announced, crowd, crowds, moved, sample, settle
from tests.notifications.rooms import Hear, Sealing, requested
from tests.notifications.sink import Sink, opened
from tests.notifications.test_many_letters import _GIVEN_UP, _PATIENCE, working
from tests.rig.waiting import eventually

#: ``PORTAL_ROUTED`` sends so many by two servers that both lose answers.
_ROUTED = int(os.environ.get("PORTAL_ROUTED") or 600)
_MANY = _ROUTED > 10_000
_LOSES_EVERY = 500 if _MANY else 100
#: Seconds between two samples; the long run has better things to do than to count.
_BETWEEN = 2.0 if _MANY else 0.0
_WITHIN = 240.0 + _ROUTED / 20
_DOMAINS = [f"d{n}.example" for n in range(10)]
_LETTERS = 2_000


async def _share(pool: Pool) -> int:
    async with reading(pool) as conn:
        return int(await conn.fetchval("SELECT secondary_percent FROM mail_share"))


def _until(pool: Pool, holds: Callable[[int], bool]) -> Callable[[], Awaitable[bool]]:
    """Whether the share is as wished; the half minute between two decisions is taken to be over."""

    async def there() -> bool:
        async with transaction(pool) as conn:
            await conn.execute("UPDATE mail_share SET decided_at = '2020-01-01Z'")
        return holds(await _share(pool))

    return there


async def test_traffic_leaves_a_slow_server_and_comes_home_and_no_mail_goes_by_both(
    pool: Pool, hear: Hear, desk: Desk
) -> None:
    async with transaction(pool) as conn:
        await crowd(conn, _LETTERS, _DOMAINS)
        await hear(conn, announced())
    slow = dict.fromkeys(_DOMAINS, 0.03)

    async def all_arrived() -> bool:
        return (await sample(pool, 2)).delivered == _LETTERS

    async def all_measured() -> bool:
        async with reading(pool) as conn:
            tries = await conn.fetchval("SELECT coalesce(sum(tries), 0) FROM route_minutes")
        return bool(tries == _LETTERS)

    async with opened(Sink(slow=slow)) as first, opened(Sink()) as second:
        courier = Courier(pool, first.post(_PATIENCE), desk, second=second.post(_PATIENCE))
        async with working(courier, Herald(pool, desk)):
            await eventually(_until(pool, lambda share: share >= 30), within=_WITHIN)
            slow.clear()
            # What was slow is written down late; after that its minutes are long ago.
            await eventually(all_measured, within=_WITHIN)
            async with transaction(pool) as conn:
                await conn.execute("DELETE FROM route_minutes")
                await hear(conn, moved())
            await eventually(_until(pool, lambda share: share == PROBE), within=_WITHIN)
            await eventually(all_arrived, within=_WITHIN)
    both = first.taken + second.taken
    assert len(both) == sum(both.values()) == 2 * _LETTERS
    assert len(second.taken) > _LETTERS // 10


async def test_two_servers_that_lose_answers_take_each_letter_twice_only_where_one_was_lost(
    pool: Pool, hear: Hear, desk: Desk
) -> None:
    samples: list[Reach] = []
    await crowds(pool, _ROUTED, _DOMAINS)
    async with transaction(pool) as conn:
        await hear(conn, announced())
        await conn.execute("UPDATE mail_share SET secondary_percent = 50, decided_at = 'infinity'")

    async def all_arrived() -> bool:
        await asyncio.sleep(_BETWEEN)
        samples.append(await sample(pool))
        await settle(pool)
        return samples[-1].delivered == _ROUTED

    lost: Counter[str] = Counter()
    async with (
        opened(Sink(loses_every=_LOSES_EVERY, lost=lost)) as one,
        opened(Sink(loses_every=_LOSES_EVERY, lost=lost)) as other,
    ):
        courier = Courier(
            pool, one.post(_GIVEN_UP), desk, second=other.post(_GIVEN_UP), round_lanes=2
        )
        async with working(courier, Herald(pool, desk)):
            await eventually(all_arrived, within=_WITHIN)
    taken = one.taken + other.taken
    assert one.taken and other.taken and len(lost) > 1, "this would show nothing"
    assert len(taken) == _ROUTED, "every letter arrived"
    # A letter goes out once more where its answer was lost, by whichever server, and nowhere else.
    assert {letter for letter, count in taken.items() if count > 1} == set(lost)
    assert max(taken.values()) == 2
    assert samples[-1].repeated == sum(lost.values())
    for reach in samples:
        assert reach.intended == reach.delivered + reach.failed + reach.pending
    print(  # noqa: T201 - figures of the long run
        f"\n{_ROUTED} letters by two servers ({len(one.taken)} and {len(other.taken)}), {len(samples)} samples,"
        f" {sum(lost.values())} answers lost, {sum(taken.values()) - _ROUTED} sent once more"
    )


async def test_a_server_that_hangs_holds_up_only_what_it_has_in_hand(
    pool: Pool, hear: Hear, desk: Desk, sealed: Sealing
) -> None:
    domains = _DOMAINS[:4]
    async with transaction(pool) as conn:
        await crowd(conn, 400, domains)
        await hear(conn, announced())
        for _ in range(6):
            await hear(conn, requested(sealed("account_link", to=f"h+{uuid4().hex}@d0.example")))

    async def others_arrived() -> bool:
        # Two rounds of fifty and two letters are in the hands of the first, and stay there.
        return len(well.taken) >= 400 - 2 * 50 + 6 - 2

    async with opened(Sink(hangs=True)) as hung, opened(Sink()) as well:
        courier = Courier(
            pool, hung.post(3_600), desk, second=well.post(_PATIENCE), lanes=2, round_lanes=2
        )
        async with working(courier, Herald(pool, desk)):
            await eventually(others_arrived)
            assert 0 < len(hung.taken) <= 2 + 2
            hung.let_go.set()


async def test_a_server_that_hangs_gives_back_the_rest_of_its_round(
    pool: Pool, hear: Hear, desk: Desk
) -> None:
    async with transaction(pool) as conn:
        await crowd(conn, 20, ["d0.example"])
        await hear(conn, announced())
    herald = Herald(pool, desk)
    while await herald.spread():
        pass

    async def waiting() -> bool:
        return (await sample(pool)).pending == 20 and not rounds.in_hand

    async with opened(Sink(hangs=True)) as hung:
        rounds = Courier(pool, hung.post(0.2), desk)._rounds
        while not hung.taken:
            # On a slow machine so little patience may be over before the text has gone out: then once more.
            await settle(pool)
            assert await rounds.carry()
            await eventually(waiting)
        assert len(hung.taken) == 1
    async with opened(Sink()) as well:
        assert await Courier(pool, well.post(_PATIENCE), desk)._rounds.carry()
        await eventually(lambda: _taken(well, 19))


async def _taken(sink: Sink, count: int) -> bool:
    return len(sink.taken) == count
