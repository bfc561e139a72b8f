"""One body of known length, of a kind the route takes: read whole before anybody is asked, or passed on as it comes."""

import asyncio
from collections.abc import AsyncIterator

from aiohttp import web

from gateway.edge.problems import Problem, malformed
from gateway.edge.routes import KIB, MIB, Route
from gateway.edge.upstream import Feed

#: A body must have come within this, however it drips.
READ_SECONDS = 30.0
#: What is longer is not held here: many uploads at once would fill the memory.
_HELD = 256 * KIB


async def body_of(request: web.BaseRequest, route: Route) -> tuple[int, bytes, Feed | None]:
    """How long the body is, and either all of it or what will pour it; nothing for reads."""
    length = length_of(request)
    if not length:
        return 0, b"", None
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind not in route.media:
        raise Problem(
            415,
            "content-type",
            f"この種類の内容は受け付けていません（{'、'.join(sorted(route.media))}）。",
        )
    if length <= min(_HELD, route.body):
        return length, await read_whole(request, length, route.body), None
    _refuse_larger(length, route.body)
    return length, b"", Feed(_pieces(request, length))


def length_of(request: web.BaseRequest) -> int:
    """How many bytes the body has."""
    given = request.headers.get("Content-Length", "0")
    if not (given.isascii() and given.isdigit()):
        raise malformed("length-malformed")
    return int(given)


async def read_whole(request: web.BaseRequest, length: int, most: int) -> bytes:
    """``length`` bytes, if that is not too many and they come in time."""
    _refuse_larger(length, most)
    try:
        async with asyncio.timeout(READ_SECONDS):
            return await request.content.readexactly(length)
    except TimeoutError:
        raise _too_slow() from None
    except asyncio.IncompleteReadError:
        raise malformed("body-incomplete") from None


async def _pieces(request: web.BaseRequest, length: int) -> AsyncIterator[bytes]:
    """The body as it comes; the time in which the service takes it is not held against the client."""
    clock, left = asyncio.get_running_loop().time, READ_SECONDS
    while length:
        began = clock()
        try:
            async with asyncio.timeout(left):
                piece = await request.content.readany()
        except TimeoutError:
            raise _too_slow() from None
        except (OSError, web.RequestPayloadError):
            raise malformed("body-incomplete") from None
        if not piece:
            raise malformed("body-incomplete")
        left -= clock() - began
        length -= len(piece)
        yield piece


def _refuse_larger(length: int, most: int) -> None:
    if length > most:
        size = f"{most // MIB}MB" if most >= MIB else f"{most // KIB}KB"
        raise Problem(413, "body-too-large", f"送る内容が大きすぎます。{size}までにしてください。")


def _too_slow() -> Problem:
    return Problem(408, "body-too-slow", "時間内に届きませんでした。もう一度お試しください。")
