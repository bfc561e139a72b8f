"""What the registry's tests share: an application, people who ask, forms that are complete."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp.test_utils import TestClient, TestServer

from chassis.database import Pool, open_pool
from services.registry.api.application import application
from services.registry.api.kept import FINDER
from services.registry.api.streams import Streams
from services.registry.demo import fill
from tests.registry.asking import Desk
from tests.registry.feeding import numbered
from tests.registry.forms import GUIDELINES
from tests.rig.keyring import KeyRing
from tests.rig.postgres import Databases


@asynccontextmanager
async def opened(pool: Pool, keys: KeyRing) -> AsyncIterator[Desk]:
    """The registry's HTTP application over a database."""
    streams = Streams(each=2, together=20)
    app = application(pool, keys("registry"), guidelines=GUIDELINES, streams=streams)
    client = TestClient(TestServer(app))
    await client.start_server()
    yield Desk(client=client, keys=keys, pool=pool)
    await client.close()


@pytest.fixture
async def desk(pool: Pool, keys: KeyRing) -> AsyncIterator[Desk]:
    """The registry with nothing in it, and people who may ask it."""
    async with opened(pool, keys) as found:
        yield found


@pytest.fixture(scope="session")
async def full(server_databases: Databases, keys: KeyRing) -> AsyncIterator[Desk]:
    """A register with a history, all of it in the feed; tests that use it only read, or add what no other reads."""
    url = await server_databases.fresh("registry")
    async with open_pool(url, name="tests") as pool, opened(pool, keys) as found:
        await fill(pool, GUIDELINES)
        await numbered(pool)
        finder = found.client.server.app[FINDER]  # type: ignore[attr-defined]
        while await finder.follow(pool):
            pass
        yield found


@pytest.fixture
def inspected(desk: Desk) -> Callable[[], Awaitable[None]]:
    """Look through every document in quarantine."""
    return desk.inspect


@pytest.fixture
def number(pool: Pool) -> Callable[[], Awaitable[None]]:
    """Give every fact said so far its place in the feed, as the relay does."""

    async def all_of_them() -> None:
        await numbered(pool)

    return all_of_them
