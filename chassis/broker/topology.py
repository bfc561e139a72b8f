"""The exchange, the queues and what is bound to them: declared by deployers, only looked at by services."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from aiormq.abc import AbstractChannel, AbstractConnection
from aiormq.exceptions import ChannelNotFoundEntity, ChannelPreconditionFailed

from chassis.broker.connection import DEADLINE_SECONDS, answering, connect
from chassis.wire import EXCHANGE


class TopologyMissing(Exception):
    """The broker does not know the queue or the exchange; somebody has to run ``prepare`` again."""


#: A broker may need long to start where everything starts at once; one that never does is told of at last.
_STARTING_SECONDS = 600.0
#: How much one queue may hold while nobody reads it.
_MOST_BYTES = 256 * 1024 * 1024


def queue_arguments() -> dict[str, Any]:
    """What every queue is, spelled out so that RabbitMQ 3.10 and 4.x do the same (docs/decisions)."""
    return {
        "x-queue-type": "quorum",
        "x-delivery-limit": 20,
        "x-max-length-bytes": _MOST_BYTES,
        "x-overflow": "drop-head",
    }


async def declare(
    url: str, service: str, kinds: Iterable[str], *, no_longer: Iterable[str] = ()
) -> None:
    """The exchange, ``service``'s queue and a binding for each kind it listens to; safe to repeat.

    A queue that is there with other arguments is made anew: what it held is fetched by the comparison.
    """
    async with asyncio.timeout(_STARTING_SECONDS):
        await answering(url)
    async with asyncio.timeout(6 * DEADLINE_SECONDS):
        async with connect(url, f"{service} prepare") as line:
            channel = await line.channel()
            await channel.exchange_declare(EXCHANGE, exchange_type="topic", durable=True)
            channel = await _queue(line, channel, service)
            for kind in kinds:
                await channel.queue_bind(service, EXCHANGE, routing_key=f"{kind}.#")
            for kind in no_longer:
                await channel.queue_unbind(service, EXCHANGE, routing_key=f"{kind}.#")


async def _queue(
    line: AbstractConnection, channel: AbstractChannel, service: str
) -> AbstractChannel:
    try:
        await channel.queue_declare(service, durable=True, arguments=queue_arguments())
    except ChannelPreconditionFailed:
        channel = await line.channel()
        await channel.queue_delete(service)
        await channel.queue_declare(service, durable=True, arguments=queue_arguments())
    return channel


async def look_for(channel: AbstractChannel, queue: str) -> int:
    """How many consume from ``queue``; ``TopologyMissing`` if there is no such queue."""
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            found = await channel.queue_declare(queue, passive=True)
    except ChannelNotFoundEntity as why:
        raise TopologyMissing(f"the broker has no queue {queue}") from why
    return found.consumer_count or 0


def definitions(kinds_of: Mapping[str, Iterable[str]], vhost: str) -> dict[str, Any]:
    """The same topology as a definitions file: a broker that lost its data boots with it."""
    return {
        "exchanges": [
            {
                "name": EXCHANGE,
                "vhost": vhost,
                "type": "topic",
                "durable": True,
                "auto_delete": False,
                "internal": False,
                "arguments": {},
            }
        ],
        "queues": [
            {
                "name": service,
                "vhost": vhost,
                "durable": True,
                "auto_delete": False,
                "arguments": queue_arguments(),
            }
            for service in sorted(kinds_of)
        ],
        "bindings": [
            {
                "source": EXCHANGE,
                "vhost": vhost,
                "destination": service,
                "destination_type": "queue",
                "routing_key": f"{kind}.#",
                "arguments": {},
            }
            for service, kinds in sorted(kinds_of.items())
            for kind in sorted(kinds)
        ],
    }
