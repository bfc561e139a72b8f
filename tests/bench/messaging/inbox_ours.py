"""A full queue is stored and applied by the real loops with a batch handler; facts a second."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from chassis.broker import Consumer
from chassis.database import Connection, open_pool
from chassis.inbox import Applier, Store, Subscriptions
from tests.bench.messaging.facts import ThingMoved, side

_POLL = 0.01


async def moved(conn: Connection, facts: Sequence[ThingMoved]) -> None:
    """Keep what was said."""
    await conn.execute(
        "INSERT INTO projection (subject, revision, words)"
        " SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[])",
        [str(f.thing_id) for f in facts],
        [f.revision for f in facts],
        [f.words for f in facts],
    )


async def main(told: dict[str, Any]) -> float:
    """From the first connection until the last fact counts."""
    subscriptions = Subscriptions(batch={ThingMoved: moved})
    async with open_pool(told["database_url"], size=6, name="bench") as pool:
        store = Store(pool, subscriptions)
        applier = Applier(pool, subscriptions, store.stored)
        began = time.perf_counter()
        async with Consumer.open(told["broker_url"], "bench", "bench") as consumer:
            tasks = [
                asyncio.create_task(store.deliveries(consumer)),
                asyncio.create_task(applier.run()),
            ]
            while await pool.fetchval("SELECT count(*) FROM projection") < told["count"]:
                if ended := [task for task in tasks if task.done()]:
                    await ended[0]
                await asyncio.sleep(_POLL)
            seconds = time.perf_counter() - began
            for task in tasks:
                task.cancel()
        return float(told["count"] / seconds)


if __name__ == "__main__":
    side(main)
