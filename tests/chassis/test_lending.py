"""Connections go from hand to hand, and none is lost on the way."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from chassis import database as chassis_database
from chassis.database import Connection, Pool, connection_of, open_pool, reading, transaction
from chassis.lending import _gone, lender_of
from chassis.refusal import NotFound, Unavailable
from deploy.local.ports import free_ports
from tests.rig.waiting import eventually

#: Only a test that fails waits for so long.
_PATIENCE = 60


@pytest.fixture
async def small(database: Callable[[str], Awaitable[str]]) -> AsyncIterator[Pool]:
    """A pool of three: two to lend, one that stays."""
    async with open_pool(await database("chassis"), size=3, name="tests") as pool:
        yield pool


async def backends(pool: Pool, borrowers: int) -> set[int]:
    async def one() -> int:
        async with reading(pool) as conn:
            found: int = await conn.fetchval("SELECT pg_backend_pid() FROM pg_sleep(0.01)")
            return found

    return set(await asyncio.gather(*(one() for _ in range(borrowers))))


async def test_many_borrowers_share_few_connections(small: Pool) -> None:
    assert len(await backends(small, 40)) == 2


async def test_who_asks_the_pool_itself_is_not_kept_waiting(small: Pool) -> None:
    async with connection_of(small), connection_of(small), asyncio.timeout(_PATIENCE):
        assert await small.fetchval("SELECT 1") == 1


async def test_a_place_that_one_was_invited_to_is_not_taken_by_who_comes_meanwhile(
    small: Pool,
) -> None:
    lender = lender_of(small)
    one, other = await lender.borrow(_PATIENCE), await lender.borrow(_PATIENCE)
    waiting = asyncio.create_task(lender.borrow(_PATIENCE))
    await asyncio.sleep(0)

    async def come() -> Connection:
        await lender.send_back(one)
        # The one who waits is invited and has not woken yet.
        return await lender.borrow(_PATIENCE)

    newcomer = asyncio.create_task(come())
    two = await waiting
    async with asyncio.timeout(_PATIENCE):
        assert await small.fetchval("SELECT 1") == 1
    for conn in (other, two):
        await lender.give_back(conn)
    await lender.give_back(await newcomer)


async def test_who_gives_up_an_invitation_passes_it_on(small: Pool) -> None:
    lender = lender_of(small)
    one, other = await lender.borrow(_PATIENCE), await lender.borrow(_PATIENCE)
    invited, behind = (asyncio.create_task(lender.borrow(_PATIENCE)) for _ in range(2))
    await asyncio.sleep(0)
    await lender.send_back(one)
    invited.cancel()
    two = await behind
    for conn in (other, two):
        await lender.give_back(conn)
    assert len(await backends(small, 8)) == 2


async def test_a_connection_that_was_cut_is_replaced(small: Pool) -> None:
    before = await backends(small, 8)
    async with reading(small) as conn:
        own = await conn.fetchval("SELECT pg_backend_pid()")
        await conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid = ANY($1::int[]) AND pid <> $2",
            list(before),
            own,
        )
    # Until its end has come through, nothing shows that it was cut.
    await eventually(lambda: any(map(_gone, lender_of(small)._free)))
    after = await backends(small, 8)
    assert own in after and len(after) == 2 and after != before


async def test_a_connection_that_breaks_on_its_way_to_the_next_is_replaced(small: Pool) -> None:
    lender = lender_of(small)
    one, other = await lender.borrow(_PATIENCE), await lender.borrow(_PATIENCE)
    waiting = asyncio.create_task(lender.borrow(_PATIENCE))
    await asyncio.sleep(0)
    await lender.give_back(one)
    one.terminate()
    two = await waiting
    assert await two.fetchval("SELECT 1") == 1
    for conn in (other, two):
        await lender.give_back(conn)


async def test_places_are_there_again_when_the_database_is(
    database: Callable[[str], Awaitable[str]],
) -> None:
    url = await database("chassis")
    (nobody_there,) = free_ports(1)
    async with open_pool(url, size=3, name="tests") as pool:
        pool.set_connect_args(url, port=nobody_there)
        await pool.expire_connections()
        for _ in range(5):
            with pytest.raises(OSError):
                await backends(pool, 1)
        pool.set_connect_args(url)
        assert len(await backends(pool, 8)) == 2


async def test_who_waits_too_long_is_told_to_come_back(
    small: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with connection_of(small), connection_of(small):
        monkeypatch.setattr(chassis_database, "_ACQUIRE_SECONDS", 0.05)
        with pytest.raises(Unavailable):
            async with connection_of(small):
                pass
    monkeypatch.undo()
    assert len(await backends(small, 8)) == 2


async def test_an_open_transaction_is_never_lent_on(small: Pool) -> None:
    async with reading(small) as conn:
        await conn.execute("BEGIN")
    for _ in range(6):
        async with reading(small) as conn:
            assert not conn.is_in_transaction()


async def test_a_refusal_is_rolled_back_and_keeps_its_connection_at_hand(small: Pool) -> None:
    with pytest.raises(NotFound):
        async with transaction(small) as refused:
            await refused.execute("INSERT INTO migrations (name, hash) VALUES ('refused', '')")
            raise NotFound("no-such-thing", "")
    async with transaction(small) as conn:
        assert conn is refused
        assert await conn.fetchval("SELECT count(*) FROM migrations WHERE name = 'refused'") == 0


async def test_a_refusal_out_of_an_open_transaction_is_never_lent_on(small: Pool) -> None:
    with pytest.raises(NotFound):
        async with reading(small) as refused:
            await refused.execute("BEGIN")
            raise NotFound("no-such-thing", "")
    async with reading(small) as conn:
        assert conn is not refused and not conn.is_in_transaction()


@pytest.mark.parametrize("after", [0, 0.001, 0.01])
async def test_a_refusal_for_want_of_time_leaves_nothing_under_way(
    small: Pool, after: float
) -> None:
    """What was stopped inside a transaction has ended when its connection is lent on."""
    for _ in range(3):
        with pytest.raises(Unavailable):
            async with transaction(small) as conn:
                try:
                    async with asyncio.timeout(after):
                        await conn.fetchval("SELECT pg_sleep(60)")
                except TimeoutError:
                    raise Unavailable("busy", "", retry_after=2) from None
        async with transaction(small) as conn:
            assert await conn.fetchval("SELECT 1") == 1
    assert len(await backends(small, 8)) == 2


async def test_borrowers_that_give_up_at_any_moment_lose_no_connection(small: Pool) -> None:
    chance = random.Random(7)

    async def one() -> None:
        async with transaction(small) as conn:
            await conn.fetchval("SELECT pg_sleep(0.001)")

    for _ in range(30):
        tasks = [asyncio.create_task(one()) for _ in range(12)]
        await asyncio.sleep(chance.uniform(0, 0.01))
        for task in chance.sample(tasks, 6):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    async with asyncio.timeout(_PATIENCE):
        assert len(await backends(small, 20)) == 2


@pytest.mark.parametrize("turns", range(12))
async def test_what_follows_a_transaction_stopped_as_it_begins_is_committed(
    small: Pool, turns: int
) -> None:
    """Whoever is stopped may have asked for BEGIN and not heard of it yet."""

    async def write(name: str) -> None:
        async with transaction(small) as conn:
            await conn.execute("INSERT INTO migrations (name, hash) VALUES ($1, '')", name)

    await backends(small, 8)
    stopped = asyncio.create_task(write("stopped"))
    for _ in range(turns):
        await asyncio.sleep(0)
    stopped.cancel()
    await asyncio.wait([stopped])
    await asyncio.gather(*(write(str(n)) for n in range(4)))
    kept = await small.fetchval("SELECT count(*) FROM migrations WHERE name = ANY('{0,1,2,3}')")
    assert kept == 4
