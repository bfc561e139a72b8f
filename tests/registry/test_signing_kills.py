"""The signing job, a process, is killed while the simulator, another, holds its answer: nothing goes out twice."""

import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiohttp import ClientSession

from deploy.local.child import Child
from deploy.local.places import ROOT
from deploy.local.ports import LOOPBACK, answers, free_ports
from deploy.local.postgres import PostgreSQL
from tests.registry.asking import Desk
from tests.registry.matching import SIGNERS, Pair, pair
from tests.rig.waiting import eventually

#: What changes something outside, in its order; the address of a document goes before, but for its making.
_STEPS = ("/documents", "/files", "/participants", "/participants", "")
_HOLDS = ("hold_before", "hold_after")


@dataclass
class Outside:
    """The simulator, a process of its own."""

    session: ClientSession
    url: str

    async def tell(self, **wishes: Any) -> None:
        """It is told what to do wrong."""
        async with self.session.post(f"{self.url}/control", json=wishes) as answer:
            assert answer.status == 204, await answer.text()

    async def told(self) -> dict[str, Any]:
        """Its documents with their mails, and the calls it holds."""
        async with self.session.get(f"{self.url}/control") as answer:
            found: dict[str, Any] = await answer.json()
            return found

    async def document(self) -> dict[str, Any]:
        """The one document there is."""
        [found] = (await self.told())["documents"]
        return dict(found)

    async def mails(self, kind: str) -> int:
        """How many mails of a kind went out for the one document."""
        return sum(m["kind"] == kind for m in (await self.document())["mails"])

    async def sign(self, act: str = "agree") -> None:
        """Whoever's turn it is does something on the page behind the last link."""
        link = (await self.document())["mails"][-1]["link"]
        async with self.session.post(
            f"{self.url}/sign/{link}", data={"act": act}, allow_redirects=False
        ) as answer:
            assert answer.status == 303, await answer.text()


@dataclass
class Office:
    """Processes of the registry's signing job, one after the other, each later than the one before."""

    outside: Outside
    database: str
    folder: Path
    ahead: int = 0
    deaths: list[str] = field(default_factory=list)

    @contextmanager
    def clerk(self) -> Iterator[Child]:
        """A process of the job, for as long as the block lasts; then it is killed."""
        self.ahead += 300
        command = [sys.executable, "-m", "tests.registry.signing_process"]
        arguments = [self.database, self.outside.url, str(self.ahead)]
        child = Child.start(
            "signing",
            [*command, *arguments],
            env=dict(os.environ),
            log=self.folder / "signing.log",
            dies_with_us=True,
            cwd=ROOT,
        )
        try:
            yield child
        finally:
            child.pid.send(signal.SIGKILL)
            child.process.wait()

    async def killed(self, method: str, ending: str, how: str) -> None:
        """A process is killed while one of its calls is held, before or after it did something."""
        fault = {"method": method, "ending": ending, "how": how}
        await self.outside.tell(faults=[fault])

        async def held() -> list[str]:
            found: list[str] = (await self.outside.told())["held"]
            return found

        with self.clerk():
            [call] = await eventually(held)
        self.deaths.append(f"{how} {call}")
        await self.outside.tell(faults=[], let_go=True)


@pytest.fixture
async def two(desk: Desk) -> Pair:
    """Two sides that may be matched."""
    return await pair(desk)


@pytest.fixture
async def office(two: Pair, postgres: PostgreSQL, tmp_path: Path) -> AsyncIterator[Office]:
    """The simulator as a process, and whoever goes there for the registry."""
    [port] = free_ports(1)
    here = {"SIGNING_HTTP_PORT": str(port), "SIGNING_FILE": str(tmp_path / "documents.json")}
    child = Child.start(
        "simulator",
        [sys.executable, "-m", "services.registry.signing_simulator"],
        env={**os.environ, **here},
        log=tmp_path / "simulator.log",
        dies_with_us=True,
        cwd=ROOT,
    )
    try:
        await eventually(lambda: answers(port))
        name = await two.desk.pool.fetchval("SELECT current_database()")
        async with ClientSession() as session:
            outside = Outside(session, f"http://{LOOPBACK}:{port}")
            yield Office(outside, postgres.url(name, "registry_app"), tmp_path)
    finally:
        child.stop(5)


