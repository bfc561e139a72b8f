"""The secretariat's desk: accounts, their end, provisional accounts."""

from datetime import timedelta

import pytest

from chassis.clock import today
from chassis.database import reading
from tests.identity.house import House, Person, Said, some_code

IMPORT = "/provisional-accounts/import"
CSV = {"Content-Type": "text/csv"}


def table(*codes: str, day: str = "") -> bytes:
    """A table of municipalities."""
    lines = [f"{code},仮{n}市,担当 {n},kari{code}@example.jp,{day}" for n, code in enumerate(codes)]
    return "\r\n".join(["団体コード,団体名,担当者氏名,メールアドレス,切替日", *lines]).encode(
        "utf-8-sig"
    )


async def bring_in(house: House, desk: Person, raw: bytes, query: str = "") -> Said:
    """Import a table."""
    return await house.post(IMPORT + query, raw=raw, token=desk.token, headers=CSV)


async def test_the_desk_finds_accounts_by_state_kind_and_words(house: House, desk: Person) -> None:
    asked, _ = await house.requested()
    person = await house.account(kind="provider", organisation_name="かもめペイ株式会社")
    got = (await house.get("/accounts?state=requested", desk.token)).expect(200).body
    assert [a["organisation_code"] for a in got["items"]] == [asked["organisation_code"]]
    assert got["counts"] == {"active": 2, "requested": 1}
    for query in ("q=かもめ", f"q={person.sign_in_id}", "kind=provider"):
        got = (await house.get(f"/accounts?{query}", desk.token)).expect(200).body
        assert [a["account_id"] for a in got["items"]] == [str(person.account_id)], query


