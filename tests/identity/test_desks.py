"""At a desk: one person, one card, one terminal, and every way it ends."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from chassis.database import reading
from tests.identity.cardholders import Cards, link, somebody
from tests.identity.house import Person


@pytest.fixture
async def staff(cards: Cards) -> Person:
    """Staff of a municipality, signed in."""
    return await cards.house.account()


async def ended(cards: Cards) -> list[str]:
    """Why desk sessions ended, in the order they began."""
    async with reading(cards.house.pool) as conn:
        rows = await conn.fetch("SELECT end_reason FROM resident_sessions ORDER BY session_id")
    return [row["end_reason"] for row in rows]


async def test_a_desk_begins_with_the_persons_card(cards: Cards, staff: Person) -> None:
    who = await cards.start(cards.card(), staff, "2番窓口")
    assert (who.me["terminal"], who.me["name"]) == ("2番窓口", "")
    principal = cards.house.keys("benefits").verify(who.token)
    assert str(principal.desk_id) == who.me["desk_id"]
    target = link()
    proof = cards.proof(await cards.prove(who, "link", target))
    assert (proof.desk_id, proof.staff_id) == (principal.desk_id, staff.member_id)
    assert (await cards.house.get("/desk", staff.token)).body == {"today": 1, "busy": True}
    async with reading(cards.house.pool) as conn:
        kept = await conn.fetchrow("SELECT * FROM card_proofs")
    assert kept is not None
    assert (kept["terminal"], kept["staff_id"]) == ("2番窓口", staff.member_id)
    assert kept["assertion"].hex() == proof.assertion_hash


async def test_names_are_masked_at_a_desk(cards: Cards, staff: Person) -> None:
    card = cards.card()
    who = await cards.start(card, staff)
    (await cards.prove(who, "apply", f"apply/{uuid4()}/{who.id}")).expect(200)
    me = (await cards.exchange(who.session)).body["me"]
    assert (me["name"], me["birth_year"]) == ("試◯ 花◯", 1990)


async def test_another_card_in_the_middle_ends_it(cards: Cards, staff: Person) -> None:
    who = await cards.start(cards.card(), staff)
    said = await cards.prove(who, "link", link(), cards.card())
    said.refused(409, "card-other-person")
    (await cards.exchange(who.session)).refused(401, "session-over")
    assert await ended(cards) == ["another-card"]


async def test_the_next_person_ends_the_one_before(cards: Cards, staff: Person) -> None:
    one = await cards.start(cards.card(), staff)
    challenge = await cards.challenge("link", link(), one.token)
    other = await cards.start(cards.card(), staff)
    (await cards.exchange(one.session)).refused(401, "session-over")
    (await cards.shown(one, cards.signed(one.card, challenge))).expect(401)
    late = await cards.shown(other, cards.signed(one.card, challenge))
    late.refused(403, "card-other-session")
    assert await ended(cards) == ["next-person", None]


async def test_two_colleagues_are_never_with_two_people_at_one_terminal(
    cards: Cards, staff: Person
) -> None:
    colleague = await cards.house.invited(staff, "editor")
    one = await cards.start(cards.card(), staff, "1番窓口")
    beside = await cards.start(cards.card(), staff, "2番窓口")
    (await cards.exchange(one.session)).refused(401, "session-over")
    await cards.start(cards.card(), colleague, "2番窓口")
    (await cards.exchange(beside.session)).refused(401, "session-over")


@pytest.mark.parametrize("reason", ["finished", "card-removed", "left", "receipt", "another-card"])
async def test_it_ends_for_every_reason_there_is(cards: Cards, staff: Person, reason: str) -> None:
    who = await cards.start(cards.card(), staff)
    challenge = await cards.challenge("link", link(), who.token)
    body = {"session": who.session, "reason": reason}
    (await cards.house.internal("/sessions/end", body)).expect(204)
    (await cards.exchange(who.session)).refused(401, "session-over")
    (await cards.shown(who, cards.signed(who.card, challenge))).expect(401)
    assert await ended(cards) == [reason]
    facts = await cards.house.facts("identity.session.")
    assert [fact["reason"] for fact in facts] == [reason]


@pytest.mark.parametrize(
    ("columns", "time", "reason"),
    [
        ("last_seen_at", {"seconds": 61}, "idle"),
        ("created_at, last_seen_at, ends_at", {"minutes": 10}, "absolute"),
    ],
)
async def test_time_ends_it(
    cards: Cards, staff: Person, columns: str, time: dict[str, Any], reason: str
) -> None:
    who = await cards.start(cards.card(), staff)
    challenge = await cards.challenge("link", link(), who.token)
    await cards.pass_time("resident_sessions", columns, **time)
    said = await cards.shown(who, cards.signed(who.card, challenge))
    said.refused(401, "session-over")
    (await cards.exchange(who.session)).refused(401, "session-over")
    await cards.house.clerk.end()
    assert await ended(cards) == [reason]


async def test_staff_who_sign_out_take_the_desk_with_them(cards: Cards, staff: Person) -> None:
    who = await cards.start(cards.card(), staff)
    (await cards.house.internal("/sessions/end", {"session": staff.session})).expect(204)
    (await cards.exchange(who.session)).refused(401, "session-over")
    (await cards.prove_anyway(who)).expect(401)
    assert await ended(cards) == ["staff-left"]


async def test_a_desk_belongs_to_staff_of_a_municipality(cards: Cards, desk: Person) -> None:
    body = {"purpose": "desk", "target": "1番窓口"}
    said = await cards.house.post("/card/challenges", body, token=desk.token, key=None)
    said.refused(403, "asker-kind")
    provider = await cards.house.account(kind="provider")
    said = await cards.house.post("/card/challenges", body, token=provider.token, key=None)
    said.refused(403, "asker-kind")


async def test_a_reading_for_another_desk_opens_none(cards: Cards, staff: Person) -> None:
    card, colleague = cards.card(), await cards.house.invited(staff, "editor")
    body = cards.signed(card, await cards.challenge("desk", "1番窓口", staff.token))
    (await cards.begun(body, staff, "2番窓口")).refused(403, "card-other-session")
    (await cards.begun(body, colleague, "1番窓口")).refused(403, "card-other-session")
    at_home = cards.signed(card, await cards.challenge("sign_in"))
    (await cards.begun(at_home, staff, "1番窓口")).refused(403, "card-other-session")
    (await cards.begun(body, staff, "1番窓口")).expect(200)


async def test_a_parent_acts_for_a_child_once_the_municipality_confirmed_it(
    cards: Cards, staff: Person
) -> None:
    parent = await cards.sign_in(cards.card())
    child = cards.card(somebody("小松 はる", date(2016, 4, 2)))
    challenge = await cards.challenge("family", "family", parent.token)
    account = (await cards.house.get("/me", staff.token)).body["organisation"]
    body = {
        **cards.signed(child, challenge),
        "name": "小松 はる",
        "name_kana": "コマツ ハル",
        "birth_on": "2016-04-02",
        "municipality_code": account["organisation_code"],
        "address": "石川県小松市小馬出町91番地",
    }
    made = await cards.house.post("/own-family", body, token=parent.token, key=None)
    relative = made.expect(201).body
    target = f"apply/{uuid4()}/{relative['child_id']}"
    refused = {"purpose": "apply", "target": target}
    said = await cards.house.post("/card/challenges", refused, token=parent.token, key=None)
    said.refused(403, "not-representative")
    [asked] = (await cards.house.get("/representations", staff.token)).expect(200).body["items"]
    path = f"/representations/{asked['representation_id']}/decision"
    (await cards.house.post(path, {"confirmed": True}, token=staff.token)).expect(204)
    again = await cards.house.post(path, {"confirmed": True}, token=staff.token)
    again.refused(409, "representation-decided")
    proof = cards.proof(await cards.prove(parent, "apply", target))
    assert proof.resident_id == parent.id and proof.person is not None
    assert str(proof.person.person_id) == relative["child_id"]
    assert (proof.person.name, proof.person.birth_on) == ("小松 はる", date(2016, 4, 2))
    family = (await cards.house.get("/own-family", parent.token)).expect(200).body
    assert [(one["name"], one["state"]) for one in family["items"]] == [("小松 はる", "confirmed")]
