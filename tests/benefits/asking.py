"""People who ask benefits over HTTP, and the cards they hold."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from aiohttp.test_utils import TestClient

from chassis.clock import now
from chassis.database import Pool, transaction
from chassis.ids import new_id
from contracts.principal import Principal, Role
from contracts.proof import PROOF, Proof, ProvenPerson, Purpose, apply_target
from contracts.registry import MeasureEntry
from contracts.values import OrganisationKind
from services.benefits.commands import measures
from services.benefits.model.measure import Measure, State
from tests.benefits.offering import entry_of
from tests.rig import asker as rig
from tests.rig.asker import Answered
from tests.rig.keyring import KeyRing


@dataclass
class Asker(rig.Asker):
    """Somebody who asks benefits."""

    base = "/api/v1/benefits"
    subject: str = ""


@dataclass
class Resident(Asker):
    """Somebody with a card."""

    keys: KeyRing = field(kw_only=True)
    resident_id: UUID = field(default_factory=new_id, kw_only=True)
    born: date = field(default=date(1990, 4, 1), kw_only=True)
    code: str = field(default="172031", kw_only=True)
    address: str = field(default="石川県小松市小馬出町91", kw_only=True)

    def person(self, **more: Any) -> ProvenPerson:
        """What the card says of its holder."""
        given: dict[str, Any] = {
            "person_id": self.resident_id,
            "name": "小松 花子",
            "name_kana": "コマツ ハナコ",
            "birth_on": self.born,
            "municipality_code": self.code,
            "address": self.address,
        }
        return ProvenPerson(**given | more)

    def proof(
        self,
        measure_id: UUID,
        *,
        at: datetime | None = None,
        signer: str = "identity",
        kind: str = PROOF,
        person: ProvenPerson | None = None,
        **more: Any,
    ) -> str:
        """A reading of the card for an application to this measure."""
        held = person or self.person()
        given: dict[str, Any] = {
            "proof_id": new_id(),
            "resident_id": self.resident_id,
            "purpose": Purpose.APPLY,
            "target": apply_target(measure_id, held.person_id),
            "assertion_hash": "0" * 64,
            "asserted_at": at or now(),
            "person": held,
        }
        content = Proof(**given | more).model_dump_json().encode()
        return self.keys(signer).attest(content, kind)

    async def apply(self, measure_id: UUID, *, key: str = "", **more: Any) -> Answered:
        """Apply with a fresh reading of the card."""
        body = {"measure_id": str(measure_id), "proof": self.proof(measure_id)} | more
        return await self.post("/own-applications", body, key=key)


@dataclass
class House:
    """Benefits, and everybody who may come to it."""

    client: TestClient[Any, Any]
    keys: KeyRing
    pool: Pool
    #: Invariants a test breaks on purpose, and in how many places.
    breaks: dict[str, int] = field(default_factory=dict)

    def anybody(self) -> Asker:
        """Somebody without a token."""
        return Asker(self.client)

    def resident(self, desk_id: UUID | None = None, **more: Any) -> Resident:
        """Somebody with a card of their own."""
        resident_id = new_id()
        principal = Principal(
            kind="resident",
            subject=str(resident_id),
            session_id=new_id(),
            amr=("card",),
            desk_id=desk_id,
        )
        token = self.keys("identity").sign(principal, seconds=3600)
        return Resident(
            self.client,
            token,
            None,
            str(resident_id),
            keys=self.keys,
            resident_id=resident_id,
            **more,
        )

    def member(
        self, kind: OrganisationKind, *roles: Role, organisation_id: UUID | None = None
    ) -> Asker:
        """A member of an organisation."""
        own, subject = organisation_id or new_id(), str(new_id())
        principal = Principal(
            kind="member",
            subject=subject,
            organisation_id=own,
            organisation_kind=kind,
            roles=frozenset(roles or {Role.ADMIN}),
            session_id=new_id(),
        )
        token = self.keys("identity").sign(principal, seconds=3600)
        return Asker(self.client, token, own, subject)

    async def measure(self, **more: Any) -> Measure:
        """A measure that is open now, as the register said it."""
        return await self.said(new_id(), entry_of(**more))

    async def said(
        self, measure_id: UUID, entry: MeasureEntry, state: State | None = State.OPEN
    ) -> Measure:
        """What the register says of a measure."""
        async with transaction(self.pool) as conn:
            return await measures.follow(conn, measure_id, entry, state, at=now())
