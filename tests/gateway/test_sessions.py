"""Browsers: the cookie, the token it stands for, whose pages may act, and how soon an end is an end."""

import orjson
import pytest
from aiohttp import web

from chassis.broker.overhear import Overheard
from tests.gateway.conftest import OpenDoor, Opened
from tests.gateway.standin import Identity, StandIn
from tests.rig.keyring import KeyRing

LETTERS = "/api/v1/notifications/letters"
READ = "/api/v1/notifications/letters/1/read"
SESSIONS = "/api/v1/sessions"
EXCHANGE = "/internal/sessions/exchange"


def own(opened: Opened) -> str:
    """The origin of our pages."""
    return f"http://{opened.host}"


def with_cookie(value: str) -> dict[str, str]:
    """The header a signed-in browser sends."""
    return {"Cookie": f"__Host-machipo={value}"}


async def test_a_session_becomes_a_token_and_is_asked_about_once_a_minute(
    door: OpenDoor, stand_in: StandIn, identity: Identity, keys: KeyRing
) -> None:
    opened = await door()
    cookie = with_cookie(identity.session())
    for _ in range(3):
        assert (await opened.ask("GET", LETTERS, **cookie)).status == 200
    assert len(stand_in.of(EXCHANGE)) == 1
    asked = stand_in.of(LETTERS)
    token = (asked[0].header("Authorization") or "").removeprefix("Bearer ")
    assert keys("notifications").verify(token).kind == "member"
    assert all("cookie" not in a.names for a in asked)
    (exchange,) = stand_in.of(EXCHANGE)
    service = (exchange.header("Authorization") or "").removeprefix("Bearer ")
    assert str(keys("identity").verify(service)) == "service/gateway"


async def test_without_a_session_there_is_a_401_and_nobody_is_asked(
    door: OpenDoor, stand_in: StandIn, identity: Identity
) -> None:
    opened = await door()
    for cookie in ("", "short", "session-unknown-to-everybody", "../../x" * 5, "a" * 5000):
        answer = await opened.ask("GET", LETTERS, **with_cookie(cookie))
        assert answer.status == 401, cookie
    assert not stand_in.of(LETTERS)
    assert len(stand_in.of(EXCHANGE)) == 1


async def test_an_ended_session_is_refused_as_soon_as_it_is_heard_of(
    door: OpenDoor, stand_in: StandIn, identity: Identity
) -> None:
    opened = await door()
    value = identity.session()
    assert (await opened.ask("GET", LETTERS, **with_cookie(value))).status == 200
    ended = identity.sessions.pop(value)
    assert (await opened.ask("GET", LETTERS, **with_cookie(value))).status == 200
    body = {"session_id": str(ended.session_id), "reason": "signed_out", "revision": 2}
    opened.worker.hearing.fact(Overheard("identity.session.ended.v1", orjson.dumps(body)))
    assert (await opened.ask("GET", LETTERS, **with_cookie(value))).status == 401


async def test_while_nothing_is_heard_identity_is_asked_each_time(
    door: OpenDoor, stand_in: StandIn, identity: Identity
) -> None:
    opened = await door(hearing=False)
    value = identity.session()
    for _ in range(3):
        assert (await opened.ask("GET", LETTERS, **with_cookie(value))).status == 200
    assert len(stand_in.of(EXCHANGE)) == 3
    identity.sessions.clear()
    assert (await opened.ask("GET", LETTERS, **with_cookie(value))).status == 401


async def test_a_change_of_the_organisation_is_asked_about(
    door: OpenDoor, stand_in: StandIn, identity: Identity
) -> None:
    opened = await door()
    value = identity.session()
    await opened.ask("GET", LETTERS, **with_cookie(value))
    body = {"account_id": str(identity.sessions[value].organisation_id), "revision": 9}
    opened.worker.hearing.fact(Overheard("identity.account.member_changed.v1", orjson.dumps(body)))
    await opened.ask("GET", LETTERS, **with_cookie(value))
    assert len(stand_in.of(EXCHANGE)) == 2


