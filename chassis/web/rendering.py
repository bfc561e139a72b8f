"""What a handler returned, as an HTTP answer."""

from typing import Any, cast

from aiohttp import web

from chassis.web.answer import Answer, Json
from chassis.web.routes import Route


def response_of(returned: Any, route: Route, request: web.Request) -> web.Response:
    """The answer, with 304 where the visitor has it already."""
    # A stream was prepared by the handler itself; it passes as it is.
    if isinstance(returned, web.StreamResponse):
        return cast(web.Response, returned)
    answer = returned if isinstance(returned, Answer) else Answer(returned)
    headers = dict(answer.headers)
    etag = answer.etag or (answer.body.etag if isinstance(answer.body, Json) else None)
    if etag is not None:
        headers["ETag"] = f'"{etag}"'
        if not route.writes and headers["ETag"] in request.headers.get("If-None-Match", ""):
            return web.Response(status=304, headers=headers)
    status = answer.status or (204 if answer.body is None else route.status)
    if answer.body is None:
        return web.Response(status=status, headers=headers)
    headers.setdefault("Content-Type", answer.content_type)
    return web.Response(status=status, body=_bytes(answer.body), headers=headers)


def _bytes(body: Any) -> bytes:
    if isinstance(body, bytes):
        return body
    if isinstance(body, Json):
        return body.content if isinstance(body.content, bytes) else body.content.encode()
    serialised: bytes = body.__pydantic_serializer__.to_json(body)
    return serialised
