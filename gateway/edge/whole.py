"""An answer that is ready as bytes, sent in one write through aiohttp's own connection."""

import asyncio
from collections.abc import Iterable
from typing import Any

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from gateway.edge.cache import Kept, same
from gateway.edge.headers import API, PRIVATE, start_of
from gateway.edge.moment import Moment
from gateway.edge.problems import Answer, Problem

#: How long a client may take to read what it asked for.
_TAKE_SECONDS = 30.0


def parts_of(
    found: Kept | Answer | Problem,
    if_none_match: bytes | None,
    request_id: bytes,
    more: Iterable[tuple[bytes, bytes]] = (),
    every: bytes = API,
) -> tuple[int, bytes, bytes]:
    """Status, head up to the request id, and body of what was found."""
    if isinstance(found, Kept):
        if if_none_match is not None and same(if_none_match, found.etag):
            return 304, found.start_304, b""
        return 200, found.start, found.body
    answer = found.answer(request_id) if isinstance(found, Problem) else found
    return answer.status, start_of(answer, PRIVATE, more, every), answer.body


def bytes_of(start: bytes, request_id: bytes, moment: Moment, ending: bytes, body: bytes) -> bytes:
    """The whole answer; ``ending`` is what the connection adds to the head."""
    return b"".join((start, request_id, moment.date, ending, b"\r\n\r\n", body))


KEEP = b""
CLOSE = b"\r\nConnection: close"


class Whole(web.StreamResponse):
    """The answer of the ordinary path: the same bytes the fast path writes."""

    def __init__(
        self, status: int, start: bytes, body: bytes, request_id: bytes, moment: Moment
    ) -> None:
        super().__init__(status=status)
        self._start_bytes = start
        self._body_bytes = body
        self._request_id = request_id
        self._moment = moment

    @property
    def size(self) -> int:
        """How many bytes its body has."""
        return len(self._body_bytes)

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Send it all."""
        self._eof_sent = True
        self._keep_alive = request.keep_alive and self._keep_alive is not False
        protocol: Any = request.protocol
        transport = request.transport
        if transport is None:
            raise ConnectionResetError("the client is gone")
        body = b"" if request.method == "HEAD" else self._body_bytes
        ending = KEEP if self._keep_alive else CLOSE
        if self._keep_alive and request.version < (1, 1):
            ending = b"\r\nConnection: keep-alive"
        transport.write(bytes_of(self._start_bytes, self._request_id, self._moment, ending, body))
        try:
            async with asyncio.timeout(_TAKE_SECONDS):
                await protocol._drain_helper()
        except TimeoutError:
            transport.abort()
            raise ConnectionResetError("the client does not read") from None
        return request._payload_writer

    async def write_eof(self, data: bytes = b"") -> None:
        """Everything has been sent."""
