"""What identity hears from others, and what it does about it."""

from typing import Any
from uuid import UUID

import pytest

from chassis.clock import now
from chassis.database import reading, transaction
from chassis.ids import new_id
from contracts.notifications import LetterBounced, LetterSent
from contracts.registry import (
    OrganisationEntry,
    OrganisationRegistered,
    OrganisationSuspended,
    RegistrationReturned,
    RegistrationSubmitted,
)
from contracts.values import OrganisationKind
from services.identity.subscriptions import SUBSCRIPTIONS, letter_bounced, letter_sent
from tests.identity.house import House, Person, some_code


async def hear(house: House, fact: Any) -> None:
    """Let identity act on a fact as its inbox does."""
    async with transaction(house.pool) as conn:
        await SUBSCRIPTIONS.handlers[fact.type](conn, fact)


async def account_id(house: House) -> UUID:
    """The one account that is not the secretariat's."""
    async with reading(house.pool) as conn:
        found: UUID = await conn.fetchval(
            "SELECT account_id FROM accounts WHERE organisation_kind <> 'secretariat'"
        )
    return found


def bounce(
    about: UUID, revision: int | None = None, template: str = "account_link"
) -> LetterBounced:
    """A letter to the account that came back."""
    return LetterBounced(
        revision=2,
        letter_id=new_id(),
        about=f"account/{about}",
        template=template,
        reason="address",
        about_revision=revision,
    )


async def test_a_bounced_link_is_remembered_and_a_new_one_gives_another_chance(
    house: House, desk: Person
) -> None:
    asked, _ = await house.requested()
    about = await account_id(house)
    await hear(house, bounce(about, 1))
    got = (await house.get(f"/accounts/{about}", desk.token)).expect(200).body
    assert got["state"] == "mail_bounced"
    assert got["mail_bounced_at"]
    assert len(await house.facts("identity.account.mail_bounced")) == 1
    (await house.post(f"/accounts/{about}/renew-link", token=desk.token)).expect(200)
    token = await house.mailed_token(asked["email"])
    (await house.post("/account-requests/confirm", {"token": token})).expect(200)


async def test_a_bounce_of_an_older_link_says_nothing_about_the_newer(house: House) -> None:
    _, token = await house.requested()
    about = await account_id(house)
    (await house.post("/links/renew", {"token": token})).expect(202)
    await house.settle()
    await hear(house, bounce(about, 1))
    assert await house.facts("identity.account.mail_bounced") == []
    await hear(house, bounce(about, 2))
    assert len(await house.facts("identity.account.mail_bounced")) == 1


async def test_a_link_of_a_bounced_address_still_works_if_it_arrived_after_all(
    house: House,
) -> None:
    _, token = await house.requested()
    await hear(house, bounce(await account_id(house)))
    (await house.post("/account-requests/confirm", {"token": token})).expect(200)


async def test_other_letters_and_other_accounts_change_nothing(house: House) -> None:
    await house.requested()
    about = await account_id(house)
    await hear(house, bounce(about, template="password_changed"))
    await hear(house, bounce(new_id()))
    async with transaction(house.pool) as conn:
        fact = bounce(about).model_copy(update={"about": f"organisation/{about}"})
        await letter_bounced(conn, fact)
    assert await house.facts("identity.account.mail_bounced") == []


async def test_a_bounced_provisional_account_stays_what_it_is(house: House, desk: Person) -> None:
    code = some_code()
    raw = (
        f"団体コード,団体名,担当者氏名,メールアドレス\n{code},仮市,担当,kari@example.jp\n".encode()
    )
    path = "/provisional-accounts/import?promote_on=2099-04-01"
    headers = {"Content-Type": "text/csv"}
    (await house.post(path, raw=raw, token=desk.token, headers=headers)).expect(200)
    await hear(house, bounce(await account_id(house), template="account_activation"))
    (item,) = (await house.get("/provisional-accounts", desk.token)).expect(200).body["items"]
    assert (item["state"], bool(item["mail_bounced_at"])) == ("provisional", True)


async def test_a_letter_the_mail_server_took_is_remembered(house: House, desk: Person) -> None:
    await house.requested()
    about = await account_id(house)
    sent = LetterSent(
        revision=1, letter_id=new_id(), about=f"account/{about}", template="account_link"
    )
    async with transaction(house.pool) as conn:
        await letter_sent(conn, sent)
    got = (await house.get(f"/accounts/{about}", desk.token)).expect(200).body
    assert got["mail_sent_at"]


def entry() -> dict[str, Any]:
    """What a public fact about a municipality carries."""
    return {
        "effective_on": "2023-12-01",
        "entry": OrganisationEntry(
            organisation_kind=OrganisationKind.MUNICIPALITY,
            code="172031",
            name="小松市",
            name_kana="コマツシ",
            registered_on=now().date(),
        ),
    }


@pytest.mark.parametrize("order", ["in order", "the last one first"])
async def test_the_registration_is_known_and_never_goes_back(house: House, order: str) -> None:
    person = await house.account()
    about = person.account_id
    facts = [
        RegistrationSubmitted(organisation_id=about, revision=1, reference="R5-M-0001"),
        RegistrationReturned(
            organisation_id=about,
            revision=2,
            reference="R5-M-0001",
            message="x",
            correct_by=now().date(),
        ),
        OrganisationRegistered(organisation_id=about, revision=3, reference="R5-M-0001", **entry()),
    ]
    for fact in facts if order == "in order" else [facts[2], facts[0], facts[1]]:
        await hear(house, fact)
    await house.exchange(person)
    assert person.me["registration"] == "registered"
    suspended = OrganisationSuspended(
        organisation_id=about, revision=4, reason="更新の遅れ", **entry()
    )
    await hear(house, suspended)
    # People of a suspended organisation still come in: they have to mend it.
    (await house.knock(person)).expect(200)
    me = (await house.get("/me", person.token)).expect(200).body
    assert me["organisation"]["registration"] == "suspended"
