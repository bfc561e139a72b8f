"""What the registry's tests share: an application, people who ask, forms that are complete."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from chassis.database import Pool, transaction
from chassis.ids import new_id
from contracts.values import OrganisationKind
from services.registry.api.application import application
from services.registry.api.streams import Streams
from services.registry.commands.documents import inspect_next_document
from services.registry.model.checking import Guidelines
from tests.registry.asking import Asker, Desk
from tests.registry.feeding import numbered
from tests.registry.forms import GUIDELINES
from tests.rig.keyring import KeyRing

ClientFor = Callable[[Any], Awaitable[TestClient[Any, Any]]]


@pytest.fixture
def guidelines() -> Guidelines:
    """The guideline versions the tests' forms accept."""
    return GUIDELINES


@pytest.fixture
async def desk(
    pool: Pool, keys: KeyRing, client_for: ClientFor, guidelines: Guidelines
) -> AsyncIterator[Desk]:
    """The registry's HTTP application, and people who may ask it."""
    streams = Streams(each=2, together=20)
    app = application(pool, keys("registry"), guidelines=guidelines, streams=streams)
    client = await client_for(app)
    yield Desk(client=client, keys=keys, pool=pool)


@pytest.fixture
async def inspected(pool: Pool) -> Callable[[], Awaitable[None]]:
    """Look through every document in quarantine."""

    async def inspect() -> None:
        while True:
            async with transaction(pool) as conn:
                if await inspect_next_document(conn) is None:
                    return

    return inspect


@pytest.fixture
async def number(pool: Pool) -> Callable[[], Awaitable[None]]:
    """Give every fact said so far its place in the feed, as the relay does."""

    async def all_of_them() -> None:
        await numbered(pool)

    return all_of_them


__all__ = ["Asker", "OrganisationKind", "new_id"]
