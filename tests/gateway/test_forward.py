"""Requests for the services: one each, in time, and what is said when a service does not answer."""

import asyncio

import orjson
import pytest
from aiohttp import web

from contracts.principal import Principal
from deploy.local.ports import hold
from deploy.local.stack import service_names
from tests.gateway.conftest import OpenDoor, Opened, parse
from tests.gateway.standin import Identity, StandIn
from tests.rig.keyring import KeyRing
from tests.rig.waiting import eventually

COUNTS = "/api/v1/registry/counts"
LETTERS = "/api/v1/notifications/letters"
REQUESTS = "/api/v1/identity/account-requests"
CHANGES = "/api/v1/registry/changes"


@pytest.mark.parametrize("fast", [True, False])
async def test_connections_to_a_service_are_used_again(
    fast: bool, door: OpenDoor, stand_in: StandIn
) -> None:
    opened = await door(fast_path=fast, hearing=False)
    for _ in range(10):
        await opened.get(COUNTS)
    assert len(stand_in.of(COUNTS)) == 10
    # A second one if the description was just being asked for.
    assert len(stand_in.lines) <= 2


@pytest.mark.parametrize("fast", [True, False])
async def test_a_service_that_is_away_is_a_503_and_a_read_finds_it_again(
    fast: bool, door: OpenDoor, stand_in: StandIn
) -> None:
    opened = await door(fast_path=fast, hearing=False)
    assert (await opened.get(COUNTS)).status == 200
    hold(stand_in.port)
    await stand_in.stop()
    away = await opened.get(COUNTS)
    assert (away.status, away.headers["content-type"]) == (503, "application/problem+json")
    assert away.headers["retry-after"] == "5"
    await stand_in.start()
    assert (await opened.get(COUNTS)).status == 200


@pytest.mark.parametrize("fast", [True, False])
async def test_a_kept_connection_the_service_closed_costs_a_read_nothing(
    fast: bool, door: OpenDoor, stand_in: StandIn
) -> None:
    opened = await door(fast_path=fast, hearing=False)

    async def then_close(request: web.BaseRequest) -> web.StreamResponse:
        if len(stand_in.of(COUNTS)) == 2 and request.transport is not None:
            request.transport.abort()
        return web.json_response({"times": len(stand_in.of(COUNTS))})

    stand_in.scripts[COUNTS] = then_close
    assert (await opened.get(COUNTS)).status == 200
    assert (await opened.get(COUNTS)).body == b'{"times": 3}'


async def test_a_write_that_broke_off_is_not_sent_again(door: OpenDoor, stand_in: StandIn) -> None:
    opened = await door()

    async def break_off(request: web.BaseRequest) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    await opened.ask("POST", REQUESTS, b"{}", Content_Type="application/json")
    stand_in.scripts[REQUESTS] = break_off
    broken = await opened.ask("POST", REQUESTS, b"{}", Content_Type="application/json")
    assert broken.status == 502
    assert "ご確認ください" in orjson.loads(broken.body)["detail"]
    assert len(stand_in.of(REQUESTS)) == 2


@pytest.mark.parametrize("fast", [True, False])
async def test_a_service_that_is_too_slow_is_a_504(
    fast: bool, door: OpenDoor, stand_in: StandIn
) -> None:
    opened = await door(fast_path=fast, hearing=False)

    async def never(_: web.BaseRequest) -> web.StreamResponse:
        await asyncio.sleep(3600)
        return web.Response()

    stand_in.scripts[COUNTS] = never
    slow = asyncio.ensure_future(opened.get(COUNTS))
    await eventually(lambda: COUNTS in stand_in.begun)
    for copy in opened.worker.services["registry"].copies:
        copy.sweep(asyncio.get_running_loop().time() + 11)
    assert (await slow).status == 504


async def test_copies_are_asked_in_turn_and_one_that_is_away_is_left_out(
    door: OpenDoor, stand_in: StandIn, keys: KeyRing
) -> None:
    other = StandIn()
    await other.start()
    peers = dict.fromkeys(service_names(), stand_in.url)
    opened = await door(hearing=False, peers={**peers, "registry": f"{stand_in.url},{other.url}"})
    for _ in range(10):
        assert (await opened.get(COUNTS)).status == 200
    here, there = len(stand_in.of(COUNTS)), len(other.of(COUNTS))
    # The description is asked for in between, so the turns need not be even.
    assert here + there == 10
    assert min(here, there) >= 4
    await other.stop()
    for _ in range(10):
        assert (await opened.get(COUNTS)).status == 200
    assert len(stand_in.of(COUNTS)) == here + 10


