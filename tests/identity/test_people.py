"""The people of an organisation: invited, given roles, removed; somebody always remains who may."""

import asyncio
from uuid import uuid4

import pytest

from chassis.database import CheckViolation, reading, transaction
from tests.identity.house import House, Person, Said


async def change(house: House, admin: Person, member: Person, *roles: str) -> Said:
    """Give a member other roles."""
    path = f"/api/v1/identity/members/{member.member_id}"
    return await house.ask("PATCH", path, {"roles": list(roles)}, token=admin.token)


async def remove(house: House, admin: Person, member: Person) -> Said:
    """Take a member out."""
    path = f"/api/v1/identity/members/{member.member_id}"
    return await house.ask("DELETE", path, token=admin.token)


async def test_an_invited_person_joins_by_the_mailed_link(house: House) -> None:
    admin = await house.account()
    body = {"name": "試験 太郎", "email": "taro@example.jp", "roles": ["viewer"]}
    made = (await house.post("/members", body, token=admin.token)).expect(201).body
    assert (made["state"], made["sign_in_id"][-3:]) == ("invited", "-02")
    token = await house.mailed_token("taro@example.jp", "invitation")
    looked = (await house.post("/links/look", {"token": token})).expect(200).body
    assert (looked["purpose"], looked["member_name"], looked["roles"]) == (
        "invitation",
        "試験 太郎",
        ["viewer"],
    )
    person = await house.sign_in(Person(await house.set_password(token)))
    assert person.me["organisation_id"] == str(admin.account_id)
    people = (await house.get("/members", person.token)).expect(200).body["items"]
    assert [p["state"] for p in people] == ["joined", "joined"]
    assert (await house.facts("identity.account.member_joined"))[-1]["roles"] == ["viewer"]


async def test_only_admins_look_after_the_others(house: House) -> None:
    admin = await house.account()
    viewer = await house.invited(admin, "viewer")
    body = {"name": "誰か", "email": "dareka@example.jp", "roles": ["admin"]}
    (await house.post("/members", body, token=viewer.token)).refused(403, "role-missing")
    (await change(house, viewer, viewer, "admin")).refused(403, "role-missing")


async def test_people_of_another_organisation_are_not_there(house: House) -> None:
    one, other = await house.account(), await house.account(kind="provider")
    for answer in (await change(house, one, other, "viewer"), await remove(house, one, other)):
        answer.refused(404, "no-such-member")
    path = f"/members/{other.member_id}/resend"
    (await house.post(path, token=one.token)).refused(404, "no-such-member")
    people = (await house.get("/members", one.token)).expect(200).body["items"]
    assert [p["member_id"] for p in people] == [str(one.member_id)]


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"roles": ["operator"]}, 422, "roles-not-assignable"),
        ({"roles": []}, 422, "fields-invalid"),
        ({"roles": ["queen"]}, 422, "fields-invalid"),
        ({"email": "not an address"}, 422, "fields-invalid"),
        ({"name": "　"}, 422, "fields-invalid"),
        ({"password": "x"}, 422, "fields-invalid"),
    ],
)
async def test_an_invitation_that_cannot_be_is_refused(
    house: House, changes: dict[str, object], status: int, code: str
) -> None:
    admin = await house.account()
    body = {"name": "試験 太郎", "email": "taro@example.jp", "roles": ["viewer"]} | changes
    (await house.post("/members", body, token=admin.token)).refused(status, code)
    assert await house.facts("identity.account.member_invited") == []


async def test_one_address_is_invited_once(house: House) -> None:
    admin = await house.account()
    body = {"name": "試験 太郎", "email": "taro@example.jp", "roles": ["viewer"]}
    (await house.post("/members", body, token=admin.token)).expect(201)
    again = await house.post("/members", body | {"email": "TARO@example.jp"}, token=admin.token)
    again.refused(409, "member-exists")


async def test_a_repeat_of_the_same_invitation_gets_the_same_answer(house: House) -> None:
    admin = await house.account()
    body = {"name": "試験 太郎", "email": "taro@example.jp", "roles": ["viewer"]}
    key = str(uuid4())
    first = await house.post("/members", body, token=admin.token, key=key)
    again = await house.post("/members", body, token=admin.token, key=key)
    assert (again.status, again.raw) == (201, first.raw)
    other = await house.post("/members", body | {"name": "別人"}, token=admin.token, key=key)
    other.refused(422, "idempotency-key-reused")
    assert len(await house.facts("identity.account.member_invited")) == 1


