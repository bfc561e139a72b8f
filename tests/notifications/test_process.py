"""Real processes, ended by SIGKILL at any line: no letter lost, no mail twice."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from chassis.database import Pool, Record, open_pool, reading, transaction
from deploy.local.places import ROOT
from deploy.local.ports import free_ports
from services.notifications.catcher.returning import returned
from services.notifications.outside import Mail, message_of, return_path
from tests.notifications.rooms import Catcher, Hear, Sealing, requested
from tests.rig.keyring import KeyRing
from tests.rig.waiting import eventually

COPIES = 3
KILLS = 4


class Copies:
    """Processes of the service; the broker is away, which keeps nobody from sending mail."""

    def __init__(self, url: str, keys: KeyRing, catcher: Catcher, folder: Path) -> None:
        self._log = (folder / "notifications.log").open("ab")
        self.running: list[subprocess.Popen[bytes]] = []
        self.environment = {
            **os.environ,
            "NOTIFICATIONS_DATABASE_URL": url,
            "NOTIFICATIONS_BROKER_URL": "amqp://nobody:nothing@127.0.0.1:1/machipo",
            "NOTIFICATIONS_KEY_FILE": str(keys.key_file("notifications")),
            "NOTIFICATIONS_KEYS_FILE": str(keys.keys_file),
            "NOTIFICATIONS_SMTP_HOST": "127.0.0.1",
            "NOTIFICATIONS_SMTP_PORT": str(catcher.smtp_port),
            "NOTIFICATIONS_PUBLIC_URL": "http://portal.example",
        }

    def start(self) -> subprocess.Popen[bytes]:
        """One more copy."""
        environment = {**self.environment, "NOTIFICATIONS_HTTP_PORT": str(free_ports(1)[0])}
        command = [sys.executable, "-m", "services.notifications"]
        copy = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=self._log, stderr=self._log
        )
        self.running.append(copy)
        return copy

    def kill(self, copy: subprocess.Popen[bytes]) -> None:
        """End a copy where it stands."""
        copy.send_signal(signal.SIGKILL)
        copy.wait(10)
        self.running.remove(copy)

    def bounce(self, notice: bytes) -> int:
        """Pipe a mail that came back, as a mail server does."""
        environment = {**self.environment, "NOTIFICATIONS_HTTP_PORT": "1"}
        command = [sys.executable, "-m", "services.notifications", "bounce"]
        done = subprocess.run(command, cwd=ROOT, env=environment, input=notice, timeout=60)
        return done.returncode

    def stop(self) -> None:
        """End all."""
        for copy in list(self.running):
            copy.terminate()
        for copy in self.running:
            copy.wait(30)
        self._log.close()


@pytest.fixture
async def url(database: Callable[[str], Awaitable[str]]) -> str:
    return await database("notifications")


@pytest.fixture
async def pool(url: str) -> object:
    async with open_pool(url, name="tests") as opened:
        yield opened


@pytest.fixture
def copies(url: str, keys: KeyRing, catcher: Catcher, tmp_path: Path) -> Iterator[Copies]:
    started = Copies(url, keys, catcher, tmp_path)
    yield started
    started.stop()


async def letter(pool: Pool, hear: Hear, sealed: Sealing, part: str) -> str:
    to = f"{part}+{uuid4().hex}@aoba.example"
    async with transaction(pool) as conn:
        await hear(conn, requested(sealed("account_link", to=to)))
    return to


async def states(pool: Pool) -> dict[str, Record]:
    async with reading(pool) as conn:
        rows = await conn.fetch("SELECT address, state, attempts FROM deliveries")
    return {row["address"]: row for row in rows}


async def _is(pool: Pool, to: str, *wanted: str) -> bool:
    return (await states(pool))[to]["state"] in wanted


async def test_a_copy_killed_between_claim_and_handing_over_leaves_its_letter_to_another(
    pool: Pool, hear: Hear, sealed: Sealing, copies: Copies, catcher: Catcher
) -> None:
    to = await letter(pool, hear, sealed, "slow-to-know")
    first = copies.start()
    await eventually(lambda: _is(pool, to, "sending"))
    copies.kill(first)
    assert await _is(pool, to, "sending"), "it was killed while the addressee was looked up"
    copies.start()
    await eventually(lambda: _is(pool, to, "sent"))
    assert len(catcher.mails(to)) == 1
    assert (await states(pool))[to]["attempts"] == 2


async def test_a_copy_killed_after_handing_over_leaves_an_open_case_and_no_second_mail(
    pool: Pool, hear: Hear, sealed: Sealing, copies: Copies, catcher: Catcher
) -> None:
    to = await letter(pool, hear, sealed, "slow")
    first = copies.start()
    # It lies there for seconds before that is said; what is marked as handed over may still be on its way.
    await eventually(lambda: len(catcher.mails(to)) == 1)
    copies.kill(first)
    copies.start()
    await eventually(lambda: _is(pool, to, "unknown"))
    await asyncio.sleep(1)
    assert (len(catcher.mails(to)), (await states(pool))[to]["attempts"]) == (1, 1)


async def test_copies_killed_at_random_lose_no_letter_and_send_none_twice(
    pool: Pool, hear: Hear, sealed: Sealing, copies: Copies, catcher: Catcher
) -> None:
    chance = random.Random(20261124)
    addresses = [await letter(pool, hear, sealed, "hanako") for _ in range(40)]
    for _ in range(COPIES):
        copies.start()
    for _ in range(KILLS):
        await asyncio.sleep(chance.uniform(0.3, 1.2))
        copies.kill(chance.choice(copies.running))
        copies.start()
        addresses += [await letter(pool, hear, sealed, "hanako") for _ in range(20)]
    await eventually(lambda: _settled(pool), within=120)
    found = await states(pool)
    caught = {to: len(catcher.mails(to)) for to in addresses}
    assert max(caught.values()) == 1, "no mail twice"
    missing = [to for to in addresses if not caught[to] and found[to]["state"] != "unknown"]
    assert missing == [], "no letter lost without somebody being told"
    unknown = [to for to in addresses if found[to]["state"] == "unknown"]
    assert len(unknown) <= KILLS * 4, "only what a killed copy had in its four lanes may be open"


async def _settled(pool: Pool) -> bool:
    return {row["state"] for row in (await states(pool)).values()} <= {"sent", "unknown"}


async def test_a_mail_that_comes_back_is_piped_in_by_the_mail_server(
    pool: Pool, hear: Hear, sealed: Sealing, copies: Copies, own_catcher: Callable[..., Catcher]
) -> None:
    command = f"{sys.executable} -m services.notifications bounce"
    environment = {**copies.environment, "NOTIFICATIONS_HTTP_PORT": "1"}
    catcher = own_catcher(**environment, CATCHER_RETURN_COMMAND=command)
    copies.environment["NOTIFICATIONS_SMTP_PORT"] = str(catcher.smtp_port)
    to = await letter(pool, hear, sealed, "return")
    copies.start()
    await eventually(lambda: _is(pool, to, "failed"))
    assert len(catcher.mails(to)) == 1
    async with reading(pool) as conn:
        said = await conn.fetch("SELECT type FROM events ORDER BY seq")
    assert "notifications.letter.bounced.v1" in [row["type"] for row in said]


def test_a_mail_server_is_told_what_to_do_with_what_it_piped(copies: Copies) -> None:
    stranger = return_path(uuid4(), "no-reply@machipo.example")
    raw = message_of(Mail(uuid4(), "", "a@b.example", "", "", ""), "n@m.example").as_bytes()
    assert copies.bounce(returned("a@b.example", stranger, raw)) == os.EX_DATAERR
    copies.environment["NOTIFICATIONS_DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/none"
    assert copies.bounce(returned("a@b.example", stranger, raw)) == os.EX_TEMPFAIL
