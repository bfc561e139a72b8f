"""What must not come through the door: smuggling, forged headers, other spellings of an address (S01 – S04)."""

import pytest

from gateway.edge import problems
from gateway.edge.routes import ROUTES
from gateway.portal import errors
from tests.gateway.conftest import OpenDoor, Opened, parse
from tests.gateway.standin import Identity, StandIn

REQUESTS = b"/api/v1/identity/account-requests"
COUNTS = "/api/v1/registry/counts"
SMUGGLED = b"GET /internal/sessions HTTP/1.1\r\nHost: identity\r\n\r\n"
POST = b"POST " + REQUESTS + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"


def _framings() -> dict[str, bytes]:
    """Requests that two readers might cut at different places; the second half is what would be smuggled."""
    body = b"0\r\n\r\n" + SMUGGLED
    length = b"Content-Length: %d\r\n" % len(body)
    found = {}
    codings = (
        b"chunked", b"xchunked", b" chunked", b"chunked ", b"\tchunked", b"chunked\t", b"Chunked",
        b"chunked, identity", b"identity, chunked", b"identity", b"gzip, chunked", b"chunked;q=1",
        b"\x0bchunked", b"chunked\x00", b'"chunked"', b"chunked, chunked", b"",
    )  # fmt: skip
    for n, coding in enumerate(codings):
        te = b"Transfer-Encoding: %b\r\n" % coding
        found[f"te {n}"] = POST + te + b"\r\n" + body
        found[f"te cl {n}"] = POST + te + length + b"\r\n" + body
        found[f"cl te {n}"] = POST + length + te + b"\r\n" + body
    names = (
        b"Transfer-Encoding ", b" Transfer-Encoding", b"\tTransfer-Encoding", b"Transfer_Encoding",
        b"Transfer-Encoding\x00", b"X\nTransfer-Encoding", b"X: y\nTransfer-Encoding", b"transfer-ENCODING",
    )  # fmt: skip
    for n, name in enumerate(names):
        found[f"te name {n}"] = POST + name + b": chunked\r\n" + length + b"\r\n" + body
    lengths = (
        b"+5", b"-5", b"0x5", b"5 ", b" 5", b"5, 5", b"5,6", b"5;", b"5.0", b"05", b"1e1", b"",
        b"99999999999999999999", b"\xef\xbc\x95", b"5\x00", b"5_0",
    )  # fmt: skip
    for n, value in enumerate(lengths):
        found[f"cl {n}"] = POST + b"Content-Length: %b\r\n\r\n" % value + body
        found[f"cl cl {n}"] = POST + b"Content-Length: %b\r\n" % value + length + b"\r\n" + body
        found[f"get cl {n}"] = (
            b"GET "
            + COUNTS.encode()
            + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %b\r\n\r\n" % value
        ) + body
    found["folded te"] = POST + b"Transfer-Encoding:\r\n chunked\r\n" + length + b"\r\n" + body
    found["folded cl"] = POST + b"Content-Length:\r\n 5\r\n" + length + b"\r\n" + body
    found["bare cr"] = POST + b"X: a\rTransfer-Encoding: chunked\r\n" + length + b"\r\n" + body
    found["trailer"] = (
        POST
        + b"Transfer-Encoding: chunked\r\nTrailer: X-User\r\n\r\n2\r\n{}\r\n0\r\nX-User: 1\r\n\r\n"
    )
    found["chunk extension"] = POST + b"Transfer-Encoding: chunked\r\n\r\n2;a=\n\r\n{}\r\n0\r\n\r\n"
    found["absolute"] = b"GET http://identity/internal/sessions HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    found["connect"] = b"CONNECT identity:80 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" + SMUGGLED
    found["upgrade"] = POST + length + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n" + body
    found["h2 preface"] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + SMUGGLED
    return found


async def test_no_framing_makes_a_service_see_what_the_gateway_did_not(
    door: OpenDoor, stand_in: StandIn
) -> None:
    opened = await door(rate_factor=1000)
    for name, raw in _framings().items():
        stand_in.asked.clear()
        last = b"GET /api/v1/last HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        try:
            answered = await opened.raw(raw + last, seconds=0.5)
        except (ConnectionResetError, TimeoutError):
            # Hung up on, or still waited for the rest of a body.
            answered = b""
        for asked in stand_in.asked:
            assert not asked.target.startswith("/internal"), name
            assert "transfer-encoding" not in asked.names, name
            given = asked.header("Content-Length")
            assert given is None or int(given) == len(asked.body), name
        assert b" 200 OK" not in answered or stand_in.asked, name


FORGED = (
    "X-User", "x-user", "X_User", "X-Internal-User", "X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "Via",
    "X-Real-IP", "X-Request-Id", "x-request-id", "X-Original-URL", "X-Rewrite-URL", "X-HTTP-Method-Override",
    "Client-IP", "True-Client-IP", "X-Machipo-Principal", "Cookie", "Proxy-Authorization", "Keep-Alive", "Range",
    "User-Agent", "Referer", "Origin", "Sec-Fetch-Site", "Host-Override", "Accept-Encoding", "Baggage",
)  # fmt: skip


