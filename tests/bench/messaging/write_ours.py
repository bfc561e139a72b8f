"""A business row and a fact in one transaction, sixteen clients, by the chassis; transactions a second."""

import asyncio
import time
from typing import Any
from uuid import uuid4

from chassis.database import open_pool, transaction
from chassis.outbox import publish
from tests.bench.messaging.facts import ThingMoved, side

_CLIENTS = 16


async def main(told: dict[str, Any]) -> float:
    """As many as fit into the seconds."""
    done = 0
    async with open_pool(told["database_url"], size=_CLIENTS, name="bench") as pool:
        end = time.perf_counter() + told["seconds"]

        async def client() -> None:
            nonlocal done
            while time.perf_counter() < end:
                async with transaction(pool) as conn:
                    await conn.execute(
                        "INSERT INTO business (code, name) VALUES ($1, $2)", "131016", "千代田区"
                    )
                    publish(conn, ThingMoved(thing_id=uuid4(), revision=1))
                done += 1

        await asyncio.gather(*(client() for _ in range(_CLIENTS)))
    return float(done / told["seconds"])


if __name__ == "__main__":
    side(main)
