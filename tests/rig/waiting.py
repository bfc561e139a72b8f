"""Waiting for what will be true, instead of sleeping and hoping."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import TypeVar, overload

#: Long enough for a machine that does much else: only a test that fails waits for so long.
_PATIENCE = 60.0

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
