"""Answers that go on: a long poll or server-sent events, piece by piece, no faster than they are read."""

import asyncio

from aiohttp import web

from gateway.edge.headers import PRIVATE, STREAM_HEADERS
from gateway.edge.problems import Answer, broken_off
from gateway.edge.reads import passable
from gateway.edge.routes import Route
from gateway.edge.upstream import Service, Stream, open_stream
from gateway.edge.visit import Visit

#: A listener comes back after this long; nobody holds a line for ever.
_LONGEST_SECONDS = 3600.0
_TAKE_SECONDS = 30.0
_MOST_PROBLEM = 256 * 1024


async def stream(visit: Visit, route: Route, service: Service, asking: bytes) -> web.StreamResponse:
    """What the service says, as it says it."""
    async with open_stream(service, asking, route.seconds) as opened:
        head = opened.head.result()
        if head.status != 200:
            return visit.answer(passable(await _whole(opened, head)))
        answer = _response(visit, head)
        await answer.prepare(visit.request)
        if visit.method == "HEAD":
            return answer
        try:
            async with asyncio.timeout(_LONGEST_SECONDS):
                async for piece in opened.pieces():
                    async with asyncio.timeout(_TAKE_SECONDS):
                        await answer.write(piece)
        except (TimeoutError, ConnectionError):
            _hang_up(visit.request)
        if not opened.complete:
            # The client must see that this was not all.
            _hang_up(visit.request)
        return answer


def _hang_up(request: web.BaseRequest) -> None:
    if request.transport is not None:
        request.transport.abort()


async def _whole(opened: Stream, head: Answer) -> Answer:
    body = b""
    async for piece in opened.pieces():
        body += piece
        if len(body) > _MOST_PROBLEM:
            raise broken_off()
    return Answer(head.status, head.headers, body)


def _response(visit: Visit, head: Answer) -> web.StreamResponse:
    answer = web.StreamResponse(status=200)
    for name, value in head.headers:
        answer.headers[name.decode()] = value.decode("latin-1")
    for title, text in STREAM_HEADERS:
        answer.headers[title] = text
    answer.headers["Cache-Control"] = PRIVATE.decode()
    answer.headers["X-Request-Id"] = visit.request_id.decode()
    return answer
