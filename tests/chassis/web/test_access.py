"""Who is not named does not come in, whatever the token says of itself."""

import base64
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from chassis import clock
from chassis.access import Keys
from chassis.database import Pool, transaction
from chassis.ended import refuse, refusing
from chassis.refusal import Unauthenticated
from contracts.principal import Principal, Role
from contracts.values import OrganisationKind
from tests.chassis.web.conftest import Client

KeysOf = Callable[[str], Keys]
Token = Callable[..., str]


async def get(client: Client, path: str, token: str | None) -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
    answer = await client.get(f"/api/v1/shop{path}", headers=headers)
    return answer.status, (await answer.json()).get("code", "")


async def test_a_public_read_needs_no_token(client: Client) -> None:
    assert (await client.get("/api/v1/shop/things")).status == 200


async def test_roles_kinds_and_scopes_open_and_nothing_else(client: Client, token: Token) -> None:
    path = f"/things/{uuid4()}"
    found = (404, "no-such-thing")
    assert await get(client, path, None) == (401, "token-missing")
    assert await get(client, path, token()) == found
    assert await get(client, path, token(roles={Role.EDITOR})) == (403, "role-missing")
    as_client = {"kind": "client", "roles": set()}
    assert await get(client, path, token(**as_client)) == (403, "scope-missing")
    assert await get(client, path, token(**as_client, scopes={"shop:read"})) == found


async def test_another_kind_of_organisation_may_not(client: Client, token: Token) -> None:
    answer = await client.post(
        f"/api/v1/shop/things/{uuid4()}",
        json={"name": "箱"},
        headers={
            "Authorization": f"Bearer {token(organisation_kind=OrganisationKind.PROVIDER)}",
            "Idempotency-Key": "key-0001",
        },
    )
    assert (answer.status, (await answer.json())["code"]) == (403, "organisation-kind")


async def test_residents_come_in_where_they_are_named_and_nobody_else_does(
    client: Client, token: Token, keys: KeysOf
) -> None:
    resident = keys("identity").sign(Principal(kind="resident", subject=str(uuid4())))
    assert (await get(client, "/own-things", resident))[0] == 200
    assert await get(client, "/own-things", None) == (401, "token-missing")
    assert await get(client, "/own-things", token()) == (403, "asker-kind")
    as_client = {"kind": "client", "roles": set(), "scopes": {"shop:read"}}
    assert await get(client, "/own-things", token(**as_client)) == (403, "asker-kind")
    assert await get(client, f"/things/{uuid4()}", resident) == (403, "asker-kind")
    own = keys("gateway").for_service("registry")
    assert await get(client, "/own-things", own) == (404, "not-found")


def test_a_desk_session_travels_with_the_token(keys: KeysOf) -> None:
    at_desk = Principal(kind="resident", subject="r", desk_id=uuid4(), session_id=uuid4())
    assert keys("registry").verify(keys("identity").sign(at_desk)) == at_desk


def test_what_was_attested_is_read_back_under_its_issuer_and_kind_only(keys: KeysOf) -> None:
    said = keys("identity").attest(b"so it is", "machipo-proof")
    reader = keys("benefits")
    assert reader.attested(said, "identity", "machipo-proof") == b"so it is"
    head, body, signature = said.split(".")
    forged = [
        (keys("registry").attest(b"so it is", "machipo-proof"), "identity", "machipo-proof"),
        (said, "registry", "machipo-proof"),
        (said, "identity", "machipo-checkpoint"),
        (said, "nobody", "machipo-proof"),
        (f"{head}.{body[:-2]}AA.{signature}", "identity", "machipo-proof"),
        (f"{head}.{body}.", "identity", "machipo-proof"),
        ("", "identity", "machipo-proof"),
    ]
    for text, issuer, kind in forged:
        with pytest.raises(ValueError, match="attested"):
            reader.attested(text, issuer, kind)


async def test_internal_routes_exist_for_our_services_only(
    client: Client, token: Token, keys: KeysOf
) -> None:
    assert await get(client, "/internal/secret", token()) == (404, "not-found")
    own = keys("gateway").for_service("registry")
    assert (await get(client, "/internal/secret", own))[0] == 200
    elsewhere = keys("gateway").for_service("notifications")
    assert (await get(client, "/internal/secret", elsewhere))[0] == 401
    path = f"/things/{uuid4()}"
    assert await get(client, path, own) == (404, "not-found")


