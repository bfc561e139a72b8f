"""The demo accounts, as the launcher makes and shows them."""

from pathlib import Path

from pydantic import TypeAdapter

from chassis.clock import now, today
from chassis.database import reading
from contracts.values import CorporateNumber, MunicipalityCode
from services.identity import demo
from services.identity.card_issuer.invented import (
    card_id_of,
    facts_of,
    invented,
    invented_shelf,
    resident_id_of,
)
from services.identity.model.certificates import Use
from services.identity.model.passwords import checked_password
from tests.identity.cardholders import Cards
from tests.identity.house import House, Person


async def test_every_demo_account_can_be_signed_in_with(house: House) -> None:
    await demo.perform(house.pool, house.office)
    told = await demo.told(house.pool)
    assert len(told) == 13
    assert len({one["account"] for one in told}) == len(told)
    for one in told:
        person = Person(one["sign_in_id"], one["password"], secret=one["totp_secret"])
        await house.sign_in(person)
        assert person.me["state"] == "open"


async def test_the_demo_is_made_once(house: House) -> None:
    await demo.perform(house.pool, house.office)
    facts, told = await house.facts(), await demo.told(house.pool)
    await demo.perform(house.pool, house.office)
    assert await house.facts() == facts
    assert await demo.told(house.pool) == told


async def test_demo_accounts_are_known_beforehand(house: House) -> None:
    await demo.perform(house.pool, house.office)
    async with reading(house.pool) as conn:
        rows = await conn.fetch("SELECT account_id, organisation_code, state FROM accounts")
    assert {r["account_id"] for r in rows} == {
        demo.account_id_of(r["organisation_code"]) for r in rows
    }
    states = {r["organisation_code"]: r["state"] for r in rows}
    assert states["172031"] == "active"
    assert states["122190"] == "requested"
    assert states["121002"] == states["052124"] == "provisional"
    await house.clerk.promote()
    async with reading(house.pool) as conn:
        promoted = await conn.fetch(
            "SELECT organisation_code FROM accounts WHERE promoted_at IS NOT NULL"
        )
    assert {r["organisation_code"] for r in promoted} == {"052124", "282154"}


def test_demo_codes_have_their_check_digits_and_addresses_belong_to_nobody() -> None:
    text = demo.script()
    for one in text["organisations"]:
        kind = MunicipalityCode if one["kind"] == "municipality" else CorporateNumber
        assert TypeAdapter(kind).validate_python(one["code"]) == one["code"]
        assert one["email"].endswith(".example.jp")
    assert checked_password(text["password"], has_factor=False)
    assert today()


async def test_demo_residents_sign_in_with_their_cards(cards: Cards) -> None:
    await demo.perform(cards.house.pool, cards.house.office)
    for one in invented():
        pins = {Use.AUTHENTICATION: one["pin"], Use.SIGNING: one["signing_pin"]}
        cards.shelf.give(card_id_of(one["number"]), facts_of(one), pins, now())
    for _ in range(2):
        await demo.perform(cards.house.pool, cards.house.office, cards.shelf)
    facts = await cards.house.facts("identity.resident.")
    assert [fact["resident_id"] for fact in facts] == [
        str(resident_id_of(one["number"])) for one in invented()
    ]
    mother = await cards.sign_in(cards.shelf.cards[card_id_of(1)], pin="1111")
    assert (mother.id, mother.me["name"]) == (resident_id_of(1), "小松 花子")
    family = (await cards.house.get("/own-family", mother.token)).expect(200).body
    assert [(one["name"], one["state"]) for one in family["items"]] == [("小松 はる", "confirmed")]


def test_demo_cards_are_kept_with_their_issuer(tmp_path: Path) -> None:
    shelf = invented_shelf(tmp_path, now())
    again = invented_shelf(tmp_path, now())
    assert again.issuer.roots == shelf.issuer.roots == (tmp_path / "roots.pem").read_bytes()
    assert {c.id: c.held[Use.AUTHENTICATION].serial for c in again.cards.values()} == {
        c.id: c.held[Use.AUTHENTICATION].serial for c in shelf.cards.values()
    }
    assert again.revoked == shelf.revoked
