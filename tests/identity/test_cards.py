"""Residents by card: the right card, for the right thing, now, once; anything else is refused."""

import json
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.clock import now
from chassis.database import reading
from services.identity.card_issuer import Issuer, Shelf
from services.identity.card_issuer.cards import base64_of
from services.identity.model.certificates import Use
from services.identity.store import cards as kept
from tests.identity.cardholders import PINS, Cards, link, somebody
from tests.identity.house import Person


async def test_a_card_signs_somebody_in_who_was_never_seen_before(cards: Cards) -> None:
    who = await cards.sign_in(cards.card())
    assert who.me["kind"] == "resident" and who.me["name"] == ""
    principal = cards.house.keys("registry").verify(who.token)
    assert (principal.kind, principal.subject, principal.amr) == (
        "resident",
        str(who.id),
        ("card",),
    )
    assert principal.organisation_id is None and not principal.roles
    [fact] = await cards.house.facts("identity.resident.")
    assert fact["type"] == "identity.resident.registered.v1"
    assert fact["resident_id"] == str(who.id)


async def test_the_same_card_is_the_same_person(cards: Cards) -> None:
    card = cards.card()
    assert (await cards.sign_in(card)).id == (await cards.sign_in(card)).id
    assert len(await cards.house.facts("identity.resident.")) == 1


async def test_a_renewed_card_stays_the_same_person(cards: Cards) -> None:
    card = cards.card()
    before = await cards.sign_in(card)
    cards.shelf.renew(card, now())
    cards.close(False)
    after = await cards.sign_in(card)
    assert after.id == before.id
    types = [fact["type"] for fact in await cards.house.facts("identity.resident.")]
    assert types == ["identity.resident.registered.v1", "identity.resident.renewed.v1"]


async def test_both_certificates_of_a_card_are_one_person(cards: Cards) -> None:
    who = await cards.sign_in(cards.card())
    measure = uuid4()
    proof = cards.proof(await cards.prove(who, "apply", f"apply/{measure}/{who.id}"))
    person = proof.person
    assert person is not None and person.person_id == proof.resident_id == who.id
    assert person.name == who.card.person.name
    assert person.birth_on == date(1990, 5, 8)
    assert person.municipality_code == "172031"
    assert len(await cards.house.facts("identity.resident.")) == 1
    # From now on pages can greet by name.
    assert (await cards.exchange(who.session)).body["me"]["name"] == who.card.person.name


async def test_a_proof_says_exactly_what_the_card_was_read_for(cards: Cards) -> None:
    who = await cards.sign_in(cards.card())
    target = link()
    proof = cards.proof(await cards.prove(who, "link", target))
    assert (proof.purpose, proof.target, proof.desk_id) == ("link", target, None)
    assert proof.person is None and proof.covers(proof.purpose, target, now())


async def test_a_reading_counts_once(cards: Cards) -> None:
    who = await cards.sign_in(cards.card())
    body = cards.signed(who.card, await cards.challenge("link", link(), who.token))
    (await cards.shown(who, body)).expect(200)
    (await cards.shown(who, body)).refused(410, "card-challenge-used")
    signing_in = cards.signed(who.card, await cards.challenge("sign_in"))
    (await cards.house.internal("/sessions/card", signing_in)).expect(200)
    again = await cards.house.internal("/sessions/card", signing_in)
    again.refused(410, "card-challenge-used")


async def test_a_reading_lasts_two_minutes(cards: Cards) -> None:
    who = await cards.sign_in(cards.card())
    challenge = await cards.challenge("link", link(), who.token)
    await cards.pass_time("card_challenges", "made_at, expires_at", seconds=121)
    body = {**challenge, "text_to_sign": await _text_of(cards, challenge)}
    said = await cards.shown(who, cards.signed(who.card, body))
    said.refused(410, "card-challenge-expired")


async def _text_of(cards: Cards, challenge: Any) -> str:
    async with reading(cards.house.pool) as conn:
        found = await kept.challenge(conn, UUID(challenge["challenge_id"]))
    assert found is not None
    return found.text(cards.house.office.public_url)


