"""What the tests of scheduling share: the application over a database, and what was said in it."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp.test_utils import TestClient, TestServer

from chassis.database import Pool
from services.scheduling.api import application
from tests.rig.keyring import KeyRing
from tests.scheduling.asking import House

Said = Callable[[str], Awaitable[list[tuple[str, int, str]]]]


@pytest.fixture
async def house(pool: Pool, keys: KeyRing) -> AsyncIterator[House]:
    """Scheduling with nothing in it."""
    client = TestClient(TestServer(application(pool, keys("scheduling"))))
    await client.start_server()
    yield House(client, keys, pool)
    await client.close()


@pytest.fixture
def said(pool: Pool) -> Said:
    """``await said("maintenance/…")``: what was said about a subject: act, revision, when it occurred."""

    async def of(subject: str) -> list[tuple[str, int, str]]:
        rows = await pool.fetch(
            "SELECT split_part(type, '.', 3) AS act, revision,"
            "       convert_from(body, 'UTF8')::jsonb ->> 'occurred_at' AS at"
            "  FROM events WHERE subject = $1 ORDER BY revision",
            subject,
        )
        return [(row["act"], row["revision"], row["at"]) for row in rows]

    return of
