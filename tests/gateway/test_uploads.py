"""Large bodies pass through piece by piece: limits and refusals as ever, one request, nothing held."""

import asyncio
import os
from uuid import uuid4

import orjson
import pytest
from aiohttp import web

from contracts.principal import Role
from tests.gateway.conftest import OpenDoor, Opened, parse
from tests.gateway.standin import Identity, StandIn, read_all
from tests.rig.waiting import eventually

MIB = 1024 * 1024
FILES = "/api/v1/content/desk/files"


def _head(opened: Opened, cookie: str, length: int, **more: str) -> bytes:
    named = {
        "Host": opened.host,
        "Origin": f"http://{opened.host}",
        "Cookie": f"__Host-machipo={cookie}",
        "Content-Type": "application/octet-stream",
        "Content-Length": str(length),
        "Idempotency-Key": str(uuid4()),
        "Connection": "close",
        **more,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"POST {FILES} HTTP/1.1\r\n{lines}\r\n".encode()


@pytest.fixture
def cookie(identity: Identity) -> str:
    """A browser that is signed in."""
    return identity.session(Role.EDITOR)


async def test_a_large_body_is_on_its_way_to_the_service_before_all_of_it_has_come(
    door: OpenDoor, stand_in: StandIn, cookie: str
) -> None:
    opened, body = await door(), os.urandom(3 * MIB + 7)
    reader, writer = await asyncio.open_connection("127.0.0.1", opened.port)
    writer.write(_head(opened, cookie, len(body), **{"Idempotency-Key": "key-12345678"}))
    writer.write(body[:MIB])
    await writer.drain()
    await eventually(lambda: _begun(stand_in))
    assert stand_in.of(FILES) == []
    writer.write(body[MIB:])
    answer = parse(await read_all(reader, 30))
    writer.close()
    assert answer.status == 200
    (asked,) = stand_in.of(FILES)
    assert asked.body == body
    assert asked.header("Content-Length") == str(len(body))
    assert asked.header("Idempotency-Key") == "key-12345678"
    assert (asked.header("Authorization") or "").startswith("Bearer ")


async def _begun(stand_in: StandIn) -> bool:
    return FILES in stand_in.begun


async def test_a_large_body_that_stops_short_is_no_request(
    door: OpenDoor, stand_in: StandIn, cookie: str
) -> None:
    opened = await door()
    _, writer = await asyncio.open_connection("127.0.0.1", opened.port)
    writer.write(_head(opened, cookie, 3 * MIB) + b"x" * MIB)
    await eventually(lambda: _begun(stand_in))
    writer.close()
    service = opened.worker.services["content"]

    async def over() -> bool:
        return service.waiting == 0

    await eventually(over)
    assert stand_in.of(FILES) == []
    small = await opened.ask("GET", FILES, Cookie=f"__Host-machipo={cookie}")
    assert small.status == 200, "others are answered as ever"


@pytest.mark.parametrize(
    ("length", "more", "code"),
    [
        (20 * MIB + 1, {}, "body-too-large"),
        (3 * MIB, {"Content-Type": "text/plain"}, "content-type"),
        (3 * MIB, {"Origin": "http://elsewhere.example"}, "other-origin"),
        (3 * MIB, {"Cookie": "a=b"}, "token-missing"),
    ],
)
async def test_what_may_not_pass_is_refused_before_anybody_is_asked(
    door: OpenDoor, stand_in: StandIn, cookie: str, length: int, more: dict[str, str], code: str
) -> None:
    opened = await door()
    answer = parse(await opened.raw(_head(opened, cookie, length, **more)))
    assert orjson.loads(answer.body)["code"] == code
    assert FILES not in stand_in.begun


async def test_a_service_that_refuses_at_once_is_heard_though_the_body_is_still_coming(
    door: OpenDoor, stand_in: StandIn, cookie: str
) -> None:
    opened = await door()

    async def refuse(_: web.BaseRequest) -> web.StreamResponse:
        problem = {"code": "files-full", "detail": "いまは受け取れません。"}
        return web.json_response(problem, status=409, content_type="application/problem+json")

    stand_in.early[FILES] = refuse
    answer = parse(await opened.raw(_head(opened, cookie, 20 * MIB) + b"x" * MIB, seconds=30))
    assert answer.status == 409
    assert orjson.loads(answer.body)["code"] == "files-full"
    del stand_in.early[FILES]
    whole = parse(await opened.raw(_head(opened, cookie, MIB) + b"y" * MIB, seconds=30))
    assert whole.status == 200, "no piece of the one before is taken for a request"
    (asked,) = stand_in.of(FILES)
    assert asked.body == b"y" * MIB


async def test_a_service_that_takes_its_time_holds_the_client_back(
    door: OpenDoor, stand_in: StandIn, cookie: str
) -> None:
    opened, go_on = await door(), asyncio.Event()

    async def slowly(request: web.BaseRequest) -> web.StreamResponse:
        await go_on.wait()
        return web.json_response({"length": len(await request.content.read())})

    stand_in.early[FILES] = slowly
    reader, writer = await asyncio.open_connection("127.0.0.1", opened.port)
    length, most = 20 * MIB, 0
    writer.write(_head(opened, cookie, length) + b"x" * length)
    await eventually(lambda: _begun(stand_in))
    (line,) = opened.worker.services["content"].copies[0]._busy
    assert line._transport is not None

    async def stands() -> bool:
        """The gateway waits for room, or the kernel took all there was."""
        nonlocal most
        most = max(most, line._transport.get_write_buffer_size() if line._transport else 0)
        return not line._room.is_set() or writer.transport.get_write_buffer_size() == 0

    await eventually(stands)
    for _ in range(100):
        await asyncio.sleep(0)
        await stands()
    go_on.set()
    answer = parse(await read_all(reader, 60))
    writer.close()
    assert orjson.loads(answer.body) == {"length": length}
    assert most < MIB, "what the service did not take stays with the client"