def forged(keys: KeysOf) -> dict[str, str]:
    """Tokens that look right and are not."""
    good = keys("identity").sign(Principal(kind="member", subject="m", roles=frozenset(Role)))
    head, body, _ = good.split(".")
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=="))
    stranger = OKPKey.generate_key("Ed25519", {"kid": "identity"})
    public = keys("registry").public("identity").keys[0].as_dict(private=False)

    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    def by(key: Any, algorithm: str, **header: Any) -> str:
        fields = {"alg": algorithm, "kid": "identity", "typ": "machipo+jwt"} | header
        return jwt.encode(fields, claims, key, algorithms=[algorithm])

    confused = OctKey.import_key(json.dumps(public, sort_keys=True))
    return {
        "unsigned": f"{part({'alg': 'none', 'kid': 'identity', 'typ': 'machipo+jwt'})}.{body}.",
        "foreign key": by(stranger, "Ed25519"),
        "key in the header": by(stranger, "Ed25519", jwk=stranger.as_dict(private=False)),
        "public key as a secret": by(confused, "HS256"),
        "cut": good[:-4],
        "other body": f"{head}.{part(claims | {'sub': 'somebody'})}.{good.split('.')[2]}",
        "a service speaking for a person": keys("notifications").sign(
            Principal(kind="member", subject="m", roles=frozenset(Role))
        ),
        "empty": "",
        "text": "a.b.c",
        "kanji": "箱.箱.箱",
    }


async def test_forged_tokens_are_refused(keys: KeysOf) -> None:
    registry = keys("registry")
    for name, token in forged(keys).items():
        with pytest.raises(Unauthenticated):
            registry.verify(token)
            pytest.fail(f"taken: {name}")


async def test_a_token_ends(keys: KeysOf) -> None:
    over = keys("identity").sign(Principal(kind="member", subject="m"), seconds=-1)
    with pytest.raises(Unauthenticated):
        keys("registry").verify(over)


async def test_tokens_nobody_shows_any_more_are_forgotten_and_one_that_is_shown_is_not(
    keys: KeysOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry, identity, began = keys("registry"), keys("identity"), clock.seconds()

    def token() -> str:
        return identity.sign(Principal(kind="member", subject=str(uuid4())), seconds=600)

    lasting = token()
    for minute in range(6):
        monkeypatch.setattr(clock, "seconds", lambda at=began + 61 * minute: at)
        for shown in (lasting, *(token() for _ in range(10))):
            registry.verify(shown)
    kept = registry._seen | registry._before
    assert lasting in kept and len(kept) <= 21


async def test_an_ended_session_is_refused_while_its_token_still_lives(
    shop_pool: Pool, keys: KeysOf, eventually: Any
) -> None:
    import asyncio

    session, registry = UUID(int=77), keys("registry")
    token = keys("identity").sign(Principal(kind="member", subject="m", session_id=session))
    assert registry.verify(token).session_id == session
    watching = asyncio.create_task(refusing(shop_pool, registry, every=0.05))
    try:
        async with transaction(shop_pool) as conn:
            await refuse(conn, session)

        async def is_refused() -> bool:
            try:
                registry.verify(token)
            except Unauthenticated:
                return True
            return False

        await eventually(is_refused)
    finally:
        watching.cancel()


async def test_who_ended_is_heard_of_late_and_forgotten_at_last(
    shop_pool: Pool, keys: KeysOf, eventually: Any
) -> None:
    import asyncio

    early, late, long_ago = (str(UUID(int=n)) for n in (81, 82, 83))
    registry = keys("registry")
    end = "INSERT INTO refused (id, at) VALUES ($1, now() - make_interval(secs => $2))"
    async with transaction(shop_pool) as conn:
        await conn.execute(end, long_ago, 200_000.0)
        await conn.execute(end, early, 1_000.0)
    watching = asyncio.create_task(refusing(shop_pool, registry, every=0.02))
    try:
        await eventually(lambda: early in registry.refused)
        assert long_ago not in registry.refused
        async with transaction(shop_pool) as conn:
            # Its transaction began long before it ended.
            await conn.execute(end, late, 50.0)
        await eventually(lambda: {early, late} <= registry.refused)
        async with transaction(shop_pool) as conn:
            left = [
                row["id"]
                for row in await conn.fetch("SELECT id FROM refused WHERE id = $1", long_ago)
            ]
        assert left == []
    finally:
        watching.cancel()


async def test_what_is_sealed_opens_for_its_reader_alone(keys: KeysOf) -> None:
    sealed = keys("identity").seal("notifications", "たからもの")
    assert "たからもの" not in sealed
    assert keys("notifications").unseal(sealed) == "たからもの"
    for other in ("identity", "registry", "gateway"):
        with pytest.raises(ValueError, match="not sealed for us"):
            keys(other).unseal(sealed)
