"""People who ask the registry over HTTP."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient

from chassis.clock import now
from chassis.database import Pool, transaction
from chassis.ids import new_id
from contracts.principal import Principal, Role
from contracts.values import OrganisationKind
from services.registry.commands.documents import inspect_next_document
from services.registry.commands.organisations import welcome
from tests.registry.forms import PDF
from tests.rig.keyring import KeyRing

BASE = "/api/v1/registry"


@dataclass
class Answered:
    """An answer with its body read."""

    status: int
    headers: Any
    content: bytes
    json: Any = None

    @property
    def code(self) -> str:
        """The code of a problem."""
        return str(self.json["code"])

    @property
    def fields(self) -> set[tuple[str, str]]:
        """Fields and codes a problem names."""
        return {(e["field"], e["code"]) for e in self.json["errors"]}


@dataclass
class Asker:
    """Somebody with a token."""

    client: TestClient[Any, Any]
    token: str | None
    organisation_id: UUID | None = None
    headers: dict[str, str] = field(default_factory=dict)

    async def ask(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        data: bytes | None = None,
        etag: int | str | None = None,
        key: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answered:
        """One request."""
        sent = {**self.headers, **(headers or {})}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        if method != "GET":
            sent.setdefault("Idempotency-Key", key or str(uuid4()))
        if etag is not None:
            sent["If-Match"] = f'"{etag}"'
        async with self.client.request(
            method, BASE + path, json=json, data=data, headers=sent
        ) as response:
            return await _read(response)

    async def get(self, path: str, **options: Any) -> Answered:
        """A read."""
        return await self.ask("GET", path, **options)

    async def post(self, path: str, json: Any = None, **options: Any) -> Answered:
        """An act."""
        return await self.ask("POST", path, json={} if json is None else json, **options)

    async def put(self, path: str, json: Any, **options: Any) -> Answered:
        """A setting."""
        return await self.ask("PUT", path, json=json, **options)

    async def upload(
        self, slot: str, content: bytes = PDF, *, to: str = "/registration"
    ) -> Answered:
        """Hand in a document."""
        headers = {"Content-Type": "application/octet-stream"}
        path = f"{to}/documents?slot={slot}&name=form.pdf"
        return await self.ask("POST", path, data=content, headers=headers)

    async def version(self, path: str = "/registration") -> int:
        """The version to name in If-Match."""
        return int((await self.get(path)).json["version"])


async def _read(response: ClientResponse) -> Answered:
    content = await response.read()
    is_json = "json" in response.headers.get("Content-Type", "")
    json = await response.json(content_type=None) if is_json and content else None
    return Answered(response.status, response.headers, content, json)


@dataclass
class Desk:
    """The registry, and everybody who may come to it."""

    client: TestClient[Any, Any]
    keys: KeyRing
    pool: Pool

    async def inspect(self) -> None:
        """Look through every document in quarantine."""
        found = True
        while found:
            async with transaction(self.pool) as conn:
                found = await inspect_next_document(conn) is not None

    def anybody(self) -> Asker:
        """Somebody without a token."""
        return Asker(self.client, None)

    def member(
        self, kind: OrganisationKind, organisation_id: UUID | None = None, *roles: Role
    ) -> Asker:
        """A member of an organisation."""
        own = organisation_id or new_id()
        principal = Principal(
            kind="member",
            subject=str(new_id()),
            organisation_id=own,
            organisation_kind=kind,
            roles=frozenset(roles or {Role.ADMIN}),
            session_id=new_id(),
        )
        token = self.keys("identity").sign(principal, seconds=600)
        return Asker(self.client, token, own)

    def secretariat(self, *roles: Role) -> Asker:
        """Somebody of the secretariat."""
        return self.member(
            OrganisationKind.SECRETARIAT, None, *(roles or (Role.ADMIN, Role.REVIEWER))
        )

    async def applicant(
        self, kind: OrganisationKind, *, code: str = "172031", name: str = "小松市"
    ) -> Asker:
        """A member of an organisation whose account was issued."""
        asker = self.member(kind)
        assert asker.organisation_id
        async with transaction(self.pool) as conn:
            await welcome(conn, asker.organisation_id, kind=kind, code=code, name=name, now=now())
        return asker
