"""From the form to the first sign-in, and every way it can go wrong."""

import asyncio
from typing import Any

import pytest

from chassis.clock import now
from chassis.database import transaction
from chassis.refusal import Conflict
from services.identity.commands import issuing
from tests.identity.house import NEW_PASSWORD, House, Person, form, some_number


@pytest.mark.parametrize("kind", ["municipality", "provider"])
async def test_an_organisation_goes_through_all_eight_steps(house: House, kind: str) -> None:
    shown = (await house.get("/guidelines")).expect(200).body["items"]
    version = next(g["version"] for g in shown if g["organisation_kind"] == kind)
    asked, token = await house.requested(kind=kind, guideline_version=version)
    looked = (await house.post("/links/look", {"token": token})).expect(200).body
    assert (looked["purpose"], looked["state"]) == ("account_link", "usable")
    done = (await house.post("/account-requests/confirm", {"token": token})).expect(200).body
    letter = (await house.letters(asked["email"]))[-1]
    assert (letter.template, letter.values["sign_in_id"]) == ("account_issued", done["sign_in_id"])
    assert await house.set_password(done["password_token"]) == done["sign_in_id"]
    person = await house.sign_in(Person(done["sign_in_id"]))
    me = (await house.get("/me", person.token)).expect(200).body
    assert me["organisation"]["account_state"] == "active"
    assert me["organisation"]["organisation_code"] == asked["organisation_code"]
    assert me["roles"] == ["admin", "editor"]
    assert [f["type"].split(".")[2] for f in await house.facts("identity.account.")] == [
        "requested",
        "issued",
        "member_joined",
        "activated",
    ]


async def test_the_id_of_a_municipality_is_made_of_its_code(house: House) -> None:
    asked, done = await house.issued()
    assert done["sign_in_id"] == f"m{asked['organisation_code']}-01"
    _, done = await house.issued(kind="provider")
    assert done["sign_in_id"][0] == "p"


async def test_links_begin_with_the_configured_origin_whatever_the_request_claims(
    house: House,
) -> None:
    asked = form()
    forged = {
        "Host": "evil.example",
        "X-Forwarded-Host": "evil.example",
        "Forwarded": "host=evil.example",
    }
    (await house.post("/account-requests", asked, headers=forged)).expect(202)
    await house.settle()
    (letter,) = await house.letters(asked["email"])
    assert letter.values["link"].startswith("https://machipo.example/accounts/confirm/")


async def test_looking_at_a_link_changes_nothing(house: House) -> None:
    _, token = await house.requested()
    async with transaction(house.pool) as conn:
        before = await conn.fetch("SELECT * FROM links, accounts")
    for _ in range(5):
        (await house.post("/links/look", {"token": token})).expect(200)
    (await house.ask("GET", "/api/v1/identity/links/look")).expect(405)
    async with transaction(house.pool) as conn:
        assert await conn.fetch("SELECT * FROM links, accounts") == before
    (await house.post("/account-requests/confirm", {"token": token})).expect(200)


async def test_a_link_works_once(house: House) -> None:
    _, token = await house.requested()
    done = (await house.post("/account-requests/confirm", {"token": token})).expect(200).body
    (await house.post("/account-requests/confirm", {"token": token})).refused(410, "link-used")
    await house.set_password(done["password_token"])
    again = {"token": done["password_token"], "password": NEW_PASSWORD}
    (await house.post("/passwords", again)).refused(410, "link-used")
    assert (await house.post("/links/look", {"token": token})).body["state"] == "used"


async def test_two_who_confirm_one_link_at_once_get_one_account(house: House) -> None:
    _, token = await house.requested()
    answers = await asyncio.gather(
        *(house.post("/account-requests/confirm", {"token": token}) for _ in range(6))
    )
    assert sorted(a.status for a in answers) == [200, 410, 410, 410, 410, 410]
    assert len(await house.facts("identity.account.issued")) == 1


async def test_two_requests_for_one_organisation_confirmed_at_once_make_one_account(
    house: House,
) -> None:
    number = some_number()
    tokens = [
        (await house.requested(kind="provider", organisation_code=number))[1] for _ in range(3)
    ]
    answers = await asyncio.gather(
        *(house.post("/account-requests/confirm", {"token": t}) for t in tokens)
    )
    assert sorted(a.status for a in answers) == [200, 409, 409]
    refused = [a.body["code"] for a in answers if a.status == 409]
    assert refused == ["organisation-has-account"] * 2


async def test_a_link_works_for_a_day(house: House) -> None:
    _, token = await house.requested()
    await house.pass_time("links", "created_at, expires_at", 24)
    assert (await house.post("/links/look", {"token": token})).body["state"] == "expired"
    answer = await house.post("/account-requests/confirm", {"token": token})
    answer.refused(410, "link-expired")


async def test_an_expired_link_is_renewed_and_dead_from_then_on(house: House) -> None:
    asked, first = await house.requested()
    await house.pass_time("links", "created_at, expires_at", 25)
    looked = (await house.post("/links/look", {"token": first})).body
    assert (looked["state"], looked["renewable"]) == ("expired", True)
    (await house.post("/links/renew", {"token": first})).expect(202)
    await house.settle()
    second = await house.mailed_token(asked["email"])
    assert second != first
    answer = await house.post("/account-requests/confirm", {"token": first})
    answer.refused(410, "link-replaced")
    (await house.post("/account-requests/confirm", {"token": second})).expect(200)


async def test_a_second_request_of_one_address_ends_the_first(house: House) -> None:
    asked, first = await house.requested()
    (await house.post("/account-requests", form(email=asked["email"].upper()))).expect(202)
    await house.settle()
    answer = await house.post("/account-requests/confirm", {"token": first})
    answer.refused(410, "link-replaced")
    assert len(await house.facts("identity.account.request_expired")) == 1


