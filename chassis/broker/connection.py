"""One connection, made again by whoever needs it when it is lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiormq
from aiormq.abc import AbstractConnection
from yarl import URL

#: A dead line is noticed after three times this many seconds.
HEARTBEAT_SECONDS = 10
#: No call to the broker is waited for longer.
DEADLINE_SECONDS = 10.0


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