@pytest.mark.parametrize("fast", [True, False])
async def test_no_header_of_the_clients_own_reaches_a_service(
    fast: bool, door: OpenDoor, stand_in: StandIn, identity: Identity
) -> None:
    opened = await door(fast_path=fast, hearing=False, rate_factor=1000)
    origin = f"http://{opened.host}"
    values = {
        "Origin": origin,
        "Sec-Fetch-Site": "same-origin",
        "Cookie": f"__Host-machipo={identity.session()}",
    }
    for name in FORGED:
        value = values.get(name, "forged-value")
        await opened.get(COUNTS, **{name: value})
        await opened.ask(
            "POST", REQUESTS.decode(), b"{}", Content_Type="application/json", **{name: value}
        )
        for asked in (a for a in stand_in.asked if a.target.startswith("/api/")):
            assert not any("forged" in v or "__Host" in v for _, v in asked.headers), name
            assert asked.names <= {
                "host", "x-request-id", "content-type", "content-length", "authorization",
            }, name  # fmt: skip
    assert stand_in.of(COUNTS) and stand_in.of(REQUESTS.decode())


async def test_a_header_named_in_connection_is_not_passed_on(
    door: OpenDoor, stand_in: StandIn
) -> None:
    opened = await door()
    await opened.raw(
        b"GET "
        + COUNTS.encode()
        + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close, x-user\r\nX-User: 1\r\n\r\n"
    )
    (asked,) = stand_in.of(COUNTS)
    assert "x-user" not in asked.names and "connection" not in asked.names


REFUSED = (
    "Transfer-Encoding: chunked", "Upgrade: h2c", "Expect: 100-continue", "Content-Encoding: gzip", "TE: trailers",
    "Trailer: X-User", "Connection: close, Upgrade",
)  # fmt: skip


@pytest.mark.parametrize("line", REFUSED)
@pytest.mark.parametrize("method", ["GET", "DELETE", "POST"])
async def test_a_header_that_changes_the_connection_is_refused(
    line: str, method: str, door: OpenDoor, stand_in: StandIn
) -> None:
    opened = await door()
    for path in (COUNTS, REQUESTS.decode(), "/"):
        raw = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        raw += "Content-Type: application/json\r\n"
        body = "0\r\n\r\n" if "chunked" in line else ""
        raw += f"{line}\r\n" + ("" if body else "Content-Length: 0\r\n") + f"\r\n{body}"
        answer = parse(
            await opened.raw(
                raw.replace("Connection: close\r\n", "", "Connection: close," in line).encode()
            )
        )
        assert answer.status in (400, 411, 415, 417), (path, answer.status)
    assert not stand_in.of(COUNTS) and not stand_in.of(REQUESTS.decode())


METHODS = (
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "Post",
)  # fmt: skip


async def test_only_listed_methods_reach_a_service(door: OpenDoor, stand_in: StandIn) -> None:
    opened = await door(rate_factor=1000)
    for route in ROUTES:
        for method in METHODS:
            stand_in.asked.clear()
            answer = await _asked(opened, method, route.prefix)
            reached = [a for a in stand_in.asked if a.target.startswith("/api/")]
            listed = method in route.methods
            assert listed or not reached, (route.prefix, method)
            if not listed:
                assert answer in (400, 405), (route.prefix, method, answer)
            elif method not in route.public and method != "HEAD":
                assert not reached, (route.prefix, method)
                assert answer == 401, (route.prefix, method, answer)


async def _asked(opened: Opened, method: str, target: str) -> int:
    raw = f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    return parse(await opened.raw(raw.encode())).status


ADDRESSES = (
    "/internal/sessions", "/api/v1/identity/internal/sessions", "/api/v1/../internal/sessions",
    "/api/v1/registry/counts/../../../internal/sessions", "/api/v1/registry/counts/..;/x",
    "/api/v1/registry/%2e%2e/internal", "/api/v1/registry/counts%2f..%2f..%2finternal",
    "/api/v1/registry/counts/%2e%2e", "/api/v1/registry/counts/.", "/api/v1/registry/counts/%252e%252e",
    "/api/v1/registry/counts%00", "/api/v1/registry/counts%0d%0aX-User:1", "/api/v1/registry/counts;x=1",
    "/api/v1/registry/counts%3bx", "/api/v1/registry/counts%5c..%5cx", "/api/v1/registry//counts",
    "//api/v1/registry/counts", "/api/v1/registry/counts/", "/api/v1/registry/counts%80", "/api/v1/registry/%c0%ae",
    "/api/v1/registry/counts?a=%", "/api/v1/registry/counts?a=%zz", "/api/v1/registry/counts?a=1&a=2",
    "/api/v1/registry/counts?a=1&%61=2", "/api/v1/registry/counts?a=1;a=2", "/api/v1/registry/counts?a=%00",
    "/api/v1/registry/counts?a=%ff", "/api/v1/registry/countsx", "/api/v1/registry", "/api/v1/", "/api/v2/registry",
    "/API/V1/registry/counts", "/api/v1/benefits/orders", "/readyz/../internal",
)  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
async def test_an_address_spelled_otherwise_reaches_nobody(
    address: str, door: OpenDoor, stand_in: StandIn
) -> None:
    opened = await door()
    answer = await opened.ask("GET", address)
    assert 400 <= answer.status < 500
    assert not [
        a for a in stand_in.asked if "/internal" in a.target or a.target.startswith("/api/")
    ]


