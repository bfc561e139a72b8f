"""One private PostgreSQL and one private RabbitMQ a test run, started when a test asks for them."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import HealthCheck, settings

from chassis import database as chassis_database
from chassis.database import Connection, Pool, connection_of, open_pool
from deploy.local.postgres import FORGETFUL, PostgreSQL
from deploy.local.rabbitmq import RabbitMQ
from tests.rig.keyring import KeyRing
from tests.rig.memory import quick_folder
from tests.rig.portal import demo_accounts, desk, http, stack, story, today
from tests.rig.postgres import Databases, databases, service_of
from tests.rig.rabbitmq import VirtualHost, empty_definitions, virtual_host
from tests.rig.waiting import eventually as wait_until
from tests.rig.waiting import in_one_day

Client = TestClient[web.Request, web.Application]
#: Fixtures of the whole portal, for whichever folder asks.
__all__ = ["demo_accounts", "desk", "http", "stack", "story", "today"]

ClientFor = Callable[[web.Application], Awaitable[Client]]

# How long an example takes says how much else the machine has to do, and nothing about us.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with the servers it asks for: `-m "not postgres"` leaves the quick ones."""
    for item in items:
        for server in {"postgres", "rabbitmq"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(server)


@pytest.fixture(scope="session", autouse=True)
def patient_borrowers() -> Iterator[None]:
    """Who asks for a connection is told to come back when we are busy, not when the machine is."""
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(chassis_database, "_ACQUIRE_SECONDS", 60.0)
        yield


def pytest_runtest_setup() -> None:
    """No test begins in the last moments of a day in Japan."""
    in_one_day()


@pytest.fixture(scope="session")
def run_folder() -> Iterator[Path]:
    """Where this run keeps its servers' files: in memory, where there is room for them."""
    folder = quick_folder("machipo-tests")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(run_folder: Path) -> Iterator[PostgreSQL]:
    """The run's PostgreSQL; anybody on this machine may enter, nothing survives it."""
    server = PostgreSQL(run_folder / "postgres", print, settings=FORGETFUL, throwaway=True)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def rabbitmq(run_folder: Path) -> Iterator[RabbitMQ]:
    """The run's RabbitMQ, without a virtual host."""
    node = RabbitMQ(run_folder / "rabbitmq", print, throwaway=True)
    node.start(empty_definitions())
    yield node
    node.stop()


@pytest.fixture(scope="session")
async def server_databases(postgres: PostgreSQL) -> AsyncIterator[Databases]:
    """The databases of the run's PostgreSQL."""
    async with databases(postgres) as made:
        yield made


@pytest.fixture
async def database(
    server_databases: Databases,
) -> AsyncIterator[Callable[[str], Awaitable[str]]]:
    """``await database("registry")``: the address of a fresh migrated database."""
    made: list[str] = []

    async def fresh(service: str) -> str:
        made.append(await server_databases.fresh(service))
        return made[-1]

    yield fresh
    for url in made:
        await server_databases.drop(url)


@pytest.fixture
def service(request: pytest.FixtureRequest) -> str:
    """The service a test is about: its folder's name, unless the folder says otherwise."""
    return service_of(request.path)


@pytest.fixture
async def pool(service: str, database: Callable[[str], Awaitable[str]]) -> AsyncIterator[Pool]:
    """Connections to a database of the test's own."""
    async with open_pool(await database(service), name="tests") as opened:
        yield opened


@pytest.fixture
async def conn(service: str, server_databases: Databases) -> AsyncIterator[Connection]:
    """A connection in a transaction that is rolled back after the test."""
    async with (
        open_pool(await server_databases.shared(service), size=2, name="tests") as opened,
        connection_of(opened) as connection,
    ):
        connection.forget()
        transaction = connection.transaction()
        await transaction.start()
        yield connection
        await transaction.rollback()


@pytest.fixture
def broker(rabbitmq: RabbitMQ) -> Iterator[Callable[..., VirtualHost]]:
    """``broker("registry", "identity")``: a virtual host of the test's own for these services."""
    made: list[VirtualHost] = []

    def fresh(*services: str) -> VirtualHost:
        made.append(virtual_host(rabbitmq, services))
        return made[-1]

    yield fresh
    for host in made:
        host.delete()


@pytest.fixture(scope="session")
def keys(run_folder: Path) -> KeyRing:
    """``keys("registry")``: the keys as that service holds them."""
    return KeyRing(run_folder / "keys")


@pytest.fixture
async def client_for() -> AsyncIterator[ClientFor]:
    """``await client_for(app)``: a client that speaks HTTP to ``app`` on a port of its own."""
    opened: list[Client] = []

    async def open_client(app: web.Application) -> Client:
        client = TestClient(TestServer(app))
        await client.start_server()
        opened.append(client)
        return client

    yield open_client
    for client in opened:
        await client.close()


@pytest.fixture
def eventually() -> object:
    """``await eventually(check)``: wait until ``check`` holds."""
    return wait_until
