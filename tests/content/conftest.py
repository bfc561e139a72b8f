"""What content's tests share: its application over a database and a folder, and people who ask."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from chassis.database import Pool, open_pool
from services.content.api.application import application
from services.content.demo import fill
from services.content.jobs import Clockwork
from services.content.outside import FileShelf, folder
from tests.content.asking import Desk
from tests.rig.keyring import KeyRing
from tests.rig.postgres import Databases

PUBLIC_URL = "http://portal.example"


@asynccontextmanager
async def opened(pool: Pool, keys: KeyRing, shelf: FileShelf) -> AsyncIterator[Desk]:
    """Content's HTTP application over a database and an object store."""
    app = application(pool, keys("content"), shelf=shelf, public_url=PUBLIC_URL)
    client = TestClient(TestServer(app))
    await client.start_server()
    yield Desk(client, keys, pool, shelf, Clockwork(pool, shelf))
    await client.close()


@pytest.fixture
async def desk(pool: Pool, keys: KeyRing, tmp_path: Path) -> AsyncIterator[Desk]:
    """Content with nothing in it."""
    async with opened(pool, keys, folder(tmp_path / "files")) as found:
        yield found


@pytest.fixture(scope="session")
async def full(
    server_databases: Databases, keys: KeyRing, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Desk]:
    """The site of the demo; tests that use it only read."""
    url = await server_databases.fresh("content")
    shelf = folder(tmp_path_factory.mktemp("files"))
    async with open_pool(url, name="tests") as pool, opened(pool, keys, shelf) as found:
        await fill(pool, shelf)
        yield found