@pytest.mark.parametrize(
    ("status", "kind", "expected"),
    [
        (302, "text/html", 502),
        (500, "text/html", 502),
        (404, "text/plain", 404),
        (422, "application/problem+json", 422),
        (503, "application/problem+json", 503),
    ],
)
async def test_what_is_not_a_problem_document_is_replaced(
    status: int, kind: str, expected: int, door: OpenDoor, stand_in: StandIn
) -> None:
    opened = await door(hearing=False)
    stand_in.say(
        COUNTS, status, b'{"inside":"stack"}', Content_Type=kind, Location="http://evil.example/"
    )
    answer = await opened.get(COUNTS)
    assert answer.status == expected
    assert answer.headers["content-type"] == "application/problem+json"
    assert (b"stack" in answer.body) == kind.startswith("application/problem")


async def test_only_listed_headers_of_a_service_pass(door: OpenDoor, stand_in: StandIn) -> None:
    opened = await door(hearing=False)
    stand_in.say(
        COUNTS,
        200,
        b"{}",
        Content_Type="application/json",
        Set_Cookie="a=b",
        X_Inside="1",
        Server="secret",
        Access_Control_Allow_Origin="*",
        Content_Disposition="attachment",
    )
    for answer in (await opened.get(COUNTS), await opened.ask("HEAD", COUNTS)):
        assert answer.headers["content-disposition"] == "attachment"
        assert not {"set-cookie", "x-inside", "server", "access-control-allow-origin"} & set(
            answer.headers
        )


@pytest.mark.parametrize(
    ("length", "kind", "status"),
    [
        (256 * 1024, "application/json", 200),
        (256 * 1024 + 1, "application/json", 413),
        (10, "text/plain", 415),
        (10, "application/json; charset=utf-8", 200),
    ],
)
async def test_a_body_is_taken_whole_within_its_limit(
    length: int, kind: str, status: int, door: OpenDoor, stand_in: StandIn
) -> None:
    opened = await door()
    answer = await opened.ask("POST", REQUESTS, b"x" * length, Content_Type=kind)
    assert answer.status == status
    if status == 200:
        (asked,) = stand_in.of(REQUESTS)
        assert asked.body == b"x" * length
        assert asked.header("Content-Length") == str(length)
    else:
        assert not stand_in.of(REQUESTS)


async def test_a_body_that_stops_short_reaches_nobody(door: OpenDoor, stand_in: StandIn) -> None:
    opened = await door()
    _, writer = await asyncio.open_connection("127.0.0.1", opened.port)
    head = f"POST {REQUESTS} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    writer.write(head.encode() + b'Content-Length: 100\r\n\r\n{"half')
    await asyncio.sleep(0.1)
    writer.close()
    await asyncio.sleep(0.1)
    assert not stand_in.of(REQUESTS)


async def test_what_a_write_says_reaches_the_service_as_it_was(
    door: OpenDoor, stand_in: StandIn
) -> None:
    opened = await door()
    await opened.ask(
        "POST",
        REQUESTS,
        b'{"a":1}',
        Content_Type="application/json",
        Idempotency_Key="key-12345678",
        If_Match='"3"',
        Accept_Language="ja",
    )
    (asked,) = stand_in.of(REQUESTS)
    assert (asked.method, asked.body) == ("POST", b'{"a":1}')
    assert asked.header("Idempotency-Key") == "key-12345678"
    assert asked.header("If-Match") == '"3"'
    assert asked.header("Accept-Language") == "ja"


