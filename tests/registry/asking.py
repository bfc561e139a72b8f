"""People who ask the registry over HTTP."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from aiohttp.test_utils import TestClient

from chassis.clock import now, today
from chassis.database import Pool, transaction
from chassis.ids import new_id
from contracts.principal import Principal, Role
from contracts.values import OrganisationKind
from services.registry.commands.documents import inspect_next_document
from services.registry.commands.organisations import welcome
from tests.registry.forms import PDF
from tests.rig import asker as rig
from tests.rig.asker import Answered
from tests.rig.keyring import KeyRing

BASE = "/api/v1/registry"


@dataclass
class Asker(rig.Asker):
    """Somebody who asks the registry."""

    base = BASE

    async def upload(
        self, slot: str, content: bytes = PDF, *, to: str = "/registration"
    ) -> Answered:
        """Hand in a document."""
        path = f"{to}/documents?slot={slot}&name=form.pdf"
        return await self.ask("POST", path, data=content, media="application/octet-stream")

    async def version(self, path: str = "/registration") -> int:
        """The version to name in If-Match."""
        return int((await self.get(path)).json["version"])


@dataclass
class Desk:
    """The registry, and everybody who may come to it."""

    client: TestClient[Any, Any]
    keys: KeyRing
    pool: Pool
    #: The day on which it was filled, if it was; a run may go on into the next day, and the next fiscal year.
    opened_on: date = field(default_factory=today)

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
