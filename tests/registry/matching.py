"""Two sides that may be matched, and a signing service to play with."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from chassis.clock import now, today
from chassis.database import Connection, reading, transaction
from contracts.values import OrganisationKind
from services.registry.demo.playing import Play
from services.registry.jobs.signing import SigningClerk
from services.registry.model.fiscal_year import fiscal_year
from services.registry.model.form import RegistrationForm
from services.registry.outside import SigningService
from services.registry.outside.cloudsign import CloudSign
from services.registry.signing_simulator.application import new_app
from services.registry.signing_simulator.shelf import Shelf
from tests.registry.asking import Asker, Desk
from tests.registry.forms import municipality_form, provider_form
from tests.rig.asker import Answered

CONDITIONS: dict[str, Any] = {"fee_basis_points": 150, "funding": "invoice", "cutoff_days": 3}
SIGNERS = [
    {
        "side": "municipality",
        "name": "北 すみれ",
        "organisation": "小松市",
        "mail": "kita@komatsu.example.jp",
    },
    {
        "side": "provider",
        "name": "佐伯 まこと",
        "organisation": "なぎさ電子決済",
        "mail": "saeki@nagisa.example.com",
    },
]


@dataclass
class Pair:
    """A municipality and a provider that takes part this year."""

    desk: Desk
    municipality: Asker
    provider: Asker
    services: list[str]
    #: The fiscal year they work together in.
    year: int

    def proposal(self, by: Asker, **changes: Any) -> dict[str, Any]:
        """A proposal of one side to the other."""
        other = self.provider if by is self.municipality else self.municipality
        return {
            "partner_id": str(other.organisation_id),
            "fiscal_year": self.year,
            "services": [
                {"payment_service_id": s, "grant_types": ["fixed"]} for s in self.services
            ],
            "conditions": CONDITIONS,
            "message": "ご一緒できればうれしいです。",
            **changes,
        }

    async def proposed(self, by: Asker | None = None) -> Answered:
        """The one side has proposed."""
        asker = by or self.municipality
        answer = await asker.post("/own-matches", self.proposal(asker))
        assert answer.status == 201, answer.content
        return answer

    async def act(self, asker: Asker, match_id: str, act: str, message: str = "はい。") -> Answered:
        """One side does something with a match, having seen its newest version."""
        path = f"/own-matches/{match_id}"
        return await asker.post(
            f"{path}/{act}", {"message": message}, etag=await asker.version(path)
        )

    async def accepted(self) -> str:
        """A match both sides agreed on."""
        match_id = str((await self.proposed()).json["id"])
        answer = await self.act(self.provider, match_id, "accept")
        assert answer.status == 200, answer.content
        return match_id

    async def drafted(self, match_id: str, **changes: Any) -> Answered:
        """The municipality has written the contract."""
        path = f"/own-matches/{match_id}"
        body = {
            "valid_from": f"{self.year}-04-01",
            "valid_until": f"{self.year + 1}-03-31",
            "signers": SIGNERS,
            **changes,
        }
        return await self.municipality.post(
            f"{path}/contract", body, etag=await self.municipality.version(path)
        )

    async def ready(self, **changes: Any) -> str:
        """A contract that is to go out."""
        drafted = await self.drafted(await self.accepted(), **changes)
        assert drafted.status == 201, drafted.content
        contract_id = str(drafted.json["id"])
        answer = await self.tell(contract_id, "send")
        assert answer.status == 202, answer.content
        return contract_id

    async def tell(
        self, contract_id: str, act: str, body: Any = None, by: Asker | None = None
    ) -> Answered:
        """One side does something with a contract."""
        asker, path = by or self.municipality, f"/contracts/{contract_id}"
        return await asker.post(f"{path}/{act}", body or {}, etag=await asker.version(path))

    async def concluded(self, signing: "Signing", **changes: Any) -> str:
        """A contract everybody signed."""
        contract_id = await self.ready(**changes)
        await signing.work(2)
        for _ in SIGNERS:
            await signing.sign("agree")
        await signing.look(contract_id)
        assert (await self.contract(contract_id))["state"] == "concluded"
        return contract_id

    async def contract(self, contract_id: str) -> dict[str, Any]:
        """A contract as the municipality sees it."""
        found: dict[str, Any] = (await self.municipality.get(f"/contracts/{contract_id}")).json
        return found

    async def match_of(self, contract_id: str) -> dict[str, Any]:
        """The match of a contract as the municipality sees it."""
        match_id = (await self.contract(contract_id))["match_id"]
        found: dict[str, Any] = (await self.municipality.get(f"/own-matches/{match_id}")).json
        return found


async def pair(desk: Desk) -> Pair:
    """小松市 and an invented provider, registered, the provider taking part this year."""
    municipality = desk.member(OrganisationKind.MUNICIPALITY)
    provider, year = desk.member(OrganisationKind.PROVIDER), fiscal_year(today())
    async with transaction(desk.pool) as conn:
        await _registered(conn, municipality, municipality_form())
        play = await _registered(conn, provider, provider_form())
        await play.answer(year, True)
    async with reading(desk.pool) as conn:
        rows = await conn.fetch(
            "SELECT id FROM payment_services WHERE provider_id = $1", provider.organisation_id
        )
    return Pair(desk, municipality, provider, [str(r["id"]) for r in rows], year)


async def _registered(conn: Connection, asker: Asker, form: dict[str, Any]) -> Play:
    kind = OrganisationKind.PROVIDER if "services" in form else OrganisationKind.MUNICIPALITY
    names = form["organisation"]
    assert asker.organisation_id
    code = names.get("corporate_number") or names["code"]
    play = Play(conn, asker.organisation_id, kind, code, RegistrationForm.model_validate(form))
    day = today()
    await play.begin(day - timedelta(days=9), account=True)
    await play.submit(day - timedelta(days=8))
    await play.take(day - timedelta(days=7))
    await play.approve(day - timedelta(days=6))
    return play


@dataclass
class Signing:
    """The simulator over HTTP, with a clock that can be put forward and clerks that attend to contracts."""

    desk: Desk
    shelf: Shelf
    app: web.Application
    url: str
    session: ClientSession
    ahead: timedelta = field(default_factory=timedelta)

    def clock(self) -> datetime:
        """The registry's time in this story."""
        return now() + self.ahead

    def service(self, *, seconds: float = 60.0) -> CloudSign:
        """A client with a token of its own."""
        return CloudSign(self.session, self.url, "client", seconds=seconds)

    def clerk(self, service: SigningService | None = None) -> SigningClerk:
        """A copy of the job."""
        return SigningClerk(self.desk.pool, service or self.service(), clock=self.clock)

    async def wait(self, days: float = 0, minutes: float = 0) -> None:
        """Time goes by, here and there."""
        self.ahead += timedelta(days=days, minutes=minutes)
        if days:
            self.shelf.let_pass(int(days))

    async def work(self, turns: int = 12, service: SigningService | None = None) -> None:
        """Clerks attend to everything that is due; pauses and leases in between go by in no time."""
        clerk = self.clerk(service)
        for _ in range(turns):
            await clerk.turn()
            self.ahead += timedelta(minutes=2)

    async def tell(self, **wishes: Any) -> None:
        """The simulator is told what to do wrong."""
        async with self.session.post(f"{self.url}/control", json=wishes) as answer:
            assert answer.status == 204, await answer.text()

    async def sign(self, act: str) -> None:
        """Whoever's turn it is does something on the page behind the link."""
        [document] = [d for d in self.shelf.documents if d.link]
        async with self.session.post(
            f"{self.url}/sign/{document.link}", data={"act": act}, allow_redirects=False
        ) as answer:
            assert answer.status == 303, await answer.text()

    @property
    def sendings(self) -> list[int]:
        """How often each document was sent."""
        return [sum(m.kind == "send" for m in d.mails) for d in self.shelf.documents]

    async def look(self, contract_id: str) -> None:
        """The next turns look at a contract; a notice that came in between may have moved the first."""
        for _ in range(3):
            await self.desk.pool.execute(
                "UPDATE contracts SET look_at = $2 WHERE id = $1 AND look_at IS NOT NULL",
                UUID(contract_id),
                self.clock(),
            )
            await self.work(2)


@asynccontextmanager
async def signing_service(desk: Desk) -> AsyncIterator[Signing]:
    """The simulator, running."""
    shelf = Shelf()
    app = new_app(shelf, str(desk.client.make_url("/api/v1/registry/contract-notices")))
    async with TestServer(app) as server, ClientSession() as session:
        yield Signing(desk, shelf, app, str(server.make_url("/")).rstrip("/"), session)
