"""Facts of the outbox are numbered and carried with confirms by the real relay; facts a second."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from chassis.broker import BatchPublisher, PlainPublisher, Publisher, connect
from chassis.database import Pool, open_pool
from chassis.relay import relay
from tests.bench.messaging.facts import side

_POLL = 0.01


async def main(told: dict[str, Any]) -> float:
    """From the start of the relay until the broker confirmed the last fact."""
    twin = PlainPublisher if told.get("plainly") else BatchPublisher

    @asynccontextmanager
    async def publisher() -> AsyncIterator[Publisher]:
        async with connect(told["broker_url"], "bench") as line:
            yield await twin.open(line)

    async with open_pool(told["database_url"], size=4, name="bench") as pool:
        began = time.perf_counter()
        task = asyncio.create_task(relay(pool, told["database_url"], publisher))
        await _until(pool, told["count"], task)
        seconds = time.perf_counter() - began
        task.cancel()
        return float(told["count"] / seconds)


async def _until(pool: Pool, count: int, task: "asyncio.Task[None]") -> None:
    while await pool.fetchval("SELECT published FROM relay") < count:
        if task.done():
            await task
        await asyncio.sleep(_POLL)


if __name__ == "__main__":
    side(main)
