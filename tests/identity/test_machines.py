"""Machine clients: made, rotated with overlap, revoked; tokens for those who show their secret."""

import base64
from typing import Any
from urllib.parse import urlencode

import pytest

from chassis.database import reading, transaction
from tests.identity.house import House, Person, Said

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def make(house: House, admin: Person, **changes: Any) -> dict[str, Any]:
    """A new client with its secret."""
    body = {"name": "登録情報の取り込み", "scopes": ["registry:read"]} | changes
    made: dict[str, Any] = (await house.post("/clients", body, token=admin.token)).expect(201).body
    return made


async def token(house: House, client_id: str, secret: str, **more: str) -> Said:
    """Ask for a token as a system does."""
    fields = {
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_secret": secret,
    } | more
    raw = urlencode({k: v for k, v in fields.items() if v != "-"}).encode()
    return await house.post("/oauth/token", raw=raw, headers=FORM, key=None)


async def test_a_client_that_shows_its_secret_gets_a_token(house: House) -> None:
    admin = await house.account(kind="provider")
    made = await make(house, admin)
    got = (await token(house, made["client"]["client_id"], made["client_secret"])).expect(200)
    assert got.body["token_type"] == "Bearer"
    assert got.body["expires_in"] <= 600
    assert got.headers["Cache-Control"] == "no-store"
    principal = house.keys("registry").verify(got.body["access_token"])
    assert (principal.kind, principal.organisation_id) == ("client", admin.account_id)
    assert principal.scopes == {"registry:read"}
    assert principal.roles == frozenset()


async def test_the_secret_may_come_as_http_basic(house: House) -> None:
    made = await make(house, await house.account(kind="provider"))
    pair = f"{made['client']['client_id']}:{made['client_secret']}"
    headers = FORM | {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
    raw = b"grant_type=client_credentials&scope=registry%3Aread"
    (await house.post("/oauth/token", raw=raw, headers=headers, key=None)).expect(200)
    both = raw + b"&client_id=x"
    refused = await house.post("/oauth/token", raw=both, headers=headers, key=None)
    assert (refused.status, refused.body["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("changes", "status", "word"),
    [
        ({"client_secret": "mcs_wrong"}, 401, "invalid_client"),
        ({"client_id": "01900000-0000-7000-8000-000000000000"}, 401, "invalid_client"),
        ({"client_id": "x"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "-"}, 400, "invalid_request"),
        ({"scope": "registry:write"}, 400, "invalid_scope"),
    ],
)
async def test_other_askers_get_none(
    house: House, changes: dict[str, str], status: int, word: str
) -> None:
    made = await make(house, await house.account(kind="provider"))
    shown = {"client_id": made["client"]["client_id"], "client_secret": made["client_secret"]}
    fields = shown | changes
    name, secret = fields.pop("client_id"), fields.pop("client_secret")
    got = await token(house, name, secret, **fields)
    assert (got.status, got.body["error"]) == (status, word)
    assert got.body["detail"]


async def test_a_doubled_field_is_refused(house: House) -> None:
    raw = b"grant_type=client_credentials&grant_type=client_credentials"
    got = await house.post("/oauth/token", raw=raw, headers=FORM, key=None)
    assert (got.status, got.body["error"]) == (400, "invalid_request")


async def test_a_rotated_secret_works_beside_the_old_one_until_the_overlap_ends(
    house: House,
) -> None:
    admin = await house.account(kind="provider")
    made = await make(house, admin)
    name, first = made["client"]["client_id"], made["client_secret"]
    path = f"/clients/{name}/rotate"
    new = (await house.post(path, {"overlap_hours": 2}, token=admin.token)).expect(200).body
    assert len(new["client"]["secrets"]) == 2
    for secret in (first, new["client_secret"]):
        (await token(house, name, secret)).expect(200)
    await house.pass_time("client_secrets", "expires_at", 2.1)
    (await token(house, name, first)).expect(401)
    (await token(house, name, new["client_secret"])).expect(200)


async def test_a_second_rotation_ends_the_oldest_secret_at_once(house: House) -> None:
    admin = await house.account(kind="provider")
    made = await make(house, admin)
    name, path = made["client"]["client_id"], f"/clients/{made['client']['client_id']}/rotate"
    for _ in range(2):
        last = (await house.post(path, {"overlap_hours": 24}, token=admin.token)).expect(200).body
    (await token(house, name, made["client_secret"])).expect(401)
    assert len(last["client"]["secrets"]) == 2
    now = (await house.post(path, {"overlap_hours": 0}, token=admin.token)).expect(200).body
    assert now["old_secret_until"] is None
    (await token(house, name, last["client_secret"])).expect(401)


async def test_a_revoked_client_asks_for_nothing_and_its_tokens_are_refused(house: House) -> None:
    admin = await house.account(kind="provider")
    made = await make(house, admin)
    name = made["client"]["client_id"]
    path = f"/api/v1/identity/clients/{name}"
    (await house.ask("DELETE", path, token=admin.token)).expect(204)
    (await token(house, name, made["client_secret"])).expect(401)
    (await house.ask("DELETE", path, token=admin.token)).refused(409, "client-revoked")
    assert [f["type"] for f in await house.facts("identity.client.")] == [
        "identity.client.created.v1",
        "identity.client.revoked.v1",
    ]
    async with reading(house.pool) as conn:
        assert await conn.fetchval("SELECT id::text FROM refused") == name


async def test_a_client_stops_while_the_registration_rests(house: House) -> None:
    admin = await house.account(kind="provider")
    made = await make(house, admin)
    for state, status in (("registered", 200), ("suspended", 400), ("registered", 200)):
        async with transaction(house.pool) as conn:
            await conn.execute(
                "INSERT INTO registrations VALUES ($1, 1, $2)"
                " ON CONFLICT (organisation_id) DO UPDATE SET state = $2",
                admin.account_id,
                state,
            )
        got = await token(house, made["client"]["client_id"], made["client_secret"])
        assert got.status == status


async def test_secrets_are_shown_once_and_kept_as_hashes(house: House) -> None:
    admin = await house.account(kind="provider")
    made = await make(house, admin)
    listed = await house.get("/clients", admin.token)
    assert made["client_secret"].encode() not in listed.raw
    async with reading(house.pool) as conn:
        rows = await conn.fetch(
            "SELECT s::text AS t FROM client_secrets s UNION ALL SELECT a::text FROM answers a"
        )
    assert not [r for r in rows if made["client_secret"] in r["t"]]


async def test_clients_of_another_organisation_are_not_there(house: House) -> None:
    one, other = await house.account(kind="provider"), await house.account(kind="provider")
    made = await make(house, one)
    path = f"/api/v1/identity/clients/{made['client']['client_id']}"
    (await house.ask("DELETE", path, token=other.token)).refused(404, "no-such-client")
    assert (await house.get("/clients", other.token)).expect(200).body["items"] == []


async def test_only_scopes_of_the_table_are_given(house: House) -> None:
    admin = await house.account(kind="provider")
    body = {"name": "x", "scopes": ["registry:read", "everything"]}
    (await house.post("/clients", body, token=admin.token)).refused(422, "scopes-not-assignable")


async def test_a_client_is_no_member(house: House) -> None:
    admin = await house.account(kind="provider")
    made = await make(house, admin)
    got = (await token(house, made["client"]["client_id"], made["client_secret"])).expect(200).body
    for path in ("/me", "/members", "/clients", "/me/sessions", "/accounts"):
        assert (await house.get(path, got["access_token"])).status == 403
