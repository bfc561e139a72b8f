"""Listening along at a real broker: what is said drops what is kept, and silence is noticed."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import uuid4

import aiormq
import pytest

from chassis.broker.overhear import Overheard, overhear
from contracts.identity import SessionEnded
from deploy.local.stack import service_names
from tests.gateway.conftest import OpenDoor
from tests.gateway.standin import Identity, StandIn
from tests.rig.rabbitmq import VirtualHost

COUNTS = "/api/v1/registry/counts"
Say = Callable[[str, bytes], Awaitable[None]]
Eventually = Callable[..., Awaitable[object]]


@pytest.fixture
def host(broker: Callable[..., VirtualHost]) -> VirtualHost:
    """A broker with the rights the real one gives."""
    return broker(*service_names())


@pytest.fixture
def say(host: VirtualHost) -> Say:
    """``await say("registry.organisation.changed.v1", b"{}")``: what a service would have said."""

    async def publish(type_: str, body: bytes) -> None:
        # Each service may only speak of what is its own.
        connection = await aiormq.connect(host.url(type_.split(".")[0]))
        channel = await connection.channel()
        await channel.basic_publish(body, exchange="events", routing_key=type_)
        await connection.close()

    return publish


async def test_a_fact_at_the_broker_drops_the_answer_here(
    door: OpenDoor, stand_in: StandIn, host: VirtualHost, say: Say, eventually: Eventually
) -> None:
    opened = await door(hearing=False, broker_url=host.url("gateway"))
    await eventually(lambda: opened.worker.cache.hearing)
    await opened.get(COUNTS)
    await opened.get(COUNTS)
    assert len(stand_in.of(COUNTS)) == 1
    await say("registry.organisation.registered.v1", b"{}")
    await eventually(lambda: len(opened.worker.cache) == 0)
    await opened.get(COUNTS)
    assert len(stand_in.of(COUNTS)) == 2


async def test_a_session_that_ended_is_refused_within_a_second(
    door: OpenDoor, host: VirtualHost, say: Say, identity: Identity, eventually: Eventually
) -> None:
    opened = await door(hearing=False, broker_url=host.url("gateway"))
    await eventually(lambda: opened.worker.sessions.hearing)
    value = identity.session()
    cookie = {"Cookie": f"__Host-machipo={value}"}
    letters = "/api/v1/notifications/letters"
    assert (await opened.ask("GET", letters, **cookie)).status == 200
    session = identity.sessions.pop(value).session_id
    assert session is not None
    fact = SessionEnded(revision=2, session_id=session, reason="signed_out")
    await say(fact.type, fact.model_dump_json().encode())

    async def refused() -> bool:
        return (await opened.ask("GET", letters, **cookie)).status == 401

    await eventually(refused)


async def test_a_line_that_is_cut_makes_nothing_be_believed_and_comes_back(
    door: OpenDoor, stand_in: StandIn, host: VirtualHost, say: Say, eventually: Eventually
) -> None:
    opened = await door(hearing=False, broker_url=host.url("gateway"))
    await eventually(lambda: opened.worker.cache.hearing)
    await opened.get(COUNTS)
    deaf = asyncio.Event()
    forget = opened.worker.cache.deaf

    def noted() -> None:
        deaf.set()
        forget()

    opened.worker.cache.deaf = noted  # type: ignore[method-assign]
    await asyncio.to_thread(host.cut)
    async with asyncio.timeout(60):
        await deaf.wait()
    assert len(opened.worker.cache) == 0
    await eventually(lambda: opened.worker.cache.hearing)
    await opened.get(COUNTS)
    assert len(stand_in.of(COUNTS)) == 2
    assert opened.worker.counts.value("hearing") == 1


async def test_the_gateways_user_may_overhear_and_nothing_else(host: VirtualHost) -> None:
    async with overhear(host.url("gateway"), "gateway", ["registry.organisation"]):
        pass
    for forbidden in ("registry", f"other.{uuid4()}", "events"):
        connection = await aiormq.connect(host.url("gateway"))
        channel = await connection.channel()
        with pytest.raises(aiormq.exceptions.ChannelAccessRefused):
            await channel.queue_declare(forbidden)
        await connection.close()


async def test_what_is_said_while_nobody_listens_is_not_waited_for(
    host: VirtualHost, say: Say
) -> None:
    async with overhear(host.url("gateway"), "gateway", ["registry.organisation"]) as ear:
        await say("registry.organisation.changed.v1", b"1")
        await say("identity.account.issued.v1", b"2")
        await say("registry.organisation.changed.v1", b"3")
        heard: list[Overheard] = []
        async with asyncio.timeout(60):
            while len(heard) < 2:
                heard += await ear.batch()
    assert [fact.body for fact in heard] == [b"1", b"3"]
    async with overhear(host.url("gateway"), "gateway", ["registry.organisation"]) as ear:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await ear.batch()
