"""People who ask scheduling over HTTP."""

from dataclasses import dataclass
from typing import Any

from aiohttp.test_utils import TestClient

from chassis.database import Pool
from chassis.ids import new_id
from contracts.principal import Principal, Role
from contracts.values import OrganisationKind
from tests.rig import asker as rig
from tests.rig.keyring import KeyRing


@dataclass
class Asker(rig.Asker):
    """Somebody who asks scheduling."""

    base = "/api/v1/scheduling"


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