async def test_what_changes_while_identity_is_being_asked_is_asked_about_again(
    door: OpenDoor, stand_in: StandIn, identity: Identity
) -> None:
    opened = await door()
    value = identity.session()
    exchange = stand_in.scripts[EXCHANGE]
    body = {"account_id": str(identity.sessions[value].organisation_id), "revision": 9}
    changed = Overheard("identity.account.member_changed.v1", orjson.dumps(body))

    async def overtaken(request: web.BaseRequest) -> web.StreamResponse:
        """What identity read is older than what is heard before its answer comes."""
        answer = await exchange(request)
        opened.worker.hearing.fact(changed)
        return answer

    stand_in.scripts[EXCHANGE] = overtaken
    await opened.ask("GET", LETTERS, **with_cookie(value))
    stand_in.scripts[EXCHANGE] = exchange
    await opened.ask("GET", LETTERS, **with_cookie(value))
    await opened.ask("GET", LETTERS, **with_cookie(value))
    assert len(stand_in.of(EXCHANGE)) == 2


async def test_a_fact_that_cannot_be_read_makes_every_session_be_asked_about(
    door: OpenDoor, stand_in: StandIn, identity: Identity
) -> None:
    opened = await door()
    value = identity.session()
    await opened.ask("GET", LETTERS, **with_cookie(value))
    opened.worker.hearing.fact(Overheard("identity.session.ended.v1", b"not json"))
    await opened.ask("GET", LETTERS, **with_cookie(value))
    assert len(stand_in.of(EXCHANGE)) == 2


async def test_when_identity_is_away_nobody_is_let_in(
    door: OpenDoor, stand_in: StandIn, identity: Identity
) -> None:
    opened = await door(hearing=False)
    value = identity.session()
    stand_in.say(EXCHANGE, 500, b"")
    assert (await opened.ask("GET", LETTERS, **with_cookie(value))).status == 503
    assert not stand_in.of(LETTERS)


async def test_signing_in_sets_a_cookie_no_script_and_no_other_host_can_have(
    door: OpenDoor, stand_in: StandIn, identity: Identity
) -> None:
    opened = await door()
    body = orjson.dumps({"sign_in_id": "m172031-01", "password": identity.password})
    raw = await opened.raw(_post(opened, SESSIONS, body, Origin=own(opened)))
    assert raw.startswith(b"HTTP/1.1 201")
    cookies = [line for line in raw.split(b"\r\n") if line.startswith(b"Set-Cookie: ")]
    assert [c.split(b"=")[0] for c in cookies] == [
        b"Set-Cookie: __Host-machipo",
        b"Set-Cookie: __Host-machipo-device",
    ]
    for cookie in cookies:
        assert cookie.endswith(b"; Path=/; Secure; HttpOnly; SameSite=Lax")
        assert b"Domain" not in cookie
    answered = raw.partition(b"\r\n\r\n")[2]
    assert b"session-" not in answered and b'"state":"open"' in answered
    (asked,) = stand_in.of("/internal/sessions")
    assert orjson.loads(asked.body)["address"] == "127.0.0.1"


async def test_a_wrong_password_sets_no_cookie(door: OpenDoor, identity: Identity) -> None:
    opened = await door()
    body = orjson.dumps({"sign_in_id": "m172031-01", "password": "something-else"})
    raw = await opened.raw(_post(opened, SESSIONS, body))
    assert raw.startswith(b"HTTP/1.1 401")
    assert b"Set-Cookie" not in raw


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"{",
        b'{"sign_in_id":1,"password":"x"}',
        b'{"sign_in_id":"a","password":"b","x":"c"}',
    ],
)
async def test_a_sign_in_that_cannot_be_read_asks_nobody(
    body: bytes, door: OpenDoor, stand_in: StandIn, identity: Identity
) -> None:
    opened = await door()
    answer = await opened.raw(_post(opened, SESSIONS, body))
    assert answer.split(b" ")[1] in (b"400", b"422")
    assert not stand_in.of("/internal/sessions")


