"""Loops of a service's own that do not give up, for its ``jobs.py``."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

_log = structlog.get_logger()


async def patiently(name: str, turn: Callable[[], Awaitable[bool]], *, pause: float = 1.0) -> None:
    """Take turns until cancelled: at once again after one that did something, else after ``pause``.

    A turn that fails is told and taken again.
    """
    while True:
        try:
            busy = await turn()
        except Exception as why:
            _log.warning("a turn failed", loop=name, why=repr(why))
            busy = False
        if not busy:
            await asyncio.sleep(pause)


async def insist(name: str, act: Callable[[], Awaitable[object]], *, pause: float = 1.0) -> None:
    """Do ``act`` until it succeeds: for what has already happened outside and must be written down."""
    while True:
        try:
            await act()
            return
        except Exception as why:
            _log.warning("not written down yet", what=name, why=repr(why))
        await asyncio.sleep(pause)
