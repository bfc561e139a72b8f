"""The demo accounts, as the launcher makes and shows them."""

from pydantic import TypeAdapter

from chassis.clock import today
from chassis.database import reading
from contracts.values import CorporateNumber, MunicipalityCode
from services.identity import demo
from services.identity.model.passwords import checked_password
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