async def test_signing_out_ends_the_session_and_takes_the_cookie_back(
    door: OpenDoor, stand_in: StandIn, identity: Identity
) -> None:
    opened = await door()
    value = identity.session()
    current = SESSIONS + "/current"
    out = await opened.ask("DELETE", current, Origin=own(opened), **with_cookie(value))
    assert out.status == 204
    assert out.headers["set-cookie"].startswith("__Host-machipo=; Max-Age=0;")
    assert value not in identity.sessions
    assert (await opened.ask("GET", LETTERS, **with_cookie(value))).status == 401


ELSEWHERE: tuple[dict[str, str], ...] = (
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:1"},
    {"Sec_Fetch_Site": "cross-site"},
    {"Sec_Fetch_Site": "same-site"},
    {"Sec_Fetch_Site": "same-origin", "Origin": "https://evil.example"},
    {},
)


@pytest.mark.parametrize("headers", ELSEWHERE)
async def test_another_site_cannot_act_for_who_is_signed_in(
    headers: dict[str, str], door: OpenDoor, stand_in: StandIn, identity: Identity
) -> None:
    opened = await door()
    cookie = with_cookie(identity.session())
    for method, path in (("POST", READ), ("DELETE", SESSIONS + "/current"), ("POST", "/signin")):
        answer = await opened.ask(method, path, **headers, **cookie)
        assert answer.status == 403, path
    assert not stand_in.of(READ)
    assert identity.sessions


async def test_our_own_pages_can(door: OpenDoor, stand_in: StandIn, identity: Identity) -> None:
    opened = await door()
    cookie = with_cookie(identity.session())
    for headers in ({"Origin": own(opened)}, {"Sec_Fetch_Site": "same-origin"}):
        assert (await opened.ask("POST", READ, **headers, **cookie)).status == 200
    assert len(stand_in.of(READ)) == 2


async def test_signing_in_from_another_site_is_refused(door: OpenDoor, identity: Identity) -> None:
    opened = await door()
    body = orjson.dumps({"sign_in_id": "m172031-01", "password": identity.password})
    raw = await opened.raw(_post(opened, SESSIONS, body, Origin="https://evil.example"))
    assert raw.startswith(b"HTTP/1.1 403")


async def test_one_session_has_one_allowance_from_wherever_it_asks(
    door: OpenDoor, identity: Identity
) -> None:
    opened = await door(rate_factor=0.02, trusted_proxies="127.0.0.0/8")
    opened.stop_the_clock()
    cookie = with_cookie(identity.session())
    statuses = [
        (await opened.ask("GET", LETTERS, X_Forwarded_For=f"203.0.113.{n}", **cookie)).status
        for n in range(12)
    ]
    assert statuses == [200] * 10 + [429] * 2


@pytest.mark.parametrize("fast", [True, False])
async def test_only_a_trusted_balancer_says_where_a_client_is(fast: bool, door: OpenDoor) -> None:
    counts = "/api/v1/registry/counts"
    opened = await door(fast_path=fast, rate_factor=0.02)
    opened.stop_the_clock()
    statuses = [
        (await opened.get(counts, X_Forwarded_For=f"203.0.113.{n}")).status for n in range(11)
    ]
    assert statuses[-1] == 429
    behind = await door(fast_path=fast, rate_factor=0.02, trusted_proxies="127.0.0.0/8")
    behind.stop_the_clock()
    statuses = [
        (await behind.get(counts, X_Forwarded_For=f"198.51.100.1, 203.0.113.{n}")).status
        for n in range(11)
    ]
    assert statuses == [200] * 11


def _post(opened: Opened, path: str, body: bytes, **headers: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", f"Host: {opened.host}", "Content-Type: application/json"]
    lines += [f"{k}: {v}" for k, v in headers.items()]
    lines += ["Connection: close", f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body
