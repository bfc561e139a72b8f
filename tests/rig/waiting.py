"""Waiting for what will be true, instead of sleeping and hoping."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeVar, overload

from chassis.clock import JAPAN, now, today

#: Long enough for a machine that does much else: only a test that fails waits for so long.
_PATIENCE = 60.0
#: Longer than from the first to the last time at which a test asks what day it is.
_REST_OF_DAY = 30.0

T = TypeVar("T")


@overload
async def eventually(check: Callable[[], Awaitable[T]], *, within: float = _PATIENCE) -> T: ...
@overload
async def eventually(check: Callable[[], T], *, within: float = _PATIENCE) -> T: ...
async def eventually(check: Callable[[], T | Awaitable[T]], *, within: float = _PATIENCE) -> T:
    """The first true answer of ``check``; its last failure if there is none ``within`` seconds."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within
    pause = 0.01
    while True:
        failure: AssertionError | None = None
        answer: T | None = None
        try:
            found = check()
            answer = await found if inspect.isawaitable(found) else found
        except AssertionError as why:
            failure = why
        if failure is None and answer:
            return answer
        if loop.time() > deadline:
            raise failure or AssertionError(f"still {answer!r} after {within} s")
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, 0.2)


def in_one_day() -> None:
    """Return when the day that is now in Japan lasts long enough for a test that asks for it more than once."""
    midnight = datetime.combine(today() + timedelta(days=1), datetime.min.time(), JAPAN)
    left = (midnight - now()).total_seconds()
    if left < _REST_OF_DAY:
        time.sleep(left + 0.1)