async def test_changes_come_piece_by_piece(door: OpenDoor, stand_in: StandIn) -> None:
    opened = await door()
    go_on = asyncio.Event()

    async def events(request: web.BaseRequest) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await answer.prepare(request)
        await answer.write(b"data: 1\n\n")
        await go_on.wait()
        await answer.write(b"data: 2\n\n")
        return answer

    stand_in.scripts[CHANGES] = events
    client = await opened.client()
    client.writer.write(opened.head(CHANGES, Accept="text/event-stream", Last_Event_ID="7"))
    async with asyncio.timeout(60):
        assert b"data: 1" in await client.reader.readuntil(b"data: 1\n\n")
        go_on.set()
        assert b"data: 2" in await client.reader.readuntil(b"data: 2\n\n")
    (asked,) = stand_in.of(CHANGES)
    assert asked.header("Accept") == "text/event-stream"
    assert asked.header("Last-Event-ID") == "7"
    client.close()


async def test_a_stream_that_breaks_off_does_not_look_complete(
    door: OpenDoor, stand_in: StandIn
) -> None:
    opened = await door()

    async def cut(request: web.BaseRequest) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "application/json"})
        await answer.prepare(request)
        await answer.write(b'[{"position":1}')
        assert request.transport is not None
        await asyncio.sleep(0.05)
        request.transport.abort()
        return answer

    stand_in.scripts[CHANGES] = cut
    try:
        raw = await opened.raw(opened.head(CHANGES, Connection="close"))
    except ConnectionResetError:
        raw = b""
    assert not raw.endswith(b"0\r\n\r\n")


async def test_a_machine_client_is_let_through_with_its_token(
    door: OpenDoor, stand_in: StandIn, keys: KeyRing
) -> None:
    opened = await door()
    client = Principal(kind="client", subject="c1", scopes=frozenset({"registry:read"}))
    token = keys("identity").sign(client, seconds=60)
    answer = await opened.ask(
        "GET", "/api/v1/registry/registration", Authorization=f"Bearer {token}"
    )
    assert answer.status == 200
    (asked,) = stand_in.of("/api/v1/registry/registration")
    assert asked.header("Authorization") == f"Bearer {token}"


async def test_tokens_that_are_not_a_clients_are_refused(
    door: OpenDoor, stand_in: StandIn, keys: KeyRing
) -> None:
    opened = await door()
    client = Principal(kind="client", subject="c1")
    member = Principal(kind="member", subject="m1")
    good = keys("identity").sign(client, seconds=60)
    forged = [
        keys("registry").sign(client, seconds=60),
        keys("identity").sign(client, seconds=-5),
        keys("identity").sign(client, audience="registry", seconds=60),
        keys("identity").sign(member, seconds=60),
        keys("identity").for_service("gateway"),
        good[:-3] + "abc",
        good.rpartition(".")[0] + ".",
        "eyJhbGciOiJub25lIn0." + good.split(".")[1] + ".",
        "x",
    ]
    for token in forged:
        answer = await opened.ask("GET", LETTERS, Authorization=f"Bearer {token}")
        assert answer.status == 401, token
    assert (await opened.ask("GET", LETTERS, Authorization="Basic YTpi")).status == 401
    assert not stand_in.of(LETTERS)


async def test_a_slow_stop_finishes_what_has_begun(
    door: OpenDoor, stand_in: StandIn, identity: Identity
) -> None:
    opened = await door(hearing=False)
    go_on = asyncio.Event()

    async def slowly(_: web.BaseRequest) -> web.StreamResponse:
        await go_on.wait()
        return web.json_response({"done": True})

    stand_in.scripts[COUNTS] = slowly
    stand_in.scripts[REQUESTS] = slowly
    read = asyncio.ensure_future(opened.get(COUNTS))
    write = asyncio.ensure_future(
        opened.ask("POST", REQUESTS, b"{}", Content_Type="application/json")
    )
    await eventually(lambda: {COUNTS, REQUESTS} <= set(stand_in.begun))
    stopping = asyncio.ensure_future(opened.stop())
    await eventually(lambda: _refuses(opened))
    go_on.set()
    assert [(await read).body, (await write).body] == [b'{"done": true}'] * 2
    await stopping
    with pytest.raises(OSError):
        await opened.get(COUNTS)
    assert parse(read.result().raw).status == 200


async def _refuses(opened: Opened) -> bool:
    """Whether nobody new is let in."""
    try:
        (await opened.client()).close()
    except OSError:
        return True
    return False
