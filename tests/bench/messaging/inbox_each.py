"""The usual way in: a transaction for each message, sixteen at a time, with aio-pika; messages a second."""

import asyncio
import time
from typing import Any
from uuid import UUID

import aio_pika
import asyncpg

from tests.bench.messaging.facts import ThingMoved, side

_AT_A_TIME = 16


async def main(told: dict[str, Any]) -> float:
    """Deduplicate, do, commit, acknowledge."""
    count, done = told["count"], 0
    finished = asyncio.Event()
    line = await aio_pika.connect(told["broker_url"])
    channel = await line.channel()
    await channel.set_qos(prefetch_count=_AT_A_TIME)
    queue = await channel.get_queue("bench", ensure=False)
    pool = await asyncpg.create_pool(told["database_url"], min_size=_AT_A_TIME, max_size=_AT_A_TIME)

    async def each(message: aio_pika.abc.AbstractIncomingMessage) -> None:
        nonlocal done
        fact = ThingMoved.model_validate_json(message.body)
        async with pool.acquire() as conn, conn.transaction():
            fresh = await conn.fetchval(
                "INSERT INTO naive_inbox (event_id) VALUES ($1)"
                " ON CONFLICT DO NOTHING RETURNING event_id",
                UUID(message.message_id),
            )
            if fresh:
                await conn.execute(
                    "INSERT INTO projection (subject, revision, words) VALUES ($1, $2, $3)",
                    str(fact.thing_id),
                    fact.revision,
                    fact.words,
                )
        await message.ack()
        done += 1
        if done == count:
            finished.set()

    began = time.perf_counter()
    await queue.consume(each)
    await finished.wait()
    seconds = time.perf_counter() - began
    await line.close()
    pool.terminate()
    return float(count / seconds)


if __name__ == "__main__":
    side(main)
