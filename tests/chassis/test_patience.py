"""Loops rest while nothing stirs, and miss nothing that does."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

from chassis.patience import Stir, patiently, stir
from tests.rig.waiting import eventually

_FOR_EVER = 3600.0


@asynccontextmanager
async def taking(turn: Callable[[], Awaitable[bool]]) -> AsyncIterator[None]:
    """A loop that looks again when something stirs, and never else."""
    loop = asyncio.create_task(patiently("test", turn, pause=0.001, still=_FOR_EVER))
    try:
        yield
    finally:
        loop.cancel()


async def test_a_resting_loop_looks_when_something_stirs() -> None:
    turns = 0

    async def turn() -> bool:
        nonlocal turns
        turns += 1
        return False

    async with taking(turn):
        for seen in range(1, 4):
            await eventually(partial(lambda least: turns >= least, seen))
            stir.tell()


async def test_what_stirs_during_a_turn_is_looked_at_after_it() -> None:
    turns = 0

    async def turn() -> bool:
        nonlocal turns
        turns += 1
        if turns == 1:
            stir.tell()
        return False

    async with taking(turn):
        await eventually(lambda: turns >= 2)


async def test_who_did_something_wakes_the_others_and_looks_again_itself() -> None:
    begin = asyncio.Event()
    done = 0
    seen_by_the_other: list[int] = []

    async def turn() -> bool:
        nonlocal done
        await begin.wait()
        done += 1
        return done <= 2

    async def other() -> bool:
        seen_by_the_other.append(done)
        return False

    async with taking(turn), taking(other):
        await eventually(lambda: seen_by_the_other == [0])
        begin.set()
        await eventually(lambda: done == 3 and seen_by_the_other[-1] >= 2)


async def test_a_turn_that_failed_does_not_wait_for_a_stir() -> None:
    turns = 0

    async def turn() -> bool:
        nonlocal turns
        turns += 1
        if turns < 3:
            raise ZeroDivisionError
        return False

    async with taking(turn):
        await eventually(lambda: turns >= 3)


async def test_one_who_stops_resting_leaves_nothing_behind() -> None:
    # One of its own: whoever else rests in this process is no concern of this test.
    own = Stir()
    resting = asyncio.create_task(own.rest(own.count, _FOR_EVER))
    await asyncio.sleep(0)
    assert own._resting
    resting.cancel()
    await asyncio.gather(resting, return_exceptions=True)
    assert not own._resting
    await own.rest(own.count, 0.001)
    assert not own._resting