async def test_a_reading_for_one_thing_is_no_good_for_another(cards: Cards) -> None:
    card = cards.card()
    who = await cards.sign_in(card)
    signing_in = cards.signed(card, await cards.challenge("sign_in"))
    (await cards.shown(who, signing_in)).refused(403, "card-purpose")
    linking = cards.signed(card, await cards.challenge("link", link(), who.token))
    said = await cards.house.internal("/sessions/card", linking)
    said.refused(403, "card-other-session")


async def test_the_cards_other_certificate_is_refused(cards: Cards) -> None:
    who = await cards.sign_in(cards.card())
    challenge = await cards.challenge("link", link(), who.token)
    said = await cards.shown(who, cards.signed(who.card, challenge, Use.SIGNING))
    said.refused(403, "card-purpose")
    applying = await cards.challenge("apply", f"apply/{uuid4()}/{who.id}", who.token)
    said = await cards.shown(who, cards.signed(who.card, applying, Use.AUTHENTICATION))
    said.refused(403, "card-purpose")


async def test_another_persons_card_proves_nothing_here(cards: Cards) -> None:
    who, other = await cards.sign_in(cards.card()), await cards.sign_in(cards.card())
    said = await cards.prove(who, "link", link(), other.card)
    said.refused(409, "card-other-person")
    said = await cards.prove(who, "link", link(), cards.card())
    said.refused(409, "card-other-person")


async def test_a_reading_asked_for_in_another_session_is_foreign(cards: Cards) -> None:
    card = cards.card()
    one, other = await cards.sign_in(card), await cards.sign_in(cards.card())
    asked_by_other = cards.signed(card, await cards.challenge("link", link(), other.token))
    (await cards.shown(one, asked_by_other)).refused(403, "card-other-session")
    # The same person in two places: a reading belongs to the place that asked.
    elsewhere = await cards.sign_in(card)
    asked_elsewhere = cards.signed(card, await cards.challenge("link", link(), elsewhere.token))
    (await cards.shown(one, asked_elsewhere)).refused(403, "card-other-session")


async def test_a_self_made_assertion_is_refused(cards: Cards) -> None:
    who = await cards.sign_in(cards.card())
    stranger = Shelf(Issuer.new(now()))
    own = stranger.give(uuid4(), who.card.person, PINS, now())
    (await cards.prove(who, "link", link(), own)).refused(403, "card-not-recognised")
    challenge = await cards.challenge("link", link(), who.token)
    good = cards.signed(who.card, challenge)
    forged = [
        {**good, "signature": base64_of(b"x" * 70)},
        {**good, "signature": cards.signed(cards.card(), challenge)["signature"]},
        cards.signed(who.card, {**challenge, "text_to_sign": challenge["text_to_sign"] + " "}),
    ]
    for body in forged:
        (await cards.shown(who, body)).refused(422, "card-signature")
    unreadable = {**good, "certificate": base64_of(b"no certificate at all")}
    (await cards.shown(who, unreadable)).refused(403, "card-not-recognised")
    (await cards.shown(who, {**good, "signature": "***!"})).refused(400, "card-unreadable")
    # Nothing of all this used the reading up.
    (await cards.shown(who, good)).expect(200)


async def test_an_expired_certificate_is_refused(cards: Cards) -> None:
    card = cards.card(lasts=timedelta(hours=1))
    said = await cards.house.internal(
        "/sessions/card", cards.signed(card, await cards.challenge("sign_in"))
    )
    said.refused(403, "card-expired")


@pytest.mark.parametrize("use", list(Use))
async def test_a_revoked_certificate_is_refused_and_why_is_said(cards: Cards, use: Use) -> None:
    who = await cards.sign_in(cards.card())
    cards.shelf.revoke(who.card, use)
    cards.close(False)
    purpose = "apply" if use is Use.SIGNING else "link"
    target = f"apply/{uuid4()}/{who.id}" if use is Use.SIGNING else link()
    said = (await cards.prove(who, purpose, target)).refused(403, "card-revoked")
    assert ("住所" in said.body["detail"]) is (use is Use.SIGNING)


