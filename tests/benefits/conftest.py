"""What the tests of benefits share: the application over a database, and what was said in it."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp.test_utils import TestClient, TestServer

from chassis.database import Pool, reading
from services.benefits.api import application
from services.benefits.outside.addresses import AddressBook
from services.benefits.store import ledger
from tests.benefits.asking import House
from tests.benefits.resolving import Names
from tests.rig.keyring import KeyRing

Said = Callable[[str], Awaitable[list[str]]]


@pytest.fixture
async def house(pool: Pool, keys: KeyRing) -> AsyncIterator[House]:
    """Benefits with nothing in it; whatever a test does, the invariants hold afterwards."""
    client = TestClient(
        TestServer(
            application(pool, keys("benefits"), addresses=AddressBook(names=Names("8.8.8.8")))
        )
    )
    await client.start_server()
    opened = House(client, keys, pool)
    yield opened
    await client.close()
    async with reading(pool) as conn:
        assert await ledger.broken(conn) == opened.breaks


@pytest.fixture
def said(pool: Pool) -> Said:
    """``await said("application/…")``: what was said about a subject, in the order of its revisions."""

    async def of(subject: str) -> list[str]:
        rows = await pool.fetch(
            "SELECT split_part(type, '.', 3) AS act, revision FROM events WHERE subject = $1 ORDER BY revision",
            subject,
        )
        assert [row["revision"] for row in rows] == list(range(1, len(rows) + 1))
        return [row["act"] for row in rows]

    return of
