"""What the database itself refuses, whoever asks: tests that go around the code."""

from typing import Any

import pytest

from chassis.database import CheckViolation, Connection, UniqueViolation, reading, transaction
from tests.identity.house import House, Person

ALL = ("requested", "mail_bounced", "expired", "provisional", "issued", "active", "closed")
ALLOWED = {
    "requested": {"mail_bounced", "expired", "issued", "closed"},
    "mail_bounced": {"requested", "expired", "issued", "closed"},
    "expired": set(),
    "provisional": {"issued", "active", "closed"},
    "issued": {"active", "closed"},
    "active": {"closed"},
    "closed": set(),
}
#: What a row needs besides its state, so that nothing but the transition can be wrong.
_WITH = """
    sign_in_prefix = CASE WHEN $2 IN ('requested', 'mail_bounced', 'expired') THEN NULL
                          ELSE 'm' || organisation_code END,
    issued_at = CASE WHEN $2 IN ('issued', 'active') THEN now() END,
    activated_at = CASE WHEN $2 = 'active' THEN now() END,
    promote_on = CASE WHEN $2 = 'provisional' THEN current_date END,
    closed_at = CASE WHEN $2 = 'closed' THEN now() END,
    close_reason = CASE WHEN $2 = 'closed' THEN 'x' END
"""


async def _account_in(conn: Connection, state: str, code: str = "172031") -> Any:
    """An account that came to ``state`` by the ways that are allowed."""
    first = "provisional" if state == "provisional" else "requested"
    account_id = await conn.fetchval(
        """
        INSERT INTO accounts (account_id, revision, organisation_kind, organisation_code, organisation_name, state,
                              sign_in_prefix, promote_on, created_at)
        VALUES (gen_random_uuid(), 1, 'municipality', $1, '試験市', $2::text,
                CASE WHEN $2 = 'provisional' THEN 'm' || $1 END,
                CASE WHEN $2 = 'provisional' THEN current_date END, now())
        RETURNING account_id
        """,
        code,
        first,
    )
    steps = {"active": ["issued", "active"]}.get(state, [] if state == first else [state])
    for step in steps:
        await _move(conn, account_id, step)
    return account_id


async def _move(conn: Connection, account_id: Any, state: str) -> None:
    await conn.execute(
        f"UPDATE accounts SET revision = revision + 1, state = $2, {_WITH} WHERE account_id = $1",
        account_id,
        state,
    )


@pytest.mark.parametrize(
    ("old", "new"), [(o, n) for o in ALL for n in ALL if n != o and n not in ALLOWED[o]]
)
async def test_an_account_never_goes_a_way_that_is_not_allowed(
    conn: Connection, old: str, new: str
) -> None:
    account_id = await _account_in(conn, old)
    with pytest.raises(CheckViolation):
        await _move(conn, account_id, new)


@pytest.mark.parametrize(("old", "new"), [(o, n) for o in ALL for n in sorted(ALLOWED[o])])
async def test_an_account_goes_the_ways_that_are_allowed(
    conn: Connection, old: str, new: str
) -> None:
    await _move(conn, await _account_in(conn, old), new)


async def test_an_organisation_has_one_account(conn: Connection) -> None:
    await _account_in(conn, "issued")
    with pytest.raises(UniqueViolation):
        await _account_in(conn, "provisional")


@pytest.mark.parametrize(
    "change",
    [
        "state = 'active', activated_at = now()",  # without a new revision
        "revision = revision - 1",
        "organisation_kind = 'provider'",
        "sign_in_prefix = 'm999999'",
        "organisation_code = '17203'",
    ],
)
async def test_what_an_account_is_stays(conn: Connection, change: str) -> None:
    account_id = await _account_in(conn, "issued")
    with pytest.raises(CheckViolation):
        await conn.execute(f"UPDATE accounts SET {change} WHERE account_id = $1", account_id)


async def test_nobody_begins_as_a_full_account(conn: Connection) -> None:
    with pytest.raises(CheckViolation, match="begins with a request"):
        await conn.execute(
            "INSERT INTO accounts (account_id, revision, organisation_kind, organisation_code, organisation_name,"
            " state, sign_in_prefix, issued_at, created_at) VALUES (gen_random_uuid(), 1, 'provider',"
            " '6901700000011', 'x', 'issued', 'pabcde', now(), now())"
        )