async def test_while_nobody_can_tell_no_card_is_believed(cards: Cards) -> None:
    card = cards.card()
    cards.close(True)
    body = cards.signed(card, await cards.challenge("sign_in"))
    (await cards.house.internal("/sessions/card", body)).refused(503, "card-unverifiable")
    cards.close(False)
    (await cards.house.internal("/sessions/card", body)).expect(200)


async def test_targets_are_exact(cards: Cards) -> None:
    who = await cards.sign_in(cards.card())
    for purpose, target in [
        ("link", "link/x/y/z"),
        ("link", "keep/R5-S-001/short"),
        ("link", f"keep/R5-S-001/{'a' * 64}/more"),
        ("apply", f"keep/R5-S-001/{'a' * 64}"),
        ("link", link() + "0"),
        ("link", link().upper()),
        ("apply", f"apply/{uuid4()}"),
        ("sign_in", "anything"),
    ]:
        body = {"purpose": purpose, "target": target}
        said = await cards.house.post("/card/challenges", body, token=who.token, key=None)
        said.refused(422, "card-target")
    body = {"purpose": "link", "target": f"keep/R5-S-001/{'a' * 64}"}
    (await cards.house.post("/card/challenges", body, token=who.token, key=None)).expect(201)


async def test_challenges_are_for_those_who_are_signed_in(cards: Cards, desk: Person) -> None:
    body = {"purpose": "link", "target": link()}
    (await cards.house.post("/card/challenges", body, key=None)).refused(401, "token-missing")
    said = await cards.house.post("/card/challenges", body, token=desk.token, key=None)
    said.refused(403, "asker-kind")
    shown = cards.signed(cards.card(), await cards.challenge("sign_in"))
    said = await cards.house.post("/card/assertions", shown, token=desk.token, key=None)
    said.refused(403, "asker-kind")


async def test_nobody_applies_for_somebody_else(cards: Cards) -> None:
    one, other = await cards.sign_in(cards.card()), await cards.sign_in(cards.card())
    body = {"purpose": "apply", "target": f"apply/{uuid4()}/{other.id}"}
    said = await cards.house.post("/card/challenges", body, token=one.token, key=None)
    said.refused(403, "not-representative")


async def test_a_session_that_ended_proves_nothing(cards: Cards) -> None:
    who = await cards.sign_in(cards.card())
    challenge = await cards.challenge("link", link(), who.token)
    (await cards.house.internal("/sessions/end", {"session": who.session})).expect(204)
    (await cards.exchange(who.session)).refused(401, "session-over")
    (await cards.shown(who, cards.signed(who.card, challenge))).expect(401)


async def test_a_session_at_home_ends_when_nobody_is_there(cards: Cards) -> None:
    who = await cards.sign_in(cards.card())
    await cards.pass_time("resident_sessions", "last_seen_at", minutes=11)
    (await cards.exchange(who.session)).refused(401, "session-over")
    body = {"purpose": "link", "target": link()}
    said = await cards.house.post("/card/challenges", body, token=who.token, key=None)
    said.refused(401, "session-over")
    await cards.house.clerk.end()
    [fact] = await cards.house.facts("identity.session.")
    assert fact["reason"] == "idle"


async def test_the_number_of_a_certificate_is_kept_nowhere(cards: Cards) -> None:
    who = await cards.sign_in(cards.card())
    (await cards.prove(who, "apply", f"apply/{uuid4()}/{who.id}")).expect(200)
    serials = [held.serial for held in who.card.held.values()]
    looked_for = {f"{n:x}" for n in serials} | {str(n) for n in serials} | {who.card.person.name}
    async with reading(cards.house.pool) as conn:
        tables = await conn.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for table in (row["tablename"] for row in tables):
            rows = await conn.fetch(f'SELECT t::text AS said FROM "{table}" t')
            for row in rows:
                assert not [text for text in looked_for if text in row["said"]], table


async def test_a_fact_about_a_resident_says_nobodys_name(cards: Cards) -> None:
    who = await cards.sign_in(cards.card(somebody("小松 花子")))
    (await cards.prove(who, "apply", f"apply/{uuid4()}/{who.id}")).expect(200)
    said = json.dumps(await cards.house.facts(), ensure_ascii=False)
    assert "小松" not in said and "1990" not in said
