"""FastStream publishes the same bodies with confirms, 128 in flight, and no database; facts a second."""

import asyncio
import time
from typing import Any
from uuid import uuid4

from faststream.rabbit import ExchangeType, RabbitBroker, RabbitExchange

from tests.bench.messaging.facts import TYPE, a_body, side

_IN_FLIGHT = 128


async def main(told: dict[str, Any]) -> float:
    """As many publishers as are in flight, one message after the other."""
    broker = RabbitBroker(told["deployer_url"], logger=None)
    await broker.connect()
    exchange = RabbitExchange("events", type=ExchangeType.TOPIC, durable=True)
    body, left = a_body(), iter(range(told["count"]))

    async def publisher() -> None:
        for _ in left:
            await broker.publish(
                body,
                exchange=exchange,
                routing_key=TYPE,
                persist=True,
                message_id=str(uuid4()),
                content_type="application/json",
            )

    began = time.perf_counter()
    await asyncio.gather(*(publisher() for _ in range(_IN_FLIGHT)))
    seconds = time.perf_counter() - began
    await broker.stop()
    return float(told["count"] / seconds)


if __name__ == "__main__":
    side(main)
