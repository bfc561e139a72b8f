"""One connection, made again by whoever needs it when it is lost."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

import aiormq
from aiormq.abc import AbstractConnection
from yarl import URL

#: A dead line is noticed after three times this many seconds.
HEARTBEAT_SECONDS = 10
#: No call to the broker is waited for longer.
DEADLINE_SECONDS = 10.0
_PAUSE_SECONDS = 0.2

T = TypeVar("T")


async def loud(act: Awaitable[T]) -> T:
    """``act``, whose cancellation is an error unless we ourselves were cancelled.

    On a lost line aiormq cancels what waits for it, and a cancelled task of a group ends without a word.
    """
    try:
        return await act
    except asyncio.CancelledError as why:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        raise ConnectionError("the line broke") from why


async def answering(url: str) -> None:
    """Return when something takes connections at ``url``: a broker may still be starting."""
    address = URL(url)
    while True:
        with suppress(OSError):
            _, writer = await asyncio.open_connection(address.host, address.port)
            return writer.close()
        await asyncio.sleep(_PAUSE_SECONDS)


@asynccontextmanager
async def connect(url: str, name: str) -> AsyncIterator[AbstractConnection]:
    """A connection that is closed with the block, however the block ends."""
    address = URL(url).update_query(heartbeat=str(HEARTBEAT_SECONDS), name=name)
    async with asyncio.timeout(DEADLINE_SECONDS):
        connection = await aiormq.connect(address)
    try:
        yield connection
    finally:
        with suppress(Exception):
            async with asyncio.timeout(2):
                await connection.close()
