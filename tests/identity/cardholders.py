"""Residents with cards as tests meet them, at home and at a desk."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from chassis.clock import now
from contracts.proof import PROOF, Proof
from services.identity.card_issuer import Card, Shelf
from services.identity.card_issuer.cards import base64_of
from services.identity.model.certificates import Use
from services.identity.model.facts_of_person import FactsOfPerson
from tests.identity.house import House, Person, Said

PINS = {Use.AUTHENTICATION: "1234", Use.SIGNING: "ABC123"}
_counter = iter(range(1, 10_000))


@dataclass(slots=True)
class AtTerminal:
    """A resident who is signed in: the session's value, its token and what the gateway is told."""

    card: Card
    session: str
    token: str
    me: dict[str, Any]

    @property
    def id(self) -> UUID:
        """The resident's id."""
        return UUID(self.me["resident_id"])


def somebody(name: str = "", born: date = date(1990, 5, 8)) -> FactsOfPerson:
    """An invented person."""
    return FactsOfPerson(
        name=name or f"試験 花子{next(_counter)}",
        name_kana="シケン ハナコ",
        birth_on=born,
        sex="female",
        municipality_code="172031",
        address="石川県小松市小馬出町91番地",
    )


class Cards:
    """The issuer's cards, and identity's doors for them."""

    def __init__(self, house: House, shelf: Shelf, close: Callable[[bool], None]) -> None:
        self.house, self.shelf, self.close = house, shelf, close

    def card(self, person: FactsOfPerson | None = None, **options: Any) -> Card:
        """A new card of somebody nobody knows yet."""
        return self.shelf.give(uuid4(), person or somebody(), PINS, now(), **options)

    async def challenge(self, purpose: str, target: str = "", token: str | None = None) -> Any:
        """Something to sign."""
        body = {"purpose": purpose, "target": target}
        return (
            (await self.house.post("/card/challenges", body, token=token, key=None))
            .expect(201)
            .body
        )

    def signed(
        self, card: Card, challenge: Any, use: Use | None = None, pin: str = ""
    ) -> dict[str, str]:
        """What the card answers."""
        use = use or Use(challenge["certificate"])
        certificate, signature = card.signs(use, pin or PINS[use], challenge["text_to_sign"])
        return {
            "challenge_id": challenge["challenge_id"],
            "certificate": base64_of(certificate),
            "signature": base64_of(signature),
        }

    async def sign_in(self, card: Card, pin: str = "") -> AtTerminal:
        """Sign in at home."""
        body = self.signed(card, await self.challenge("sign_in"), pin=pin)
        return await self._in(card, await self.house.internal("/sessions/card", body))

    async def start(self, card: Card, staff: Person, terminal: str = "1番窓口") -> AtTerminal:
        """Begin at a desk."""
        body = self.signed(card, await self.challenge("desk", terminal, staff.token))
        return await self._in(card, await self.begun(body, staff, terminal))

    async def begun(self, body: dict[str, str], staff: Person, terminal: str = "1番窓口") -> Said:
        """Show the card of the next person."""
        more = {"staff_session": staff.session, "terminal": terminal}
        return await self.house.internal("/sessions/desk", body | more)

    async def _in(self, card: Card, said: Said) -> AtTerminal:
        session = said.expect(200).body["session"]
        there = (await self.exchange(session)).expect(200).body
        return AtTerminal(card, session, there["token"], there["me"])

    async def exchange(self, session: str) -> Said:
        """The session's token, as the gateway gets it."""
        return await self.house.internal("/sessions/exchange", {"session": session})

    async def shown(self, who: AtTerminal, body: dict[str, str]) -> Said:
        """Show what a card signed."""
        return await self.house.post("/card/assertions", body, token=who.token, key=None)

    async def prove(
        self, who: AtTerminal, purpose: str, target: str, card: Card | None = None
    ) -> Said:
        """Read a card for a purpose and show what it signed."""
        challenge = await self.challenge(purpose, target, who.token)
        return await self.shown(who, self.signed(card or who.card, challenge))

    async def prove_anyway(self, who: AtTerminal) -> Said:
        """Try to go on in a session that may be over."""
        body = {"purpose": "link", "target": link()}
        return await self.house.post("/card/challenges", body, token=who.token, key=None)

    def proof(self, said: Said) -> Proof:
        """The proof as benefits reads it."""
        content = self.house.keys("benefits").attested(
            said.expect(200).body["proof"], "identity", PROOF
        )
        return Proof.model_validate(json.loads(content))

    async def pass_time(self, table: str, columns: str, **time: float) -> None:
        """Let time pass for what lies in ``table``."""
        hours = timedelta(**time) / timedelta(hours=1)
        await self.house.pass_time(table, columns, hours)


def link(entitlement: UUID | None = None, account: str = "ab") -> str:
    """A target of an allocation."""
    return f"link/{entitlement or uuid4()}/R5-S-001/{account * 32}"
