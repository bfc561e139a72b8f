"""Loops of a service's own that do not give up, for its ``jobs.py``."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

_log = structlog.get_logger()


class Stir:
    """Something was written in this process: loops that rest look at once whether it concerns them."""

    def __init__(self) -> None:
        self.count = 0
        self._resting: set[asyncio.Future[None]] = set()

    def tell(self) -> None:
        """Wake all who rest."""
        self.count += 1
        for resting in self._resting:
            if not resting.done():
                resting.set_result(None)

    async def rest(self, seen: int, seconds: float) -> None:
        """Come back when there was a stir after ``seen``, or after ``seconds``."""
        if self.count != seen or seconds <= 0:
            return
        resting = asyncio.get_running_loop().create_future()
        self._resting.add(resting)
        try:
            async with asyncio.timeout(seconds):
                await resting
        except TimeoutError:
            pass
        finally:
            self._resting.discard(resting)


#: Told after each commit that said something or brought a fact in, and after each turn that did something.
stir = Stir()


async def patiently(
    name: str, turn: Callable[[], Awaitable[bool]], *, pause: float = 1.0, still: float = 0.0
) -> None:
    """Take turns until cancelled: at once again after one that did something, else after ``pause``.

    A turn that fails is told and taken again. Where ``still`` is longer, the next turn waits so long for a stir of this
    process: without one there is only to do what another copy, or time, has brought about.
    """
    while True:
        seen = stir.count
        try:
            if await turn():
                stir.tell()
                continue
            rest = still - pause
        except Exception as why:
            _log.warning("a turn failed", loop=name, why=repr(why))
            rest = 0.0
        await asyncio.sleep(pause)
        await stir.rest(seen, rest)


async def insist(name: str, act: Callable[[], Awaitable[object]], *, pause: float = 1.0) -> None:
    """Do ``act`` until it succeeds: for what has already happened outside and must be written down."""
    while True:
        try:
            await act()
            return
        except Exception as why:
            _log.warning("not written down yet", what=name, why=repr(why))
        await asyncio.sleep(pause)
