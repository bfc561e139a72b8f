"""An answer that comes piece by piece, for as long as somebody listens."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import httptools

from gateway.edge.headers import FROM_SERVICE
from gateway.edge.problems import Answer, broken_off, too_slow, unreachable
from gateway.edge.upstream.service import Copy, Service

_HOLD_AT = 256 * 1024
_CONNECT_SECONDS = 2.0


class Stream(asyncio.Protocol):
    """One connection for one streamed answer: its head first, then its pieces, no faster than they are taken."""

    def __init__(self, raw: bytes) -> None:
        loop = asyncio.get_running_loop()
        self.head: asyncio.Future[Answer] = loop.create_future()
        self._raw = raw
        self._parser = httptools.HttpResponseParser(self)
        self._headers: list[tuple[bytes, bytes]] = []
        self._pieces: deque[bytes] = deque()
        self._held = 0
        self._more = asyncio.Event()
        self._over = False
        #: Whether the service said all it had to say.
        self.complete = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask at once."""
        # uvloop's transports do not inherit from asyncio's.
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._raw)

    def data_received(self, data: bytes) -> None:
        """Read on, and hold the service back when the client is slower."""
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self.close()
        if self._held > _HOLD_AT and self._transport is not None:
            self._transport.pause_reading()
        self._more.set()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep the headers that may pass."""
        kept = FROM_SERVICE.get(name.lower())
        if kept is not None:
            self._headers.append((kept, value))

    def on_headers_complete(self) -> None:
        """The head is whole."""
        if not self.head.done():
            self.head.set_result(Answer(self._parser.get_status_code(), tuple(self._headers)))

    def on_body(self, body: bytes) -> None:
        """Another piece."""
        self._pieces.append(body)
        self._held += len(body)

    def on_message_complete(self) -> None:
        """That was all."""
        self._over = self.complete = True

    def connection_lost(self, exc: Exception | None) -> None:
        """The service hung up."""
        self._transport = None
        self._over = True
        self._more.set()
        if not self.head.done():
            self.head.set_exception(broken_off())

    async def pieces(self) -> AsyncIterator[bytes]:
        """What came since, until the service has said all."""
        while True:
            while self._pieces:
                piece = b"".join(self._pieces)
                self._pieces.clear()
                self._held = 0
                if self._transport is not None:
                    self._transport.resume_reading()
                yield piece
            if self._over:
                return
            self._more.clear()
            await self._more.wait()

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.abort()


@asynccontextmanager
async def open_stream(service: Service, raw: bytes, seconds: float) -> AsyncIterator[Stream]:
    """A streamed answer whose head arrives within ``seconds``."""
    stream = await _connected(service, raw)
    try:
        await _headed(stream, seconds)
        yield stream
    finally:
        stream.close()


async def _headed(stream: Stream, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await asyncio.shield(stream.head)
    except TimeoutError:
        # Looked at, so that nobody complains that the hanging up was never noticed.
        stream.head.add_done_callback(lambda head: head.exception())
        raise too_slow() from None


async def _connected(service: Service, raw: bytes) -> Stream:
    loop = asyncio.get_running_loop()
    tried: set[object] = set()
    copy: Copy | None
    while (copy := service.choose(tried)) is not None:
        tried.add(copy)
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                _, stream = await loop.create_connection(lambda: Stream(raw), copy.host, copy.port)
        except (OSError, TimeoutError):
            copy.ready = False
            continue
        return stream
    raise unreachable()
