"""Files that come with the form of a page are held outside memory and pass on piece by piece."""

import asyncio
import hashlib
import hmac
import os
from uuid import UUID

import orjson
import pytest
from aiohttp import web

from contracts.principal import Role
from contracts.values import OrganisationKind
from tests.gateway.conftest import OpenDoor, Opened, parse
from tests.gateway.standin import Identity, StandIn, read_all
from tests.rig.waiting import eventually

MIB = 1024 * 1024
PAGE = "/secretariat/documents/files"
FILES = "/api/v1/content/desk/files"
FILE = UUID(int=9)
CONTENT = f"{FILES}/{FILE}/content"
_LINE = "b0undary"


@pytest.fixture
def cookie(identity: Identity) -> str:
    """A browser in which an editor of the secretariat is signed in."""
    return identity.session(Role.EDITOR, kind=OrganisationKind.SECRETARIAT)


def _part(name: str, value: bytes, more: str = "") -> bytes:
    head = f'--{_LINE}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
    return head.encode() + value + b"\r\n"


def _posted(opened: Opened, cookie: str, content: bytes, *, csrf: str | None = None) -> bytes:
    """The form with its file, as a browser sends it."""
    own = hmac.new(cookie.encode(), b"portal form", hashlib.sha256).hexdigest()
    body = b"".join(
        (
            _part("csrf", (own if csrf is None else csrf).encode()),
            _part("form_key", b"00000000-0000-7000-8000-000000000001"),
            _part("file", content, '; filename="h.pdf"\r\nContent-Type: application/pdf'),
            f"--{_LINE}--\r\n".encode(),
        )
    )
    named = {
        "Host": opened.host,
        "Origin": f"http://{opened.host}",
        "Cookie": f"__Host-machipo={cookie}",
        "Content-Type": f"multipart/form-data; boundary={_LINE}",
        "Content-Length": str(len(body)),
        "Connection": "close",
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"POST {PAGE} HTTP/1.1\r\n{lines}\r\n".encode() + body


def _announced(stand_in: StandIn) -> None:
    told = orjson.dumps({"file_id": str(FILE)})
    stand_in.say(FILES, 201, told, Content_Type="application/json")


async def test_a_file_of_a_form_arrives_as_it_was_and_is_announced_with_what_it_is(
    door: OpenDoor, stand_in: StandIn, cookie: str
) -> None:
    opened, content = await door(), os.urandom(3 * MIB + 7)
    _announced(stand_in)
    answer = parse(await opened.raw(_posted(opened, cookie, content), seconds=30))
    assert answer.status == 303
    assert answer.headers["location"] == "/secretariat/documents?done=file_received"
    (announced,), (sent,) = stand_in.of(FILES), stand_in.of(CONTENT)
    told = orjson.loads(announced.body)
    assert (told["size"], told["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert (sent.body, sent.header("Content-Length")) == (content, str(len(content)))


async def test_a_form_that_is_not_of_this_browser_hands_nothing_over(
    door: OpenDoor, stand_in: StandIn, cookie: str
) -> None:
    opened = await door()
    for csrf in ("", "0" * 64):
        posted = _posted(opened, cookie, os.urandom(3 * MIB), csrf=csrf)
        assert parse(await opened.raw(posted, seconds=30)).status == 403
    assert stand_in.of(FILES) == []
    assert CONTENT not in stand_in.begun


async def test_a_service_that_takes_its_time_is_given_no_more_than_it_takes(
    door: OpenDoor, stand_in: StandIn, cookie: str
) -> None:
    opened, go_on, length = await door(), asyncio.Event(), 15 * MIB
    _announced(stand_in)

    async def slowly(request: web.BaseRequest) -> web.StreamResponse:
        await go_on.wait()
        return web.json_response({"length": len(await request.content.read())})

    stand_in.early[CONTENT] = slowly
    reader, writer = await asyncio.open_connection("127.0.0.1", opened.port)
    writer.write(_posted(opened, cookie, b"x" * length))
    await eventually(lambda: CONTENT in stand_in.begun)
    (line,) = opened.worker.services["content"].copies[0]._busy
    assert line._transport is not None and line.asking is not None and line.asking.feed is not None
    feed = line.asking.feed
    # The gateway waits for room, or the kernel took all there was.
    await eventually(lambda: feed.done or not line._room.is_set())
    assert line._transport.get_write_buffer_size() < MIB
    go_on.set()
    assert parse(await read_all(reader, 60)).status == 303
    writer.close()


async def test_what_a_service_refuses_at_once_stands_on_the_page(
    door: OpenDoor, stand_in: StandIn, cookie: str
) -> None:
    opened = await door()
    _announced(stand_in)

    async def refuse(_: web.BaseRequest) -> web.StreamResponse:
        problem = {"code": "body-too-large", "detail": "大きすぎます。"}
        return web.json_response(problem, status=413, content_type="application/problem+json")

    stand_in.early[CONTENT] = refuse
    lists = orjson.dumps({"items": []})
    for path in ("own/documents", "own/materials"):
        stand_in.say(f"/api/v1/content/{path}", 200, lists, Content_Type="application/json")

    async def files(request: web.BaseRequest) -> web.StreamResponse:
        announced = request.method == "POST"
        told: dict[str, object] = {"file_id": str(FILE)} if announced else {"items": []}
        return web.json_response(told, status=201 if announced else 200)

    stand_in.scripts[FILES] = files
    answer = parse(await opened.raw(_posted(opened, cookie, b"x" * 15 * MIB), seconds=30))
    assert answer.status == 422
    assert "大きすぎます" in answer.body.decode()
