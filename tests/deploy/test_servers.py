"""The private servers, as the launcher and the tests start them."""

from collections.abc import Awaitable, Callable

import aio_pika
import asyncpg
import pytest
from aiormq.exceptions import ChannelAccessRefused

from deploy.local.postgres import PostgreSQL
from tests.rig.postgres import owner_url
from tests.rig.rabbitmq import VirtualHost

Database = Callable[[str], Awaitable[str]]
Broker = Callable[..., VirtualHost]


async def _nothing(_: object) -> None: ...


async def test_the_application_role_uses_tables_and_makes_none(database: Database) -> None:
    url = await database("deploy")
    owner = await asyncpg.connect(owner_url(url))
    await owner.execute("CREATE TABLE notes (id bigint GENERATED ALWAYS AS IDENTITY, words text)")
    app = await asyncpg.connect(url)
    await app.execute("INSERT INTO notes (words) VALUES ('こんにちは')")
    for forbidden in ("CREATE TABLE more ()", "ALTER TABLE notes ADD x int", "DROP TABLE notes"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute(forbidden)


async def test_a_role_sees_no_database_but_its_own(postgres: PostgreSQL) -> None:
    postgres.add_services({"mine": ("", ""), "theirs": ("", "")})
    await (await asyncpg.connect(postgres.url("mine", "mine_app"))).close()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(postgres.url("theirs", "mine_app"))


async def test_japanese_words_are_found_by_trigrams(database: Database) -> None:
    owner = await asyncpg.connect(owner_url(await database("deploy")))
    await owner.execute("CREATE EXTENSION pg_trgm")
    assert await owner.fetchval("SELECT cardinality(show_trgm('自治体マイナポイント'))") > 5


async def test_a_service_speaks_only_in_its_own_name(broker: Broker) -> None:
    async with await aio_pika.connect(broker("registry").url("registry")) as line:
        channel = await line.channel()
        events = await channel.get_exchange("events", ensure=False)
        await events.publish(aio_pika.Message(b"{}"), routing_key="registry.measure.published.v1")
        with pytest.raises(ChannelAccessRefused):
            await events.publish(aio_pika.Message(b"{}"), routing_key="identity.account.opened.v1")


async def test_a_service_can_neither_declare_nor_read_another_queue(broker: Broker) -> None:
    host = broker("registry", "identity")
    async with await aio_pika.connect(host.deployer_url) as line:
        channel = await line.channel()
        for name in ("registry", "identity"):
            queue = await channel.declare_queue(
                name, durable=True, arguments={"x-queue-type": "quorum"}
            )
            await queue.bind("events", "#")
    async with await aio_pika.connect(host.url("registry")) as line:
        own = await (await line.channel()).get_queue("registry", ensure=False)
        await own.consume(_nothing)
        foreign = await (await line.channel()).get_queue("identity", ensure=False)
        with pytest.raises(ChannelAccessRefused):
            await foreign.consume(_nothing)
        with pytest.raises(ChannelAccessRefused):
            await (await line.channel()).declare_queue("registry.more")


async def test_the_gateway_listens_by_queues_of_its_own(broker: Broker) -> None:
    async with await aio_pika.connect(broker("registry").url("gateway")) as line:
        channel = await line.channel()
        queue = await channel.declare_queue("gateway.one", exclusive=True)
        await queue.bind("events", "registry.#")
        with pytest.raises(ChannelAccessRefused):
            await (await line.channel()).declare_queue("registry")
