"""The fast path and its plain twin: the same bytes for the same requests, the same effects, the same lines."""

import asyncio
import re

import pytest
from aiohttp import web

from gateway.edge.lines import Lines
from tests.gateway.conftest import OpenDoor, Opened
from tests.gateway.standin import StandIn

COUNTS = b"/api/v1/registry/counts"
LISTED = b"/api/v1/registry/municipalities"
#: Ends the connection after whatever was answered before.
LAST = b"GET /api/v1/last HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
#: Whether an answer outruns the reset that follows it is the kernel's affair, and differs from one time to the next.
_HUNG_UP, _MOST = b"HTTP/1.1 -", 100
GET = b"GET " + COUNTS + b" HTTP/1.1\r\n"
HOST = b"Host: 127.0.0.1\r\n"
_MASKED = (
    (re.compile(rb"\r\nX-Request-Id: [0-9a-f-]{36}"), b"\r\nX-Request-Id: -"),
    (re.compile(rb"\r\nDate: [^\r]+"), b"\r\nDate: -"),
    (re.compile(rb'"request_id":"[0-9a-f-]{36}"'), b'"request_id":"-"'),
    (re.compile(rb'"time":\d+'), b'"time":0'),
)

#: Each is sent on a connection of its own, in these pieces, after the answer to COUNTS is in memory.
ODD: dict[str, tuple[bytes, ...]] = {
    "ordinary": (GET + HOST + b"\r\n",),
    "unknown list": (b"GET " + LISTED + b"/011002 HTTP/1.1\r\n" + HOST + b"\r\n",),
    "head": (b"HEAD " + COUNTS + b" HTTP/1.1\r\n" + HOST + b"\r\n",),
    "http 1.0": (b"GET " + COUNTS + b" HTTP/1.0\r\n" + HOST + b"\r\n",),
    "http 1.0 kept": (
        b"GET " + COUNTS + b" HTTP/1.0\r\n" + HOST + b"Connection: keep-alive\r\n\r\n",
    ),
    "http 0.9": (b"GET " + COUNTS + b"\r\n\r\n",),
    "http 2.0": (b"GET " + COUNTS + b" HTTP/2.0\r\n" + HOST + b"\r\n",),
    "http 1.2": (b"GET " + COUNTS + b" HTTP/1.2\r\n" + HOST + b"\r\n",),
    "star inm": (GET + HOST + b"If-None-Match: *\r\n\r\n",),
    "other inm": (GET + HOST + b'If-None-Match: "a", "b"\r\n\r\n',),
    "empty inm": (GET + HOST + b"If-None-Match:\r\n\r\n",),
    "doubled inm": (GET + HOST + b'If-None-Match: "a"\r\nIf-None-Match: *\r\n\r\n',),
    "pipelined": (3 * (GET + HOST + b"\r\n"),),
    "pipelined apart": (GET + HOST + b"\r\n", GET + HOST + b"\r\n", GET + HOST + b"\r\n"),
    "head in two": (GET + b"Ho", b"st: 127.0.0.1\r\n\r\n"),
    "one and a half": (GET + HOST + b"\r\n" + GET + b"X: ", GET + HOST + b"\r\n"),
    "cookie": (GET + HOST + b"Cookie: __Host-machipo=abcdefghijklmnopqrstuv\r\n\r\n",),
    "wrong token": (GET + HOST + b"Authorization: Bearer x\r\n\r\n",),
    "connection close": (GET + HOST + b"Connection: close\r\n\r\n",),
    "connection keep": (GET + HOST + b"Connection: Keep-Alive\r\n\r\n",),
    "connection names": (GET + HOST + b"Connection: if-none-match\r\nIf-None-Match: *\r\n\r\n",),
    "no host": (GET + b"\r\n",),
    "two hosts": (GET + HOST + HOST + b"\r\n",),
    "foreign host": (GET + b"Host: evil.example\r\n\r\n",),
    "host with user": (GET + b"Host: a@127.0.0.1\r\n\r\n",),
    "localhost": (GET + b"Host: LOCALHOST:99\r\n\r\n",),
    "lower method": (b"get " + COUNTS + b" HTTP/1.1\r\n" + HOST + b"\r\n",),
    "two blanks": (b"GET  " + COUNTS + b" HTTP/1.1\r\n" + HOST + b"\r\n",),
    "tab": (b"GET\t" + COUNTS + b" HTTP/1.1\r\n" + HOST + b"\r\n",),
    "bare newline": (b"GET " + COUNTS + b" HTTP/1.1\nHost: 127.0.0.1\n\n",),
    "bare newline within": (GET + b"Host: 127.0.0.1\nX: y\r\n\r\n",),
    "blank before colon": (GET + b"Host : 127.0.0.1\r\n\r\n",),
    "folded": (GET + HOST + b"X: a\r\n b\r\n\r\n",),
    "no colon": (GET + HOST + b"nonsense\r\n\r\n",),
    "nul": (GET + HOST + b"X: a\x00b\r\n\r\n",),
    "latin": (GET + HOST + b"X: \xe9\r\n\r\n",),
    "utf8 target": ("GET /api/v1/registry/counts?q=函館 HTTP/1.1\r\n".encode() + HOST + b"\r\n",),
    "escaped query": (b"GET " + LISTED + b"?q=%E5%87%BD HTTP/1.1\r\n" + HOST + b"\r\n",),
    "escaped path": (b"GET /api/v1/registry/%63ounts HTTP/1.1\r\n" + HOST + b"\r\n",),
    "escaped slash": (b"GET /api/v1/registry%2fcounts HTTP/1.1\r\n" + HOST + b"\r\n",),
    "dots": (b"GET /api/v1/registry/../registry/counts HTTP/1.1\r\n" + HOST + b"\r\n",),
    "double slash": (b"GET //api/v1/registry/counts HTTP/1.1\r\n" + HOST + b"\r\n",),
    "parameter doubled": (b"GET " + COUNTS + b"?a=1&a=2 HTTP/1.1\r\n" + HOST + b"\r\n",),
    "fragment": (b"GET " + COUNTS + b"#x HTTP/1.1\r\n" + HOST + b"\r\n",),
    "absolute": (b"GET http://127.0.0.1" + COUNTS + b" HTTP/1.1\r\n" + HOST + b"\r\n",),
    "post": (b"POST " + COUNTS + b" HTTP/1.1\r\n" + HOST + b"Content-Length: 2\r\n\r\n{}",),
    "get with body": (GET + HOST + b"Content-Length: 2\r\n\r\n{}",),
    "get with empty body": (GET + HOST + b"Content-Length: 0\r\n\r\n",),
    "body looks like a read": (
        b"POST " + COUNTS + b" HTTP/1.1\r\n" + HOST + b"Content-Length: 58\r\n\r\n",
        GET + HOST + b"\r\n",
    ),
    "chunked": (GET + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",),
    "expect": (GET + HOST + b"Expect: 100-continue\r\n\r\n",),
    "upgrade": (GET + HOST + b"Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n",),
    "compressed": (GET + HOST + b"Content-Encoding: gzip\r\n\r\n",),
    "long target": (b"GET " + COUNTS + b"?a=" + b"x" * 5000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",),
    "very long target": (
        b"GET " + COUNTS + b"?a=" + b"x" * 9000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    ),
    "long header": (GET + HOST + b"X: " + b"y" * 9000 + b"\r\n\r\n",),
    "many headers": (GET + HOST + b"".join(b"X-%d: 1\r\n" % n for n in range(200)) + b"\r\n",),
    "forwarded": (GET + HOST + b"X-Forwarded-For: 203.0.113.9\r\n\r\n",),
    "newline first": (b"\r\n" + GET + HOST + b"\r\n",),
    "garbage": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",),
    "nothing": (b"",),
    "not ours": (b"GET /api/v1/registry/internal/facts HTTP/1.1\r\n" + HOST + b"\r\n",),
    "method not taken": (b"DELETE " + COUNTS + b" HTTP/1.1\r\n" + HOST + b"\r\n",),
}


def masked(raw: bytes) -> bytes:
    """``raw`` without what differs from one answer to the next."""
    for pattern, instead in _MASKED:
        raw = pattern.sub(instead, raw)
    return raw


def asked(stand_in: StandIn) -> list[tuple[str, str, bytes]]:
    """What the services were asked for visitors."""
    found = [(a.method, a.target, a.body) for a in stand_in.asked]
    return [one for one in found if one[1].startswith("/api/")]


async def answers(opened: Opened, pieces: tuple[bytes, ...]) -> bytes:
    """What one odd client is answered, after somebody ordinary was there."""
    await opened.get(COUNTS.decode())
    try:
        return masked(await opened.raw(*pieces, LAST, pause=0.02))
    except ConnectionResetError:
        # Hung up on with something still unsaid.
        return _HUNG_UP


@pytest.mark.parametrize("hearing", [True, False], ids=["kept", "forwarded"])
async def test_both_twins_answer_the_same_bytes(
    hearing: bool, door: OpenDoor, stand_in: StandIn
) -> None:
    plain = await door(fast_path=False, hearing=hearing, rate_factor=1000)
    fast = await door(fast_path=True, hearing=hearing, rate_factor=1000)
    for name, pieces in ODD.items():
        for _ in range(_MOST):
            stand_in.asked.clear()
            answered_plain, asked_plain = await answers(plain, pieces), asked(stand_in)
            stand_in.asked.clear()
            answered_fast, asked_fast = await answers(fast, pieces), asked(stand_in)
            if (answered_plain == _HUNG_UP) is (answered_fast == _HUNG_UP):
                break
        assert (name, answered_fast) == (name, answered_plain)
        assert (name, asked_fast) == (name, asked_plain)
        assert answered_plain.startswith(b"HTTP/1.1 "), name


async def test_the_fast_path_is_really_taken(door: OpenDoor) -> None:
    opened = await door()
    for _ in range(3):
        await opened.get(COUNTS.decode())
    assert opened.worker.counts.value("fast") == 3
    plain = await door(fast_path=False)
    await plain.get(COUNTS.decode())
    assert plain.worker.counts.value("fast") == 0


async def test_what_arrives_behind_a_read_on_its_way_is_answered_after_it(
    door: OpenDoor, stand_in: StandIn
) -> None:
    opened = await door()
    go_on = asyncio.Event()

    async def slowly(_: web.BaseRequest) -> web.StreamResponse:
        await go_on.wait()
        return web.json_response({"slow": True})

    await opened.get(COUNTS.decode())
    stand_in.scripts[LISTED.decode()] = slowly
    client = await opened.client()
    client.writer.write(opened.head(LISTED.decode()))
    await asyncio.sleep(0.05)
    client.writer.write(opened.head(COUNTS.decode()))
    await asyncio.sleep(0.05)
    client.writer.write(b"GET /api/v1/nothing HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    await asyncio.sleep(0.05)
    go_on.set()
    bodies = [(await client.answer()).body for _ in range(3)]
    assert bodies[0] == b'{"slow": true}'
    assert b"/counts" in bodies[1]
    assert b"no-such-address" in bodies[2]
    client.close()


async def test_who_leaves_while_a_read_is_on_its_way_harms_nobody(
    door: OpenDoor, stand_in: StandIn
) -> None:
    opened = await door()
    go_on = asyncio.Event()

    async def slowly(_: web.BaseRequest) -> web.StreamResponse:
        await go_on.wait()
        return web.json_response({"slow": True})

    stand_in.scripts[LISTED.decode()] = slowly
    client = await opened.client()
    client.writer.write(opened.head(LISTED.decode()))
    await asyncio.sleep(0.05)
    client.close()
    await asyncio.sleep(0.05)
    go_on.set()
    assert (await opened.get(COUNTS.decode())).status == 200
    assert (await opened.get(LISTED.decode())).status == 200


@pytest.mark.parametrize("fast", [True, False])
async def test_both_twins_count_against_the_same_allowance(fast: bool, door: OpenDoor) -> None:
    opened = await door(fast_path=fast, rate_factor=0.02)
    opened.stop_the_clock()
    statuses = [(await opened.get(COUNTS.decode())).status for _ in range(15)]
    assert statuses == [200] * 10 + [429] * 5
    refused = await opened.get(COUNTS.decode())
    assert int(refused.headers["retry-after"]) >= 1
    assert opened.worker.counts.value("rate_refused") == 6


@pytest.mark.parametrize("fast", [True, False])
async def test_both_twins_write_a_line(
    fast: bool, door: OpenDoor, capfd: pytest.CaptureFixture[str]
) -> None:
    opened = await door(fast_path=fast)
    assert isinstance(opened.worker.lines, Lines)
    answer = await opened.get(COUNTS.decode() + "?q=secret")
    opened.worker.lines.flush()
    lines = [line for line in capfd.readouterr().out.splitlines() if '"event":"request"' in line]
    assert len(lines) == 1
    assert answer.headers["x-request-id"] in lines[0]
    assert '"status":200' in lines[0]
    assert f'"way":"{"fast" if fast else "plain"}"' in lines[0]
    assert "secret" not in lines[0]