@pytest.mark.parametrize(
    "change",
    [
        "state = 'invited', password_hash = NULL",
        "password_hash = NULL",
        "password_hash = 'plain text'",
        "sign_in_id = 'm999999-01'",
        "roles = '{}'",
        "roles = '{king}'",
        "state = 'removed'",
        "totp = 'x'",
    ],
)
async def test_what_a_member_is_stays(house: House, change: str) -> None:
    person = await house.account()
    with pytest.raises(CheckViolation):
        async with transaction(house.pool) as conn:
            await conn.execute(
                f"UPDATE members SET {change} WHERE member_id = $1", person.member_id
            )


async def test_a_used_code_stays_used(house: House, desk: Person) -> None:
    with pytest.raises(CheckViolation, match="stays used"):
        async with transaction(house.pool) as conn:
            await conn.execute("UPDATE members SET totp_step = totp_step - 1")
    assert desk.secret


async def test_a_link_never_comes_back(house: House) -> None:
    await house.issued()
    for change in (
        "used_at = NULL",
        "used_at = now()",
        "replaced_at = now()",
        "expires_at = now() + interval '1 day'",
    ):
        with pytest.raises(CheckViolation):
            async with transaction(house.pool) as conn:
                await conn.execute(f"UPDATE links SET {change} WHERE purpose = 'account_link'")


async def test_one_link_for_one_purpose_is_alive(house: House) -> None:
    await house.requested()
    with pytest.raises(UniqueViolation):
        async with transaction(house.pool) as conn:
            await conn.execute(
                "INSERT INTO links SELECT gen_random_uuid(), account_id, member_id, purpose,"
                " sha256('other'), created_at, expires_at FROM links"
            )


@pytest.mark.parametrize(
    "change",
    [
        "state = 'open', ended_at = NULL, end_reason = NULL",
        "ends_at = ends_at + interval '1 hour'",
    ],
)
async def test_an_ended_session_stays_ended(house: House, change: str) -> None:
    person = await house.account()
    (await house.internal("/sessions/end", {"session": person.session})).expect(204)
    with pytest.raises(CheckViolation):
        async with transaction(house.pool) as conn:
            await conn.execute(f"UPDATE sessions SET {change}")


async def test_a_session_never_opens_without_its_second_factor(house: House, desk: Person) -> None:
    (await house.knock(desk)).expect(200)
    with pytest.raises(CheckViolation, match="second factor"):
        async with transaction(house.pool) as conn:
            await conn.execute("UPDATE sessions SET state = 'open' WHERE state = 'second_factor'")


async def test_a_revoked_client_stays_revoked(house: House) -> None:
    admin = await house.account(kind="provider")
    body = {"name": "x", "scopes": ["registry:read"]}
    made = (await house.post("/clients", body, token=admin.token)).expect(201).body
    path = f"/api/v1/identity/clients/{made['client']['client_id']}"
    (await house.ask("DELETE", path, token=admin.token)).expect(204)
    with pytest.raises(CheckViolation):
        async with transaction(house.pool) as conn:
            await conn.execute(
                "UPDATE clients SET revision = revision + 1, state = 'active', revoked_at = NULL"
            )


async def test_members_belong_to_accounts_that_are_issued(house: House) -> None:
    await house.requested()
    with pytest.raises(CheckViolation, match="issued"):
        async with transaction(house.pool) as conn:
            await conn.execute(
                "INSERT INTO members (member_id, account_id, sign_in_id, name, email, email_key, roles, state,"
                " invited_at) SELECT gen_random_uuid(), account_id, 'm172031-01', 'x', 'x', 'x', '{admin}',"
                " 'invited', now() FROM accounts"
            )


async def test_the_application_may_not_touch_what_was_said(house: House) -> None:
    await house.requested()
    async with reading(house.pool) as conn:
        for statement in ("UPDATE events SET body = ''", "DELETE FROM events", "DELETE FROM audit"):
            with pytest.raises(Exception, match="permission denied"):
                await conn.execute(statement)
