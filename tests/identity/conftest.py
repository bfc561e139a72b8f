"""What identity's tests share."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from chassis.clock import now
from chassis.database import Pool, open_pool, transaction
from chassis.web import new_app
from deploy.local.postgres import PostgreSQL
from services.identity import api
from services.identity.card_issuer import Issuer, Shelf
from services.identity.card_simulator.application import CLOSED
from services.identity.card_simulator.application import new_app as card_simulator
from services.identity.commands import issuing
from services.identity.commands.office import Office
from services.identity.hashing import Hasher
from services.identity.outside.card_reader import CardReader
from services.identity.outside.jpki import IssuerAt
from tests.identity.cardholders import Cards
from tests.identity.house import House, Person
from tests.rig.keyring import KeyRing
from tests.rig.postgres import Databases

ClientFor = Callable[[web.Application], Awaitable[TestClient[Any, Any]]]
HouseWith = Callable[[Hasher], Awaitable[House]]


_EMPTY = """
SELECT 'TRUNCATE ' || string_agg(quote_ident(tablename), ', ') FROM pg_tables
 WHERE schemaname = 'public' AND tablename NOT IN ('migrations', 'relay')
"""


@pytest.fixture
async def pool(server_databases: Databases, postgres: PostgreSQL) -> AsyncIterator[Pool]:
    """Connections to the folder's one database, emptied: half the time of a fresh one for each test."""
    url = await server_databases.shared("identity")
    superuser = await asyncpg.connect(postgres.url(url.rpartition("/")[2], "portal"))
    try:
        await superuser.execute("SET session_replication_role = replica")
        await superuser.execute(await superuser.fetchval(_EMPTY))
    finally:
        await superuser.close()
    async with open_pool(url, name="tests") as opened:
        yield opened


@pytest.fixture
def office(keys: KeyRing) -> Office:
    """An office whose links begin with the one configured origin."""
    return Office(keys("identity"), "https://machipo.example")


@pytest.fixture(scope="session")
def hasher() -> Hasher:
    """Hashing threads that spend little, so that the tests do not wait for them."""
    return Hasher(1, 32, memory_kib=1024)


@pytest.fixture
def house_with(
    pool: Pool, keys: KeyRing, client_for: ClientFor, office: Office, postgres: PostgreSQL
) -> HouseWith:
    """``await house_with(hasher)``: identity's HTTP application with hashing threads of one's own."""

    async def opened(hasher: Hasher) -> House:
        app = new_app("identity", api.routes, pool=pool, keys=keys("identity"))
        app[api.OFFICE], app[api.HASHER] = office, hasher
        app[api.CARD_READER] = CardReader(None)
        client = await client_for(app)
        return House(client, pool, keys, office, lambda name: postgres.url(name, "portal"))

    return opened


@pytest.fixture
async def house(house_with: HouseWith, hasher: Hasher) -> House:
    """Identity's HTTP application."""
    return await house_with(hasher)


@pytest.fixture
async def desk(house: House) -> Person:
    """The secretariat's first admin, signed in."""
    async with transaction(house.pool) as conn:
        done = await issuing.found_secretariat(
            conn, house.office, name="事務局", person="事務 光", email="desk@example.jp", now=now()
        )
    await house.set_password(done.password_token)
    return await house.sign_in(Person(done.sign_in_id))


@pytest.fixture
async def cards(
    pool: Pool,
    keys: KeyRing,
    client_for: ClientFor,
    office: Office,
    hasher: Hasher,
    postgres: PostgreSQL,
    tmp_path: Path,
) -> AsyncIterator[Cards]:
    """Identity with an issuer of cards beside it that can fall silent."""
    shelf = Shelf(Issuer.new(now()))
    roots = tmp_path / "roots.pem"
    roots.write_bytes(shelf.issuer.roots)
    simulator = card_simulator(shelf)
    async with TestServer(simulator) as server:
        issuer = IssuerAt(str(server.make_url("/")), roots)
        reading = replace(office, jpki=issuer, card_secret=b"hides the numbers")
        app = new_app("identity", api.routes, pool=pool, keys=keys("identity"))
        app[api.OFFICE], app[api.HASHER] = reading, hasher
        app[api.CARD_READER] = CardReader(str(server.make_url("/")).rstrip("/"))
        client = await client_for(app)
        house = House(client, pool, keys, reading, lambda name: postgres.url(name, "portal"))

        def close(silent: bool) -> None:
            simulator[CLOSED][0] = silent
            issuer.forget()

        yield Cards(house, shelf, close)