async def test_a_job_killed_around_every_step_sends_reminds_and_concludes_once(
    two: Pair, office: Office
) -> None:
    contract_id = await two.ready()
    for step in _STEPS:
        for how in _HOLDS:
            at = "" if step == "/documents" else f"/{(await office.outside.document())['id']}"
            await office.killed("POST", at + step, how)
    await _stands(two, office, contract_id, "out")
    document = await office.outside.document()
    assert (len(document["files"]), len(document["participants"])) == (1, 2)
    assert await office.outside.mails("send") == 1
    await two.tell(contract_id, "remind")
    for how in _HOLDS:
        await office.killed("POST", f"/{document['id']}", how)
    with office.clerk():
        await eventually(lambda: _wants_nothing(two, contract_id))
    assert await office.outside.mails("remind") == 1
    for _ in SIGNERS:
        await office.outside.sign()
    for how in _HOLDS:
        await _look(two, contract_id)
        await office.killed("GET", "/certificate", how)
    await _look(two, contract_id)
    await _stands(two, office, contract_id, "concluded")
    assert len(office.deaths) == 2 * (len(_STEPS) + 2)
    assert await office.outside.mails("send") == 1
    assert await _said(two) == ["ready", "sent", "reminded", "concluded"]


async def test_a_job_killed_around_every_step_takes_a_contract_back_once(
    two: Pair, office: Office
) -> None:
    contract_id = await two.ready()
    await _stands(two, office, contract_id, "out")
    at = f"/{(await office.outside.document())['id']}"
    await two.tell(contract_id, "cancel", {"reason": "内容を見直します。"})
    # The token, how it stands, that it is taken back, and how it stands then.
    steps = (("POST", "/token"), ("GET", at), ("PUT", at + "/decline"), ("GET", at))
    for method, ending in steps:
        for how in _HOLDS:
            await office.killed(method, ending, how)
    await _stands(two, office, contract_id, "cancelled")
    assert len(office.deaths) == 2 * len(steps)
    assert [await office.outside.mails(kind) for kind in ("send", "remind")] == [1, 0]
    pool, contract = two.desk.pool, UUID(contract_id)
    tried = await pool.fetch(
        "SELECT act, outcome FROM contract_attempts WHERE contract_id = $1 AND act = 'cancel'"
        " ORDER BY number",
        contract,
    )
    # Once before it was done and once after: nobody asked again for what was done already, and was refused.
    assert [row["outcome"] for row in tried] == ["unknown", "under_way"]
    acts = await pool.fetch("SELECT act FROM match_steps WHERE contract_id = $1", contract)
    assert "cancel_refused" not in [row["act"] for row in acts]
    assert await _said(two) == ["ready", "sent", "cancelled"]
    again = await two.drafted((await two.contract(contract_id))["match_id"])
    assert again.status == 201, again.content


@pytest.mark.parametrize(("act", "state"), [("reject", "rejected"), ("bounce", "bounced")])
async def test_a_job_killed_around_its_reading_hears_a_signers_answer_once(
    two: Pair, office: Office, act: str, state: str
) -> None:
    contract_id = await two.ready()
    await _stands(two, office, contract_id, "out")
    await office.outside.sign(act)
    at = f"/{(await office.outside.document())['id']}"
    for method, ending in (("POST", "/token"), ("GET", at)):
        for how in _HOLDS:
            await _look(two, contract_id)
            await office.killed(method, ending, how)
    await _look(two, contract_id)
    await _stands(two, office, contract_id, state)
    assert len(office.deaths) == 4
    assert await office.outside.mails("send") == 1
    assert await _said(two) == ["ready", "sent", state]
    if state == "bounced":
        await two.tell(contract_id, "remind")
        for how in _HOLDS:
            await office.killed("POST", at, how)
        await _stands(two, office, contract_id, "out")
        assert await office.outside.mails("remind") == 1
    else:
        assert "draft_contract" in (await two.match_of(contract_id))["acts"]


async def _said(two: Pair) -> list[str]:
    """What was said of contracts, the first first."""
    rows = await two.desk.pool.fetch(
        "SELECT type FROM events WHERE kind = 'registry.contract' ORDER BY revision"
    )
    return [row["type"].split(".")[2] for row in rows]


async def _stands(two: Pair, office: Office, contract_id: str, state: str) -> None:
    async def so() -> bool:
        return str((await two.contract(contract_id))["state"]) == state

    with office.clerk():
        await eventually(so)


async def _wants_nothing(two: Pair, contract_id: str) -> bool:
    return (await two.contract(contract_id))["wanted"] is None


async def _look(two: Pair, contract_id: str) -> None:
    await two.desk.pool.execute(
        "UPDATE contracts SET look_at = now() WHERE id = $1", UUID(contract_id)
    )
