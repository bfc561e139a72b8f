"""One body of known length, of a kind the route takes, read whole before anybody is asked."""

import asyncio

from aiohttp import web

from gateway.edge.problems import Problem, malformed
from gateway.edge.routes import KIB, MIB, Route

#: A body must have come within this, however it drips.
_READ_SECONDS = 30.0


async def read_body(request: web.BaseRequest, route: Route) -> bytes:
    """The whole body; empty for reads."""
    length = length_of(request)
    if not length:
        return b""
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind not in route.media:
        raise Problem(
            415,
            "content-type",
            f"この種類の内容は受け付けていません（{'、'.join(sorted(route.media))}）。",
        )
    return await read_whole(request, length, route.body)


def length_of(request: web.BaseRequest) -> int:
    """How many bytes the body has."""
    given = request.headers.get("Content-Length", "0")
    if not (given.isascii() and given.isdigit()):
        raise malformed("length-malformed")
    return int(given)


async def read_whole(request: web.BaseRequest, length: int, most: int) -> bytes:
    """``length`` bytes, if that is not too many and they come in time."""
    if length > most:
        size = f"{most // MIB}MB" if most >= MIB else f"{most // KIB}KB"
        raise Problem(413, "body-too-large", f"送る内容が大きすぎます。{size}までにしてください。")
    try:
        async with asyncio.timeout(_READ_SECONDS):
            return await request.content.readexactly(length)
    except TimeoutError:
        raise Problem(
            408, "body-too-slow", "時間内に届きませんでした。もう一度お試しください。"
        ) from None
    except asyncio.IncompleteReadError:
        raise malformed("body-incomplete") from None
