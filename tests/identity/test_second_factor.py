"""The second factor: set up, shown, used once, stood in for, taken off."""

import asyncio
from pathlib import Path

import pyotp
import pytest

from chassis.clock import now
from chassis.database import reading, transaction
from services.identity.commands import second_factor
from tests.identity.house import NEW_PASSWORD, House, Person
from tests.rig.keyring import KeyRing


def code_of(person: Person, step: int = 0) -> str:
    """What the person's authenticator app shows, ``step`` half-minutes from now."""
    return pyotp.TOTP(person.secret).at(now(), counter_offset=step)


async def test_the_secretariat_sets_up_a_second_factor_before_anything_else(
    house: House, desk: Person
) -> None:
    assert desk.me["state"] == "open"
    assert house.keys("registry").verify(desk.token).amr == ("pwd", "otp")
    assert len(desk.recovery_codes) == 10


async def test_until_the_factor_is_set_up_the_token_opens_nothing_else(house: House) -> None:
    admin = await house.account()
    body = {"name": "承認 太郎", "email": "shonin@example.jp", "roles": ["approver"]}
    (await house.post("/members", body, token=admin.token)).expect(201)
    sign_in_id = await house.set_password(await house.mailed_token("shonin@example.jp"))
    approver = Person(sign_in_id)
    opened = (await house.knock(approver)).expect(200).body
    assert opened["state"] == "second_factor_setup"
    approver.session = opened["session"]
    await house.exchange(approver)
    principal = house.keys("registry").verify(approver.token)
    assert (principal.organisation_id, principal.roles) == (None, frozenset())
    (await house.get("/members", approver.token)).expect(403)
    await house.set_up_factor(approver)
    await house.exchange(approver)
    (await house.get("/members", approver.token)).expect(200)


async def test_with_a_factor_the_password_alone_opens_nothing(house: House, desk: Person) -> None:
    opened = (await house.knock(desk)).expect(200).body
    assert opened["state"] == "second_factor"
    exchanged = await house.internal("/sessions/exchange", {"session": opened["session"]})
    exchanged.refused(401, "session-over")


async def test_the_session_goes_on_under_a_new_value(house: House, desk: Person) -> None:
    opened = (await house.knock(desk)).expect(200).body
    body = {"session": opened["session"], "code": code_of(desk)}
    stepped = (await house.internal("/sessions/second-factor", body)).expect(200).body
    assert stepped["state"] == "open"
    assert stepped["session"] != opened["session"]
    old = await house.internal("/sessions/exchange", {"session": opened["session"]})
    old.refused(401, "session-over")
    new = await house.internal("/sessions/exchange", {"session": stepped["session"]})
    new.expect(200)


async def test_a_code_works_once(house: House, desk: Person) -> None:
    sessions = [(await house.knock(desk)).expect(200).body["session"] for _ in range(2)]
    code = code_of(desk)
    body = {"session": sessions[0], "code": code}
    (await house.internal("/sessions/second-factor", body)).expect(200)
    again = {"session": sessions[1], "code": code}
    (await house.internal("/sessions/second-factor", again)).refused(422, "code-wrong")


async def test_one_code_shown_twice_at_once_opens_one_session(house: House, desk: Person) -> None:
    sessions = [(await house.knock(desk)).expect(200).body["session"] for _ in range(4)]
    code = code_of(desk)
    answers = await asyncio.gather(
        *(house.internal("/sessions/second-factor", {"session": s, "code": code}) for s in sessions)
    )
    assert sorted(a.status for a in answers) == [200, 422, 422, 422], [a.body for a in answers]


async def test_wrong_codes_slow_down_and_end_the_session(house: House, desk: Person) -> None:
    session = (await house.knock(desk)).expect(200).body["session"]
    codes = []
    for _ in range(10):
        body = {"session": session, "code": "000000", "address": "203.0.113.7"}
        answer = await house.internal("/sessions/second-factor", body)
        while answer.status == 429:
            await house.pass_time("tries", "failed_at, turn_at", 31 / 3600)
            answer = await house.internal("/sessions/second-factor", body)
            codes.append("waited")
        codes.append(answer.body["code"])
    assert codes.count("code-wrong") == 9
    assert "waited" in codes
    assert codes[-1] == "too-many-wrong-codes"
    ended = await house.internal("/sessions/second-factor", {"session": session, "code": "1"})
    ended.refused(401, "session-over")


