"""The line to the broker: both publishers write the same, and what is lost is noticed."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any
from uuid import uuid4

import pytest
from aiormq.abc import DeliveredMessage
from aiormq.exceptions import ChannelAccessRefused

from chassis.broker import (
    BatchPublisher,
    Consumer,
    PlainPublisher,
    TopologyMissing,
    connect,
    declare,
    definitions,
)
from chassis.wire import Said
from tests.rig.rabbitmq import VirtualHost

Host = Callable[..., VirtualHost]

#: Only a test that fails waits for so long.
_PATIENCE = 60
BODIES = [b"", b"{}", "申込み".encode(), b"\x00\xff" * 40, b"x" * 200_000]


def batch(count: int, since: int = 1, bodies: Sequence[bytes] = BODIES) -> list[Said]:
    return [
        Said(
            position=n,
            kind="alpha.thing",
            number=n,
            seq=n,
            event_id=str(uuid4()),
            subject=f"thing/{n}",
            revision=1,
            type="alpha.thing.moved.v1",
            body=bodies[n % len(bodies)],
            recorded_at="2026-04-01T00:00:00.000000Z",
            request_id=None if n % 3 else f"request-{n}",
        )
        for n in range(since, since + count)
    ]


@pytest.fixture
async def host(broker: Host) -> VirtualHost:
    """A virtual host where beta listens to alpha."""
    made = broker("alpha", "beta")
    await declare(made.deployer_url, "beta", ["alpha.thing"])
    return made


async def received(consumer: Consumer, count: int) -> list[DeliveredMessage]:
    found: list[DeliveredMessage] = []
    async with asyncio.timeout(_PATIENCE):
        while len(found) < count:
            found += await consumer.batch(500)
    return found


def as_told(message: DeliveredMessage) -> tuple[str | None, bytes, dict[str, Any]]:
    return (message.routing_key, message.body, dict(message.header.properties))


async def test_both_publishers_are_heard_the_same(host: VirtualHost) -> None:
    facts = batch(40)
    for publisher in (BatchPublisher, PlainPublisher):
        async with connect(host.url("alpha"), "tests") as line:
            twin = await publisher.open(line)
            for at in range(0, 40, 15):
                future = await twin.send(facts[at : at + 15])
                await asyncio.wait_for(future, _PATIENCE)
    async with Consumer.open(host.url("beta"), "beta", "tests") as consumer:
        got = [as_told(message) for message in await received(consumer, 80)]
    assert got[:40] == got[40:]
    assert [body for _, body, _ in got[:40]] == [said.body for said in facts]


@pytest.mark.parametrize("publisher", [BatchPublisher, PlainPublisher])
async def test_a_batch_is_confirmed_after_many_before_it(
    host: VirtualHost, publisher: type[BatchPublisher] | type[PlainPublisher]
) -> None:
    async with connect(host.url("alpha"), "tests") as line:
        twin = await publisher.open(line)
        # Many, and none of them large: each message has its deadline, and all are under way at once.
        facts = [batch(200, since=1 + 200 * n, bodies=[b"{}"]) for n in range(10)]
        futures = [await twin.send(each) for each in facts]
        await asyncio.wait_for(asyncio.gather(*futures), _PATIENCE)


@pytest.mark.parametrize("publisher", [BatchPublisher, PlainPublisher])
async def test_a_batch_on_a_broken_line_is_an_error(
    host: VirtualHost, publisher: type[BatchPublisher] | type[PlainPublisher]
) -> None:
    async with connect(host.url("alpha"), "tests") as line:
        twin = await publisher.open(line)
        host.cut()
        with pytest.raises(Exception) as failure:
            for n in range(50):
                await asyncio.wait_for(await twin.send(batch(10, since=1 + 10 * n)), _PATIENCE)
                await asyncio.sleep(0.01)
    assert not isinstance(failure.value, TimeoutError)


@pytest.mark.parametrize("publisher", [BatchPublisher, PlainPublisher])
async def test_a_service_cannot_speak_for_another(
    host: VirtualHost, publisher: type[BatchPublisher] | type[PlainPublisher]
) -> None:
    async with connect(host.url("beta"), "tests") as line:
        twin = await publisher.open(line)
        with pytest.raises((ConnectionError, ChannelAccessRefused)):
            await asyncio.wait_for(await twin.send(batch(3)), _PATIENCE)


async def test_a_serving_process_may_not_declare(host: VirtualHost) -> None:
    with pytest.raises(ChannelAccessRefused):
        await declare(host.url("beta"), "gamma", [])


async def test_a_queue_that_is_not_there_is_named(broker: Host) -> None:
    host = broker("beta")
    with pytest.raises(TopologyMissing, match="no queue beta"):
        async with Consumer.open(host.url("beta"), "beta", "tests"):
            pass


async def test_what_is_not_acknowledged_comes_again(host: VirtualHost) -> None:
    async with connect(host.url("alpha"), "tests") as line:
        await asyncio.wait_for(await (await BatchPublisher.open(line)).send(batch(9)), _PATIENCE)
    async with Consumer.open(host.url("beta"), "beta", "tests") as consumer:
        got = await received(consumer, 9)
        await consumer.acknowledge(got[3])
    async with Consumer.open(host.url("beta"), "beta", "tests") as consumer:
        got = await received(consumer, 5)
        assert [as_told(m)[2]["headers"]["subject"] for m in got] == [
            f"thing/{n}" for n in range(5, 10)
        ]


async def test_a_cut_line_ends_the_consumer(host: VirtualHost) -> None:
    async with Consumer.open(host.url("beta"), "beta", "tests") as consumer:
        waiting = asyncio.create_task(consumer.batch(1))
        await asyncio.sleep(0.05)
        host.cut()
        with pytest.raises(ConnectionError):
            await asyncio.wait_for(waiting, _PATIENCE)


async def test_a_deleted_queue_ends_the_consumer(host: VirtualHost) -> None:
    async with Consumer.open(host.url("beta"), "beta", "tests") as consumer:
        waiting = asyncio.create_task(consumer.batch(1))
        async with connect(host.deployer_url, "tests") as line:
            await (await line.channel()).queue_delete("beta")
        with pytest.raises(ConnectionError, match="cancelled"):
            await asyncio.wait_for(waiting, _PATIENCE)
        with pytest.raises(ConnectionError):
            await asyncio.wait_for(consumer.watch(), _PATIENCE)


async def test_a_queue_with_other_arguments_is_made_anew(broker: Host) -> None:
    host = broker("beta")
    async with connect(host.deployer_url, "tests") as line:
        await (await line.channel()).queue_declare("beta", durable=True)
    await declare(host.deployer_url, "beta", ["alpha.thing"])
    await declare(host.deployer_url, "beta", ["alpha.thing"])
    async with Consumer.open(host.url("beta"), "beta", "tests"):
        pass


async def test_a_kind_no_longer_listened_to_is_unbound(host: VirtualHost) -> None:
    await declare(host.deployer_url, "beta", ["alpha.note"], no_longer=["alpha.thing"])
    async with connect(host.url("alpha"), "tests") as line:
        await asyncio.wait_for(await (await BatchPublisher.open(line)).send(batch(5)), _PATIENCE)
    async with connect(host.deployer_url, "tests") as line:
        channel = await line.channel()
        found = await channel.queue_declare("beta", passive=True)
        assert found.message_count == 0


async def test_a_broker_booted_with_the_definitions_needs_no_prepare(broker: Host) -> None:
    host = broker("alpha", "beta")
    host.node.load(definitions({"alpha": [], "beta": ["alpha.thing"]}, host.name))
    async with Consumer.open(host.url("beta"), "beta", "tests") as consumer:
        async with connect(host.url("alpha"), "tests") as line:
            await asyncio.wait_for(
                await (await BatchPublisher.open(line)).send(batch(3)), _PATIENCE
            )
        assert len(await received(consumer, 3)) == 3
    await declare(host.deployer_url, "beta", ["alpha.thing"])
