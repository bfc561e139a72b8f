"""What the tests of benefits share: a town with a measure, and a provider that is called."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp.test_utils import TestServer

from chassis.database import Pool
from services.benefits.jobs.settling import Settler
from services.benefits.provider_simulator.api import new_app
from services.benefits.provider_simulator.books import Books
from tests.benefits.orders.granting import SIMULATOR, Simulator, Town
from tests.registry.feeding import numbered
from tests.rig.keyring import KeyRing


@pytest.fixture
async def town(pool: Pool, keys: KeyRing) -> Town:
    """A municipality with one measure, whose provider reads its feed."""
    return await Town(pool, keys("benefits")).open()


@pytest.fixture
async def simulator(town: Town) -> AsyncIterator[Simulator]:
    """The provider is called, and the simulator answers."""
    books = Books()
    server = TestServer(new_app(books, SIMULATOR))
    await server.start_server()
    url = str(server.make_url("/")).rstrip("/")
    await town.push_to(url)
    yield Simulator(url, books)
    await server.close()


@pytest.fixture
def settler(town: Town) -> Settler:
    """What comes about around orders by itself, at the time of the town."""
    return Settler(town.pool, town.keys, clock=town.clock)


@pytest.fixture
def number(pool: Pool) -> Callable[[], Awaitable[None]]:
    """Give every fact said so far its place in its feed, as the relay does."""

    async def all_of_them() -> None:
        await numbered(pool)

    return all_of_them