HOSTS = (
    "evil.example", "127.0.0.1@evil.example", "127.0.0.1.evil.example", "127.0.0.1/", "127.0.0.1:x", "127.0.0.1:80:80",
    "localhost.", "[::1", "", " ", "127.0.0.1, evil.example", "127.0.0.1%00", "http://127.0.0.1",
)  # fmt: skip


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("fast", [True, False])
async def test_a_foreign_host_is_refused(
    host: str, fast: bool, door: OpenDoor, stand_in: StandIn
) -> None:
    opened = await door(fast_path=fast)
    raw = f"GET {COUNTS} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
    assert parse(await opened.raw(raw)).status in (400, 421)
    assert not stand_in.of(COUNTS)


async def test_every_answer_carries_its_security_headers(door: OpenDoor) -> None:
    opened = await door()
    asked = [
        await opened.get(COUNTS),
        await opened.get("/api/v1/nothing"),
        await opened.get("/"),
        await opened.get("/nothing-here", Accept="text/html"),
        await opened.ask("TRACE", "/"),
        await opened.get("/api/openapi.json"),
        await opened.get("/api/docs"),
        await opened.get("/livez"),
        parse(await opened.raw(b"nonsense\r\n\r\n")),
    ]
    for answer in asked:
        headers = answer.headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["strict-transport-security"].startswith("max-age=31536000")
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
        assert "unsafe-inline" not in policy.partition("style-src")[0]
        assert "unsafe-eval" not in policy
        assert "aiohttp" not in headers.get("server", "").lower()
        assert len(headers["x-request-id"]) == 36


async def test_a_problem_is_a_problem_document_in_japanese(door: OpenDoor) -> None:
    opened = await door()
    for answer in (
        await opened.get("/api/v1/nothing"),
        await opened.ask("DELETE", COUNTS),
        parse(await opened.raw(b"GET /api HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n")),
    ):
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["x-request-id"].encode() in answer.body
        assert "。".encode() in answer.body
        assert answer.headers["cache-control"] == "no-store"


async def test_operators_see_how_we_are_and_others_do_not(door: OpenDoor) -> None:
    opened = await door()
    ready = await opened.get("/readyz")
    assert ready.status == 200 and b'"run_id":"run-1"' in ready.body
    await opened.get(COUNTS)
    assert b"machipo_gateway_requests_total" in (await opened.get("/metrics")).body
    closed = await door(operator_networks="192.0.2.0/24")
    for path in ("/livez", "/readyz", "/metrics"):
        assert (await closed.get(path)).status == 404


@pytest.mark.parametrize("path", ["/%00", "/a/../b", "/%ff"])
async def test_who_is_refused_before_any_page_reads_a_page_that_says_so(
    path: str, door: OpenDoor
) -> None:
    opened = await door()
    raw = (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\nConnection: close\r\n\r\n"
    )
    refused = parse(await opened.raw(raw.encode()))
    assert refused.status in (400, 404)
    assert refused.headers["content-type"].startswith("text/html")


_PERSON = "Accept: text/html\r\nConnection: close\r\n"
_OURS = f"Host: 127.0.0.1\r\n{_PERSON}"


@pytest.mark.parametrize(
    ("asked", "status", "words"),
    [
        (
            f"GET / HTTP/1.1\r\nHost: evil.example\r\n{_PERSON}\r\n",
            421,
            "このアドレスでは開けません",
        ),
        (f"GET /?{'q' * 8100} HTTP/1.1\r\n{_OURS}\r\n", 414, "アドレスが長すぎます"),
        (f"POST / HTTP/1.1\r\n{_OURS}\r\n", 411, "送る内容の長さがわかりません"),
        (f"GET / HTTP/1.1\r\n{_OURS}Expect: 100-continue\r\n\r\n", 417, "この方法では送れません"),
        (
            f"GET / HTTP/1.1\r\n{_OURS}Content-Encoding: gzip\r\n\r\n",
            415,
            "この種類の内容は受け取れません",
        ),
        (f"TRACE / HTTP/1.1\r\n{_OURS}\r\n", 405, "この方法では開けません"),
    ],
)
async def test_a_refusal_keeps_its_status_and_has_words_of_its_own(
    asked: str, status: int, words: str, door: OpenDoor
) -> None:
    opened = await door()
    refused = parse(await opened.raw(asked.encode()))
    assert refused.status == status
    assert f"<h1>{words}</h1>" in refused.body.decode()
    assert "こちらの問題" not in refused.body.decode()


def test_whatever_the_edge_says_no_with_has_words_on_a_page() -> None:
    assert set(problems._TITLES) <= set(errors._TITLES)
