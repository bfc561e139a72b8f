"""A real mail catcher, and what letters are written with."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from chassis.access import unseal
from chassis.database import Pool
from services.notifications.commands.letters import Desk
from services.notifications.jobs import Courier
from services.notifications.outside import Post
from services.notifications.subscriptions import subscriptions
from tests.notifications.rooms import Catcher, Hear, Sealing
from tests.rig.keyring import KeyRing


@pytest.fixture(scope="session")
def catcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catcher]:
    """The run's mail catcher, a process of its own."""
    running = Catcher(tmp_path_factory.mktemp("catcher"))
    running.start()
    yield running
    running.stop()


@pytest.fixture
def own_catcher(tmp_path: Path) -> Iterator[Callable[..., Catcher]]:
    """``own_catcher()``: a catcher for one test, which may stop and start it."""
    made: list[Catcher] = []

    def make(**environment: str) -> Catcher:
        made.append(Catcher(tmp_path / "catcher", **environment))
        made[-1].start()
        return made[-1]

    yield make
    for running in made:
        running.stop()


@pytest.fixture
def post(catcher: Catcher) -> Post:
    """The way to the run's catcher."""
    return catcher.post()


@pytest.fixture
def desk(keys: KeyRing) -> Desk:
    """Where letters are written."""
    own = keys("notifications")
    return Desk("http://portal.example", lambda sealed: unseal(own, sealed))


@pytest.fixture
def sealed(keys: KeyRing) -> Sealing:
    """``sealed(template, to)``: the letter of a fact, sealed by identity."""
    return Sealing(keys("identity"))


@pytest.fixture
def hear(desk: Desk) -> Hear:
    """``await hear(conn, fact, …)``: what notifications does about facts."""
    return Hear(subscriptions(desk))


@pytest.fixture
async def courier(pool: Pool, post: Post, desk: Desk) -> AsyncIterator[Courier]:
    """A copy of the sending job, not yet running."""
    yield Courier(pool, post, desk)
