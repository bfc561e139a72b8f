"""A scene for each test."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from deploy.local.definitions import definitions
from deploy.local.rabbitmq import RabbitMQ
from tests.faults.messaging.stage import Line, Scene
from tests.rig.keyring import KeyRing
from tests.rig.rabbitmq import VirtualHost


@pytest.fixture(scope="session")
def party_keys(run_folder: Path) -> KeyRing:
    """Keys of alpha and beta."""
    return KeyRing(run_folder / "party-keys", ("alpha", "beta"))


@pytest.fixture
async def scene(
    database: Callable[[str], Awaitable[str]],
    broker: Callable[..., VirtualHost],
    party_keys: KeyRing,
    tmp_path: Path,
) -> AsyncIterator[Scene]:
    """Alpha and beta over the run's broker."""
    host = broker("alpha", "beta")
    databases = {name: await database(name) for name in ("alpha", "beta")}
    line = Line(host.url("alpha"), host.url("beta"), host.deployer_url)
    made = Scene(databases, line, party_keys, tmp_path)
    yield made
    made.end()


PASSWORDS = {name: name for name in ("alpha", "beta", "deployer", "gateway")}


@pytest.fixture
def own_broker(tmp_path: Path) -> Iterator[RabbitMQ]:
    """A broker of the test's own, to be killed and wiped."""
    node = RabbitMQ(tmp_path / "broker", print, throwaway=True)
    yield node
    node.stop()


@pytest.fixture
async def wipeable(
    database: Callable[[str], Awaitable[str]],
    own_broker: RabbitMQ,
    party_keys: KeyRing,
    tmp_path: Path,
) -> AsyncIterator[Scene]:
    """Alpha and beta over a broker of their own, which has yet to be started."""
    own_broker.port = own_broker.port or 0
    databases = {name: await database(name) for name in ("alpha", "beta")}
    made = Scene(databases, Line("", "", ""), party_keys, tmp_path)
    yield made
    made.end()


def what_it_boots_with() -> dict[str, object]:
    """Users, rights and the exchange; no queue."""
    return definitions(("alpha", "beta"), PASSWORDS, ("machipo",))
