"""The usual outbox: rows polled every 100 ms, one confirm at a time, a transaction for each message."""

import asyncio
import json
from typing import Any
from uuid import UUID, uuid4

import aio_pika
import asyncpg
from aiohttp import web

from tests.bench.messaging.facts import PADDING, TYPE, side

_POLL_SECONDS = 0.1


async def speak(told: dict[str, Any], pool: Any) -> web.Application:
    """POST, and a relay beside it."""

    async def move(request: web.Request) -> web.Response:
        body = await request.json()
        thing = uuid4()
        fact = json.dumps({"thing_id": str(thing), "revision": 1, "words": PADDING})
        async with pool.acquire() as conn, conn.transaction():
            await conn.execute(
                "INSERT INTO business (code, name) VALUES ($1, $2)", body["code"], body["name"]
            )
            await conn.execute(
                "INSERT INTO naive_outbox (event_id, body) VALUES ($1, $2)", thing, fact
            )
        return web.json_response({"thing_id": str(thing), "revision": 1}, status=201)

    asyncio.get_running_loop().create_task(_relay(told, pool))
    app = web.Application()
    app.router.add_post("/api/v1/bench/moves", move)
    return app


async def _relay(told: dict[str, Any], pool: Any) -> None:
    line = await aio_pika.connect(told["broker_url"])
    exchange = await (await line.channel()).get_exchange("events", ensure=False)
    while True:
        rows = await pool.fetch(
            "SELECT id, event_id, body FROM naive_outbox WHERE published_at IS NULL"
            " ORDER BY id LIMIT 100"
        )
        for row in rows:
            message = aio_pika.Message(
                row["body"].encode(), message_id=str(row["event_id"]), delivery_mode=2
            )
            await exchange.publish(message, TYPE)
        await pool.execute(
            "UPDATE naive_outbox SET published_at = now() WHERE id = ANY($1)",
            [row["id"] for row in rows],
        )
        if not rows:
            await asyncio.sleep(_POLL_SECONDS)


async def listen(told: dict[str, Any], pool: Any) -> web.Application:
    """A transaction for each message, sixteen at a time."""
    line = await aio_pika.connect(told["broker_url"])
    channel = await line.channel()
    await channel.set_qos(prefetch_count=16)

    async def each(message: aio_pika.abc.AbstractIncomingMessage) -> None:
        fact = json.loads(message.body)
        async with pool.acquire() as conn, conn.transaction():
            fresh = await conn.fetchval(
                "INSERT INTO naive_inbox (event_id) VALUES ($1)"
                " ON CONFLICT DO NOTHING RETURNING event_id",
                UUID(message.message_id),
            )
            if fresh:
                await conn.execute(
                    "INSERT INTO projection (subject, revision, words) VALUES ($1, $2, $3)",
                    fact["thing_id"],
                    fact["revision"],
                    fact["words"],
                )
        await message.ack()

    await (await channel.get_queue("listener", ensure=False)).consume(each)
    app = web.Application()
    app["line"] = line
    return app


async def main(told: dict[str, Any]) -> float:
    """Serve until killed."""
    pool = await asyncpg.create_pool(told["database_url"], min_size=16, max_size=16)
    app = await (speak if told["name"] == "bench" else listen)(told, pool)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", told["port"]).start()
    await asyncio.Event().wait()
    return 0.0


if __name__ == "__main__":
    side(main)