async def test_rights_that_are_taken_away_are_gone_at_once(house: House) -> None:
    admin = await house.account()
    editor = await house.invited(admin, "editor", "viewer")
    (await change(house, admin, editor, "viewer")).expect(200)
    (await house.exchange(editor)).refused(401, "session-over")
    ended = (await house.facts("identity.session.ended"))[-1]
    assert (ended["session_id"], ended["reason"]) == (editor.me["session_id"], "rights-changed")
    editor = await house.sign_in(editor)
    (await change(house, admin, editor, "viewer", "reviewer")).expect(200)
    (await house.exchange(editor)).expect(200)
    assert editor.me["roles"] == ["reviewer", "viewer"]


async def test_a_role_that_asks_for_a_second_factor_needs_a_new_sign_in(house: House) -> None:
    admin = await house.account()
    viewer = await house.invited(admin, "viewer")
    (await change(house, admin, viewer, "viewer", "approver")).expect(200)
    (await house.exchange(viewer)).refused(401, "session-over")
    assert (await house.knock(viewer)).expect(200).body["state"] == "second_factor_setup"


async def test_somebody_removed_is_gone_everywhere(house: House) -> None:
    admin = await house.account()
    editor = await house.invited(admin, "editor")
    (await remove(house, admin, editor)).expect(204)
    (await house.exchange(editor)).refused(401, "session-over")
    (await house.knock(editor)).refused(401, "sign-in-refused")
    (await remove(house, admin, editor)).refused(409, "member-removed")


async def test_the_last_admin_stays(house: House) -> None:
    admin = await house.account()
    (await change(house, admin, admin, "viewer")).refused(409, "last-admin")
    (await remove(house, admin, admin)).refused(409, "last-admin")
    invited = {"name": "後任", "email": "kounin@example.jp", "roles": ["admin"]}
    (await house.post("/members", invited, token=admin.token)).expect(201)
    (await remove(house, admin, admin)).refused(409, "last-admin")
    await house.set_password(await house.mailed_token("kounin@example.jp"))
    (await remove(house, admin, admin)).expect(204)


async def test_two_admins_who_step_down_at_once_leave_one(house: House) -> None:
    one = await house.account()
    two = await house.invited(one, "admin")
    answers = await asyncio.gather(
        change(house, one, one, "viewer"), change(house, two, two, "viewer")
    )
    assert sorted(a.status for a in answers) == [200, 409]


async def test_the_database_keeps_an_admin_by_itself(house: House) -> None:
    one = await house.account()
    two = await house.invited(one, "admin")
    statement = "UPDATE members SET roles = ARRAY['viewer'] WHERE member_id = $1"
    both_looked = asyncio.Barrier(2)

    async def step_down(person: Person) -> bool:
        try:
            async with transaction(house.pool) as conn:
                await conn.execute(statement, person.member_id)
                await both_looked.wait()
        except CheckViolation:
            return False
        return True

    assert sorted(await asyncio.gather(step_down(one), step_down(two))) == [False, True]
    async with reading(house.pool) as conn:
        admins = await conn.fetchval("SELECT count(*) FROM members WHERE 'admin' = ANY (roles)")
    assert admins == 1


async def test_an_invitation_is_mailed_again_and_the_old_link_is_dead(house: House) -> None:
    admin = await house.account()
    body = {"name": "試験 太郎", "email": "taro@example.jp", "roles": ["viewer"]}
    made = (await house.post("/members", body, token=admin.token)).expect(201).body
    first = await house.mailed_token("taro@example.jp")
    (await house.post(f"/members/{made['member_id']}/resend", token=admin.token)).expect(200)
    second = await house.mailed_token("taro@example.jp", "invitation")
    assert second != first
    refused = await house.post("/passwords", {"token": first, "password": "すずめのおやど-みっつ"})
    refused.refused(410, "link-replaced")
    await house.set_password(second)
    again = await house.post(f"/members/{made['member_id']}/resend", token=admin.token)
    again.refused(409, "member-not-invited")
