"""Thousands of letters against a mail server that loses answers: nothing lost, nothing twice without cause.

``PORTAL_FAULTS=long`` sends 200,000; ``PORTAL_LETTERS`` any other number.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from chassis.clock import now
from chassis.database import Pool, reading, transaction
from services.notifications.commands.letters import Desk
from services.notifications.jobs import Courier, Herald
from services.notifications.model.reach import Reach
from tests.notifications.readers import announced, crowd, crowds, reader, sample, settle, wish
from tests.notifications.rooms import Hear
from tests.notifications.sink import Sink, opened
from tests.rig.portal import LONG
from tests.rig.waiting import eventually

LETTERS = int(os.environ.get("PORTAL_LETTERS") or (200_000 if LONG else 1_500))
_LOSES_EVERY = 500 if LONG else 100
_WITHIN = 3_000.0 if LETTERS > 1_500 else 120.0
#: Seconds between two samples; the long run has better things to do than to count.
_BETWEEN = 2.0 if LETTERS > 1_500 else 0.0
#: Patience enough for a busy machine: only an answer that was lost is given up, where one is waited for in vain.
_PATIENCE, _GIVEN_UP = 60, 5


@asynccontextmanager
async def working(*jobs: Courier | Herald) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(job.run()) for job in jobs]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


async def test_every_letter_arrives_and_twice_only_where_an_answer_was_lost(
    pool: Pool, hear: Hear, desk: Desk
) -> None:
    samples: list[Reach] = []
    began = time.monotonic()

    async def all_arrived() -> bool:
        await asyncio.sleep(_BETWEEN)
        samples.append(await sample(pool))
        await settle(pool)
        return samples[-1].delivered == LETTERS

    await crowds(pool, LETTERS, [f"d{n}.example" for n in range(20)])
    async with transaction(pool) as conn:
        await hear(conn, announced())
    async with opened(Sink(loses_every=_LOSES_EVERY)) as sink:
        courier = Courier(pool, sink.post(_GIVEN_UP), desk)
        async with working(courier, Herald(pool, desk)):
            await eventually(all_arrived, within=_WITHIN)
    _judge(samples, sink)
    print(  # noqa: T201 - figures of the long run
        f"\n{LETTERS} letters, {len(samples)} samples, {sum(sink.lost.values())} answers lost,"
        f" {sum(n - 1 for n in sink.taken.values())} twice, {time.monotonic() - began:.0f} s"
    )


def _judge(samples: list[Reach], sink: Sink) -> None:
    assert len(sink.taken) == LETTERS, "every letter arrived"
    assert sink.lost, "the sink lost no answer: this would show nothing"
    twice = {one for one, count in sink.taken.items() if count > 1}
    assert twice == set(sink.lost)
    assert max(sink.taken.values()) == 2
    intended = [reach.intended for reach in samples]
    assert intended == sorted(intended) and intended[-1] == LETTERS
    for reach in samples:
        assert reach.intended == reach.delivered + reach.failed + reach.pending
        assert reach.delivered <= len(sink.taken)
    assert samples[-1].repeated == len(sink.lost)


async def test_a_slow_domain_and_one_that_refuses_do_not_hold_up_the_others(
    pool: Pool, hear: Hear, desk: Desk
) -> None:
    domains = ["slow.example", "quick.example", "refuses.example"]
    async with transaction(pool) as conn:
        await crowd(conn, 300, domains)
        await hear(conn, announced())

    async def others_are_done() -> bool:
        return (await sample(pool)).failed == 100 and sink.to["quick.example"] == 100

    slow = {"slow.example": 1.5}
    async with opened(Sink(slow=slow, refuses=frozenset({"refuses.example"}))) as sink:
        async with working(
            Courier(pool, sink.post(_PATIENCE), desk, round_lanes=2), Herald(pool, desk)
        ):
            await eventually(others_are_done)
        assert sink.to["slow.example"] < 100
    reach = await sample(pool)
    assert reach.reasons == {"refused": 100} and reach.intended == 300


async def test_a_copy_that_stops_gives_back_what_it_has_not_begun(
    pool: Pool, hear: Hear, desk: Desk
) -> None:
    async with transaction(pool) as conn:
        await crowd(conn, 60, ["slow.example"])
        await hear(conn, announced())

    async def begun() -> bool:
        return sink.to["slow.example"] > 0

    async with opened(Sink(slow={"slow.example": 0.1})) as sink:
        async with working(Courier(pool, sink.post(_PATIENCE), desk), Herald(pool, desk)):
            await eventually(begun)
        stopped = sum(sink.taken.values())
        assert (await sample(pool)).delivered == stopped < 60
        sink.slow.clear()
        async with working(Courier(pool, sink.post(_PATIENCE), desk)):
            await eventually(lambda: _delivered(pool, 60))
    assert set(sink.taken.values()) == {1}


async def _delivered(pool: Pool, count: int) -> bool:
    return (await sample(pool)).delivered == count


async def test_what_a_dead_copy_had_in_hand_is_handed_over_once_more_and_that_is_counted(
    pool: Pool, hear: Hear, desk: Desk
) -> None:
    async with transaction(pool) as conn:
        await crowd(conn, 10, ["quick.example"])
        await hear(conn, announced())

    async def arrived() -> bool:
        await settle(pool)
        return await _delivered(pool, 10)

    async with opened(Sink()) as sink:
        herald = Herald(pool, desk)
        while await herald.spread():
            pass
        dead = Courier(pool, sink.post(_PATIENCE), desk)
        assert await dead._rounds.carry()
        for task in dead._rounds._under_way:
            task.cancel()
        assert await _tries(pool) == [(1, None)] * 10
        heir = Courier(pool, sink.post(_PATIENCE), desk)
        assert await heir.take_back()
        assert await _tries(pool) == [(1, "unknown")] * 10
        assert (await sample(pool)).repeated == 10
        async with working(heir):
            await eventually(arrived)
    assert await _tries(pool) == [(1, "unknown")] * 10 + [(2, "accepted")] * 10
    assert set(sink.taken.values()) == {1} and len(sink.taken) == 10
    assert (await sample(pool)).repeated == 10


async def _tries(pool: Pool) -> list[tuple[int, str | None]]:
    """Which tries there are of all mails, and how each ended."""
    async with reading(pool) as conn:
        rows = await conn.fetch(
            "SELECT attempt, outcome FROM attempts ORDER BY attempt, delivery_id"
        )
    return [(row["attempt"], row["outcome"]) for row in rows]


async def test_a_mail_of_news_can_be_stopped_by_one_click_and_a_letter_about_an_account_cannot(
    pool: Pool, hear: Hear, desk: Desk
) -> None:
    async with transaction(pool) as conn:
        one = await reader(conn, wish())
        await hear(conn, announced())
    async with (
        opened(Sink()) as sink,
        working(Courier(pool, sink.post(_PATIENCE), desk), Herald(pool, desk)),
    ):
        await eventually(lambda: _delivered(pool, 1))
    link = desk.stop_link(one)
    unfolded = sink.headers.replace(b"\r\n ", b" ")
    assert f"List-Unsubscribe: <{link}>".encode() in unfolded.replace(
        b"Unsubscribe:  <", b"Unsubscribe: <"
    )
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in unfolded


async def test_what_nobody_could_hand_over_in_time_has_failed_and_is_counted(
    pool: Pool, hear: Hear, desk: Desk
) -> None:
    async with transaction(pool) as conn:
        await reader(conn)
        await hear(conn, announced())
    herald = Herald(pool, desk)
    while await herald.spread():
        pass
    async with transaction(pool) as conn:
        await conn.execute("UPDATE deliveries SET send_by = $1 WHERE wide", now())
    async with opened(Sink()) as sink:
        await Courier(pool, sink.post(_PATIENCE), desk)._rounds.expire()
    assert (await sample(pool)).reasons == {"late": 1}
    async with reading(pool) as conn:
        assert await conn.fetchval("SELECT count(*) FROM deliveries WHERE state = 'waiting'") == 0