async def test_the_list_is_paged_without_gaps(house: House, desk: Person) -> None:
    for _ in range(4):
        await house.requested()
    seen, after = [], ""
    while True:
        page = (await house.get(f"/accounts?limit=2{after}", desk.token)).expect(200).body
        seen += [a["account_id"] for a in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert len(seen) == len(set(seen)) == page["total"] == 5
    (await house.get("/accounts?after=x", desk.token)).refused(400, "cursor-unknown")
    (await house.get("/accounts?limit=101", desk.token)).refused(422, "parameters-invalid")


async def test_one_account_is_shown_with_its_people(house: House, desk: Person) -> None:
    asked, done = await house.issued()
    items = (await house.get("/accounts?state=issued", desk.token)).expect(200).body["items"]
    got = (await house.get(f"/accounts/{items[0]['account_id']}", desk.token)).expect(200).body
    assert got["requester"]["email"] == asked["email"]
    assert [p["sign_in_id"] for p in got["people"]] == [done["sign_in_id"]]


async def test_others_do_not_come_to_the_desk(house: House, desk: Person) -> None:
    person = await house.account()
    for path in ("/accounts", f"/accounts/{desk.account_id}", "/provisional-accounts"):
        (await house.get(path, person.token)).refused(403, "organisation-kind")
    refused = await house.post(
        f"/accounts/{person.account_id}/close", {"reason": "x"}, token=person.token
    )
    refused.refused(403, "organisation-kind")


async def test_a_closed_account_is_closed_everywhere(house: House, desk: Person) -> None:
    admin = await house.account(kind="provider")
    client = {"name": "x", "scopes": ["registry:read"]}
    (await house.post("/clients", client, token=admin.token)).expect(201)
    path = f"/accounts/{admin.account_id}/close"
    got = (await house.post(path, {"reason": "事業の終了"}, token=desk.token)).expect(200).body
    assert (got["state"], got["close_reason"]) == ("closed", "事業の終了")
    (await house.exchange(admin)).refused(401, "session-over")
    (await house.knock(admin)).refused(401, "sign-in-refused")
    said = [f["type"] for f in await house.facts("identity.")][-3:]
    assert sorted(said) == [
        "identity.account.closed.v1",
        "identity.client.revoked.v1",
        "identity.session.ended.v1",
    ]
    (await house.post(path, {"reason": "もう一度"}, token=desk.token)).refused(409, "account-over")


async def test_after_a_close_the_organisation_may_ask_again(house: House, desk: Person) -> None:
    asked, done = await house.issued()
    items = (await house.get("/accounts?state=issued", desk.token)).expect(200).body["items"]
    path = f"/accounts/{items[0]['account_id']}/close"
    (await house.post(path, {"reason": "担当の誤り"}, token=desk.token)).expect(200)
    _, again = await house.issued(organisation_code=asked["organisation_code"])
    assert again["sign_in_id"] != done["sign_in_id"]


async def test_the_secretariat_does_not_close_itself(house: House, desk: Person) -> None:
    path = f"/accounts/{desk.account_id}/close"
    answer = await house.post(path, {"reason": "x"}, token=desk.token)
    answer.refused(409, "account-of-secretariat")


async def test_the_desk_mails_a_fresh_link(house: House, desk: Person) -> None:
    asked, first = await house.requested()
    items = (await house.get("/accounts?state=requested", desk.token)).expect(200).body["items"]
    path = f"/accounts/{items[0]['account_id']}/renew-link"
    (await house.post(path, token=desk.token)).expect(200)
    second = await house.mailed_token(asked["email"])
    (await house.post("/account-requests/confirm", {"token": first})).refused(410, "link-replaced")
    (await house.post("/account-requests/confirm", {"token": second})).expect(200)
    (await house.post(path, token=desk.token)).expect(200)
    assert (await house.letters(asked["email"]))[-1].template == "account_issued"


async def test_a_dry_run_changes_nothing(house: House, desk: Person) -> None:
    got = await bring_in(house, desk, table(some_code(), some_code()), "?dry_run=true")
    body = got.expect(200).body
    assert (body["dry_run"], body["rows"], body["imported"], body["errors"]) == (True, 2, 0, [])
    assert body["preview"][0]["団体名"] == "仮0市"
    assert await house.facts("identity.account.imported") == []


async def test_all_rows_are_imported_or_none(house: House, desk: Person) -> None:
    codes = [some_code() for _ in range(3)]
    wrong = codes[1][:5] + str((int(codes[1][5]) + 1) % 10)
    raw = table(codes[0], wrong, codes[2], codes[0])
    tried = (await bring_in(house, desk, raw, "?dry_run=true")).expect(200).body
    assert [(e["row"], e["column"], e["code"]) for e in tried["errors"]] == [
        (3, "団体コード", "municipality_code_check_digit"),
        (5, "団体コード", "code_doubled"),
    ]
    refused = (await bring_in(house, desk, raw)).refused(422, "rows-invalid")
    assert [e["field"] for e in refused.body["errors"]] == [
        "rows.3.団体コード",
        "rows.5.団体コード",
    ]
    assert await house.facts("identity.account.imported") == []


async def test_an_organisation_with_an_account_is_not_imported(house: House, desk: Person) -> None:
    asked, _ = await house.issued()
    raw = table(some_code(), asked["organisation_code"])
    refused = (await bring_in(house, desk, raw)).refused(422, "rows-invalid")
    assert [(e["field"], e["code"]) for e in refused.body["errors"]] == [
        ("rows.3.団体コード", "account_exists")
    ]


async def test_a_provisional_account_is_used_and_promoted_by_itself(
    house: House, desk: Person
) -> None:
    code = some_code()
    later = today() + timedelta(days=30)
    (await bring_in(house, desk, table(code), f"?promote_on={later}")).expect(200)
    token = await house.mailed_token(f"kari{code}@example.jp", "account_activation")
    person = await house.sign_in(Person(await house.set_password(token)))
    assert person.sign_in_id == f"m{code}-01"
    assert (person.me["account_state"], person.me["notice"]) == ("provisional", None)
    assert not await house.clerk.promote()
    await house.pass_time("accounts", "promote_on", 24 * 30)
    assert await house.clerk.promote()
    (await house.exchange(person)).expect(200)
    assert person.me["account_state"] == "active"
    again = await house.sign_in(Person(person.sign_in_id))
    assert again.me["notice"] == "promoted"
    once_more = await house.sign_in(Person(person.sign_in_id))
    assert once_more.me["notice"] is None
    (fact,) = await house.facts("identity.account.promoted")
    assert fact["organisation_code"] == code


async def test_a_first_sign_in_on_the_day_promotes_without_waiting_for_the_job(
    house: House, desk: Person
) -> None:
    code = some_code()
    (await bring_in(house, desk, table(code), f"?promote_on={today()}")).expect(200)
    token = await house.mailed_token(f"kari{code}@example.jp")
    person = await house.sign_in(Person(await house.set_password(token)))
    assert (person.me["account_state"], person.me["notice"]) == ("active", "promoted")
    listed = (await house.get("/provisional-accounts", desk.token)).expect(200).body
    assert (listed["waiting"], listed["promoted"]) == (0, 1)


async def test_who_has_a_provisional_account_needs_no_other(house: House, desk: Person) -> None:
    code = some_code()
    later = today() + timedelta(days=30)
    (await bring_in(house, desk, table(code), f"?promote_on={later}")).expect(200)
    _, token = await house.requested(organisation_code=code)
    refused = await house.post("/account-requests/confirm", {"token": token})
    refused.refused(409, "provisional-account-exists")
    # The contact person asks: the link of the provisional account is mailed again.
    asked = {"email": f"kari{code}@example.jp", "organisation_code": code}
    await house.requested(**asked)
    assert (await house.letters(asked["email"]))[-1].template == "account_activation"


async def test_thousands_of_rows_are_imported_at_once(house: House, desk: Person) -> None:
    codes = [some_code() for _ in range(1500)]
    got = (await bring_in(house, desk, table(*codes))).expect(200).body
    assert got["imported"] == 1500
    # The minute of the first token may be over by now.
    await house.exchange(desk)
    page = (await house.get("/provisional-accounts?limit=100", desk.token)).expect(200).body
    assert (page["waiting"], len(page["items"])) == (1500, 100)
    more = await house.get(f"/provisional-accounts?limit=100&after={page['next']}", desk.token)
    firsts = [i["organisation_code"] for i in page["items"] + more.expect(200).body["items"]]
    assert firsts == sorted(codes)[:200]


@pytest.mark.parametrize(
    ("raw", "headers", "status", "code"),
    [
        (table("172031").decode("utf-8-sig").encode("cp932"), CSV, 422, "csv-shift-jis"),
        (table("172031"), {"Content-Type": "application/json"}, 415, "content-type-unknown"),
        (b"x" * (2 * 1024 * 1024 + 1), CSV, 413, "body-too-large"),
        (
            table("172031") + "\n372064,123456789018市,x,a@example.jp,".encode(),
            CSV,
            422,
            "individual-number-refused",
        ),
    ],
)
async def test_a_file_of_another_kind_is_refused(
    house: House, desk: Person, raw: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    answer = await house.post(IMPORT, raw=raw, token=desk.token, headers=headers)
    answer.refused(status, code)
    async with reading(house.pool) as conn:
        assert (
            await conn.fetchval("SELECT count(*) FROM accounts WHERE promote_on IS NOT NULL") == 0
        )