async def test_a_request_nobody_confirms_ends_after_a_week(house: House) -> None:
    asked, token = await house.requested()
    await house.pass_time("account_requests", "requested_at", 24 * 6)
    await house.clerk.end()
    assert await house.facts("identity.account.request_expired") == []
    await house.pass_time("account_requests", "requested_at", 25)
    await house.clerk.end()
    assert len(await house.facts("identity.account.request_expired")) == 1
    (await house.post("/account-requests/confirm", {"token": token})).refused(410, "link-replaced")
    (await house.post("/account-requests", form(email=asked["email"]))).expect(202)
    await house.settle()
    assert len(await house.facts("identity.account.requested")) == 2


async def test_what_an_ended_request_said_of_a_person_is_forgotten(house: House) -> None:
    await house.requested()
    await house.pass_time("account_requests", "requested_at", 24 * 31)
    await house.clerk.end()
    await house.clerk.forget()
    async with transaction(house.pool) as conn:
        assert await conn.fetchval("SELECT count(*) FROM account_requests") == 0


async def test_an_address_is_mailed_so_often_and_no_more(house: House) -> None:
    asked, token = await house.requested()
    for _ in range(10):
        (await house.post("/links/renew", {"token": token})).expect(202)
        await house.settle()
        token = await house.mailed_token(asked["email"])
    assert len(await house.letters(asked["email"])) == house.office.terms.mails_an_hour
    await house.pass_time("mailings", "at", 1.1)
    (await house.post("/links/renew", {"token": token})).expect(202)
    await house.settle()
    assert len(await house.letters(asked["email"])) == house.office.terms.mails_an_hour + 1


async def test_the_form_is_folded_before_it_is_checked(house: House) -> None:
    asked = form(
        contact_kana="ｼｹﾝ はなこ", phone="０３-１２３４-５６７８", organisation_name=" 試験 市 "
    )
    code = str(asked["organisation_code"])
    asked["organisation_code"] = code[:3].translate({ord("1"): "１"}) + "-" + code[3:]
    (await house.post("/account-requests", asked)).expect(202)
    await house.settle()
    async with transaction(house.pool) as conn:
        row = await conn.fetchrow("SELECT * FROM accounts JOIN account_requests USING (account_id)")
    assert row is not None
    assert (row["contact_kana"], row["phone"]) == ("シケン ハナコ", "0312345678")
    assert (row["organisation_code"], row["organisation_name"]) == (code, "試験 市")


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("organisation_code", "172030", "municipality_code_check_digit"),
        ("organisation_code", "1720", "municipality_code_shape"),
        ("email", "tantou@localhost", "email_shape"),
        ("email", "tantou@city.example.jp\r\nBcc: all@example.jp", "email_shape"),
        ("email", "a..b@example.jp", "email_shape"),
        ("contact_kana", "試験", "kana"),
        ("phone", "12345", "phone_shape"),
        ("guideline_version", "2022-09-13", "guideline_not_current"),
        ("organisation_name", "   ", "missing"),
        ("organisation_name", "あ" * 101, "string_too_long"),
        ("contact_name", 5, "string_type"),
        ("organisation_kind", "secretariat", "literal_error"),
    ],
)
async def test_a_wrong_field_is_named_and_nothing_is_kept(
    house: House, field: str, value: Any, code: str
) -> None:
    answer = (await house.post("/account-requests", form() | {field: value})).expect(422)
    assert [(e["field"], e["code"]) for e in answer.body["errors"]] == [(field, code)]
    assert all(
        "不正" not in e["detail"] and "無効" not in e["detail"] for e in answer.body["errors"]
    )
    async with transaction(house.pool) as conn:
        assert await conn.fetchval("SELECT count(*) FROM asks") == 0


async def test_twelve_digits_that_pass_for_a_my_number_are_refused(house: House) -> None:
    answer = await house.post("/account-requests", form(department="担当 1234-5678-9018"))
    answer.refused(422, "individual-number-refused")
    assert b"5678" not in answer.raw


async def test_a_token_of_another_purpose_opens_nothing(house: House) -> None:
    _, token = await house.requested()
    body = {"token": token, "password": NEW_PASSWORD}
    (await house.post("/passwords", body)).refused(404, "no-such-link")
    _, done = await house.issued()
    answer = await house.post("/account-requests/confirm", {"token": done["password_token"]})
    answer.refused(404, "no-such-link")
    (await house.post("/links/look", {"token": "A" * 43})).refused(404, "no-such-link")


async def test_tokens_lie_in_the_database_as_hashes_only(house: House) -> None:
    _, done = await house.issued()
    async with transaction(house.pool) as conn:
        rows = await conn.fetch(
            "SELECT l::text AS t FROM links l UNION ALL SELECT e::text FROM events e"
        )
    assert rows
    assert not [row for row in rows if done["password_token"] in row["t"]]


async def test_somebody_who_belongs_already_is_reminded_instead(house: House) -> None:
    asked, done = await house.issued()
    await house.set_password(done["password_token"])
    (await house.post("/account-requests", asked)).expect(202)
    await house.settle()
    assert (await house.letters(asked["email"]))[-1].template == "account_exists"
    assert len(await house.facts("identity.account.requested")) == 1


async def test_only_one_secretariat_is_founded(house: House, desk: Person) -> None:
    with pytest.raises(Conflict):
        async with transaction(house.pool) as conn:
            await issuing.found_secretariat(
                conn,
                house.office,
                name="別の事務局",
                person="誰か",
                email="x@example.jp",
                now=now(),
            )
    assert desk.me["organisation_kind"] == "secretariat"
