"""People who ask scheduling over HTTP."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from aiohttp.test_utils import TestClient

from chassis.database import Pool
from chassis.ids import new_id
from contracts.principal import Principal, Role
from contracts.values import OrganisationKind
from tests.rig.keyring import KeyRing

BASE = "/api/v1/scheduling"


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
    def wrong(self) -> set[str]:
        """The codes of the fields a problem names."""
        return {str(e["code"]) for e in self.json["errors"]}


@dataclass
class Asker:
    """Somebody with a token, or without one."""

    client: TestClient[Any, Any]
    token: str | None = None
    organisation_id: UUID | None = None

    async def ask(
        self, method: str, path: str, json: Any = None, *, etag: Any = None, key: str = ""
    ) -> Answered:
        """One request."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if method != "GET":
            headers["Idempotency-Key"] = key or str(uuid4())
        if etag is not None:
            headers["If-Match"] = f'"{etag}"'
        async with self.client.request(method, BASE + path, json=json, headers=headers) as got:
            content = await got.read()
            readable = "json" in got.headers.get("Content-Type", "") and content
            body = await got.json(content_type=None) if readable else None
            return Answered(got.status, got.headers, content, body)

    async def get(self, path: str) -> Answered:
        """A read."""
        return await self.ask("GET", path)

    async def post(self, path: str, json: Any = None, **more: Any) -> Answered:
        """An act."""
        return await self.ask("POST", path, json, **more)

    async def put(self, path: str, json: Any, **more: Any) -> Answered:
        """A setting."""
        return await self.ask("PUT", path, json, **more)


@dataclass
class House:
    """Scheduling, and everybody who may come to it."""

    client: TestClient[Any, Any]
    keys: KeyRing
    pool: Pool

    def anybody(self) -> Asker:
        """Somebody without a token."""
        return Asker(self.client)

    def member(self, kind: OrganisationKind, *roles: Role) -> Asker:
        """A member of an organisation of its own."""
        own = new_id()
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
        return self.member(OrganisationKind.SECRETARIAT, *roles)
