"""What the tests of benefits share: a town with a measure, and a provider that is called."""

from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import TestServer

from chassis.database import Pool
from services.benefits.provider_simulator.api import new_app
from services.benefits.provider_simulator.books import Books
from tests.benefits.orders.granting import SIMULATOR, Simulator, Town
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