async def test_a_recovery_code_stands_in_once_and_is_told_by_letter(
    house: House, desk: Person
) -> None:
    code = desk.recovery_codes[3]
    for status in (200, 422):
        session = (await house.knock(desk)).expect(200).body["session"]
        body = {"session": session, "code": code.upper()}
        (await house.internal("/sessions/second-factor", body)).expect(status)
    letter = (await house.letters())[-1]
    assert letter.template == "second_factor_changed"
    assert letter.values["change"] == "recovery_code_used"
    me = (await house.get("/me", desk.token)).expect(200).body
    assert me["recovery_codes_left"] == 9


async def test_a_new_password_alone_does_not_open_an_account_with_a_factor(
    house: House, desk: Person
) -> None:
    body = {"sign_in_id": desk.sign_in_id, "email": "desk@example.jp"}
    (await house.post("/password-resets", body)).expect(202)
    await house.settle()
    await house.set_password(await house.mailed_token("desk@example.jp"), NEW_PASSWORD)
    opened = (await house.knock(desk, password=NEW_PASSWORD)).expect(200).body
    assert opened["state"] == "second_factor"


async def test_a_second_factor_may_be_set_up_by_anybody_who_shows_the_password(
    house: House,
) -> None:
    person = await house.account()
    wrong = await house.post("/me/totp", {"password": "ちがう-あいことば"}, token=person.token)
    wrong.refused(422, "password-wrong")
    other = await house.sign_in(Person(person.sign_in_id))
    await house.set_up_factor(person)
    (await house.exchange(other)).refused(401, "session-over")
    (await house.exchange(person)).expect(200)
    assert (await house.knock(person)).expect(200).body["state"] == "second_factor"


async def test_secrets_lie_in_the_database_sealed(house: House, desk: Person) -> None:
    async with reading(house.pool) as conn:
        row = await conn.fetchrow("SELECT m::text AS t, totp FROM members m")
        codes = await conn.fetch("SELECT r::text AS t FROM recovery_codes r")
    assert row is not None
    assert desk.secret not in row["t"]
    assert house.keys("identity").unseal(row["totp"]) == desk.secret
    assert not [c for c in codes if desk.recovery_codes[0] in c["t"]]


async def test_an_admin_takes_the_factor_off_a_colleague_who_lost_it(
    house: House, desk: Person
) -> None:
    colleague = await house.invited(desk, "editor")
    path = f"/members/{colleague.member_id}/second-factor/reset"
    (await house.post(path, token=desk.token)).expect(200)
    (await house.exchange(colleague)).refused(401, "session-over")
    assert (await house.knock(colleague)).expect(200).body["state"] == "second_factor_setup"


async def test_the_factor_of_somebody_else_is_shown_to_nobody(house: House, desk: Person) -> None:
    started = await house.post("/me/totp", {"password": desk.password}, token=desk.token)
    shown = started.expect(200).body
    assert shown["secret"] in shown["uri"]
    assert shown["qr_svg"].startswith("<svg")
    assert started.headers["Cache-Control"] == "no-store"
    # Until its first code the old factor counts.
    session = (await house.knock(desk)).expect(200).body["session"]
    body = {"session": session, "code": code_of(desk, 1)}
    (await house.internal("/sessions/second-factor", body)).expect(200)


async def test_factors_go_over_to_a_new_key(house: House, desk: Person, tmp_path: Path) -> None:
    old, new = house.keys("identity"), KeyRing(tmp_path)("identity")
    async with transaction(house.pool) as conn:
        assert await second_factor.seal_again(conn, old, new) == 1
    async with reading(house.pool) as conn:
        kept = await conn.fetchval("SELECT totp FROM members")
    assert new.unseal(kept) == desk.secret
    with pytest.raises(ValueError, match="not sealed for us"):
        old.unseal(kept)
