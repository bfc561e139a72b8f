"""Residents who come from nowhere, go all the way from card to granted points, and leave: one after another, evenly."""

import asyncio
import time
from collections import deque
from collections.abc import Iterable
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import aiohttp

from chassis.clock import now
from services.identity.card_issuer.cards import Card, base64_of, shelf_in
from services.identity.model.certificates import Use
from services.identity.model.facts_of_person import FactsOfPerson
from tests.rig.stack import Stack
from tests.rig.visitor import Visitor
from tests.rig.waiting import eventually

_IDENTITY, _BENEFITS = "/api/v1/identity", "/api/v1/benefits"
_SERVICE = "hidamari-pay"
_PINS = {Use.AUTHENTICATION: "1234", Use.SIGNING: "ABC123"}
#: Everybody lives where the measure is for everybody.
_HOME = "172031"
_LANES = 8


async def new_cards(stack: Stack, http: aiohttp.ClientSession, count: int) -> list[Card]:
    """So many cards more on the simulator's shelf; it is started again, for it reads the shelf as it starts."""
    with shelf_in(stack.home / "cards") as shelf:
        assert shelf is not None
        cards = [shelf.give(uuid4(), _person(n), _PINS, now(), note="試験") for n in range(count)]
        shelf.save(stack.home / "cards")
    stack.kill("cards")

    async def reads_them() -> bool:
        try:
            async with http.get(f"http://127.0.0.1:{stack.port('cards')}/cards") as answer:
                return str(cards[-1].id) in await answer.text()
        except aiohttp.ClientError:
            return False

    there: bool = await eventually(reads_them)
    assert there
    return cards


def _person(number: int) -> FactsOfPerson:
    return FactsOfPerson(
        name=f"試験 {number}",
        name_kana="シケン",
        birth_on=date(1950 + number % 50, 1 + number % 12, 1 + number % 28),
        sex=None,
        municipality_code=_HOME,
        address=f"石川県小松市試験町{number}番地",
    )


class Residents:
    """An even stream of residents through the gateway, until told that it is enough or nobody is left."""

    def __init__(
        self,
        stack: Stack,
        http: aiohttp.ClientSession,
        cards: Iterable[Card],
        measure_id: str,
        a_second: float,
    ) -> None:
        self._stack, self._http, self._measure = stack, http, measure_id
        self._cards, self._pause = deque(cards), 1 / a_second
        self._next = time.monotonic()
        self._enough = False
        self.orders: list[UUID] = []

    async def run(self) -> None:
        """Send them through; those under way go on to their end."""
        async with asyncio.TaskGroup() as tasks:
            for _ in range(_LANES):
                tasks.create_task(self._lane())

    def enough(self) -> None:
        """Nobody new comes any more."""
        self._enough = True

    async def _lane(self) -> None:
        while self._cards and not self._enough:
            # Who is late does not make those after come in a crowd.
            self._next = max(self._next + self._pause, time.monotonic())
            card = self._cards.popleft()
            await asyncio.sleep(self._next - time.monotonic())
            await self._all_the_way(card)

    async def _all_the_way(self, card: Card) -> None:
        visitor = Visitor(self._stack.url, self._http, patience=30)
        signed = await _signed(visitor, card, "sign_in")
        (await visitor.post("/api/v1/sessions/card", signed, key=None)).expect(201)
        person = (await visitor.get(f"{_IDENTITY}/own-family")).expect(200).body["resident_id"]
        await self._look(visitor, f"/measures/{self._measure}", "/my")
        entitlement = await self._apply(visitor, card, person)
        order = await _allocated(visitor, card, entitlement)
        self.orders.append(UUID(order))
        await self._look(visitor, "/my", f"/my/grants/{order}", "/my/messages")
        (await visitor.delete("/api/v1/sessions/current", key=None)).expect(204)

    async def _apply(self, visitor: Visitor, card: Card, person: str) -> str:
        await self._look(visitor, f"/measures/{self._measure}/apply/who")
        target = f"apply/{self._measure}/{person}"
        body = {
            "measure_id": self._measure,
            "proof": await _proof(visitor, card, "apply", target),
            "statements": [0],
        }
        made = (await visitor.post(f"{_BENEFITS}/own-applications", body)).expect(201).body
        return str(made["application"]["entitlement_id"])

    async def _look(self, visitor: Visitor, *paths: str) -> None:
        for path in paths:
            (await visitor.ask("GET", path, headers={"Accept": "text/html"})).expect(200)


async def _allocated(visitor: Visitor, card: Card, entitlement: str) -> str:
    # The last digits: the first are the time, and twelve digits in a row may be taken for a My Number.
    account = f"soak{card.id.hex[-11:]}"
    digest = sha256(account.encode()).hexdigest()
    target = f"link/{entitlement}/{_SERVICE}/{digest}"
    body = {
        "payment_service_code": _SERVICE,
        "account_id": account,
        "proof": await _proof(visitor, card, "link", target),
    }
    path = f"{_BENEFITS}/own-entitlements/{entitlement}/allocation"
    return str((await visitor.post(path, body)).expect(201).body["order_id"])


async def _signed(visitor: Visitor, card: Card, purpose: str, target: str = "") -> dict[str, Any]:
    """What the card answers to a challenge made for this."""
    body = {"purpose": purpose, "target": target}
    path = f"{_IDENTITY}/card/challenges"
    asked = (await visitor.post(path, body, key=None)).expect(201).body
    use = Use(asked["certificate"])
    certificate, signature = card.signs(use, _PINS[use], asked["text_to_sign"])
    return {
        "challenge_id": asked["challenge_id"],
        "certificate": base64_of(certificate),
        "signature": base64_of(signature),
    }


async def _proof(visitor: Visitor, card: Card, purpose: str, target: str) -> str:
    signed = await _signed(visitor, card, purpose, target)
    path = f"{_IDENTITY}/card/assertions"
    return str((await visitor.post(path, signed, key=None)).expect(200).body["proof"])
