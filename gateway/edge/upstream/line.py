"""One keep-alive connection to one copy of a service, parsed by llhttp."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, cast

import httptools
import structlog

from gateway.edge.headers import FROM_SERVICE
from gateway.edge.problems import Answer, Problem, broken_off
from gateway.edge.upstream.feed import Feed

_log = structlog.get_logger()

_MOST_BYTES = 48 * 1024 * 1024

Hear = Callable[[Answer | Problem], None]


class Asking:
    """One request on its way, and who waits for it."""

    __slots__ = ("again", "deadline", "feed", "hear", "raw", "repeatable", "tried")

    def __init__(
        self, raw: bytes, hear: Hear, deadline: float, *, repeatable: bool, feed: Feed | None = None
    ) -> None:
        self.raw = raw
        #: What follows ``raw``, where the body is too large to be held.
        self.feed = feed
        self.hear = hear
        self.deadline = deadline
        #: Whether it may be sent a second time when nothing came back the first time.
        self.repeatable = repeatable
        self.again = False
        self.tried: set[object] = set()


class Owner(Protocol):
    """Whose line it is."""

    service: str

    def freed(self, line: "Line") -> None:
        """The line has been answered and may be asked again."""

    def left(self, line: "Line") -> None:
        """The line is gone."""

    def lost(self, line: "Line", asking: Asking) -> None:
        """The line was lost before the answer was whole."""

    def pour(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Do the pouring of a body on the side."""


class Line(asyncio.Protocol):
    """One connection; carries one request at a time."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._headers: list[tuple[bytes, bytes]] = []
        self._body: list[bytes] = []
        self._answer: Answer | None = None
        self._kept = False
        self._size = 0
        self._room = asyncio.Event()
        self._room.set()
        self._pouring: asyncio.Task[None] | None = None
        self.asking: Asking | None = None
        self.heard = False
        self.idle_at = 0.0

    @property
    def open(self) -> bool:
        """Whether it can be asked."""
        return self._transport is not None and not self._transport.is_closing()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ready to be asked."""
        # uvloop's transports do not inherit from asyncio's.
        self._transport = cast(asyncio.Transport, transport)

    def ask(self, asking: Asking) -> None:
        """Send the one request this line carries now."""
        self.asking = asking
        self.heard = False
        self._size = 0
        self._headers, self._body, self._answer = [], [], None
        assert self._transport is not None
        self._transport.write(asking.raw)
        if asking.feed is not None:
            self._pouring = self._owner.pour(asking.feed.pour(self._take, self.close))

    async def _take(self, piece: bytes) -> bool:
        """Send a piece of the body when there is room; False once nobody waits for the answer any more."""
        await self._room.wait()
        if self._transport is None or self.asking is None:
            return False
        self._transport.write(piece)
        return True

    def pause_writing(self) -> None:
        """The service takes the body more slowly than it comes."""
        self._room.clear()

    def resume_writing(self) -> None:
        """There is room again."""
        self._room.set()

    def _stop_pouring(self) -> None:
        """Nobody wants the rest of the body; whoever sent it is left to the one who answers."""
        pouring, self._pouring = self._pouring, None
        if pouring is not None:
            pouring.cancel()

    def data_received(self, data: bytes) -> None:
        """Read on; anything that is not HTTP, or was not asked for, ends the line."""
        self.heard = True
        self._size += len(data)
        if self.asking is None or self._size > _MOST_BYTES:
            self.close(broken_off())
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as why:
            _log.warning("answer not understood", peer=self._owner.service, why=repr(why))
            self.close(broken_off())
            return
        if self._answer is not None:
            self._finish(self._answer)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep the headers that may pass."""
        kept = FROM_SERVICE.get(name.lower())
        if kept is not None:
            self._headers.append((kept, value))

    def on_body(self, body: bytes) -> None:
        """Gather the body."""
        self._body.append(body)

    def on_message_complete(self) -> None:
        """The answer is whole; a second one in the same breath was not asked for."""
        if self._answer is not None:
            raise ValueError("two answers to one request")
        status = self._parser.get_status_code()
        if status < 200:
            self._headers = []
            return
        # The parser only knows until it has left this message.
        self._kept = self._parser.should_keep_alive()
        body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        self._answer = Answer(status, tuple(self._headers), body)

    def _finish(self, answer: Answer) -> None:
        """Free for the next request, unless the service wants to hang up; then tell who waits."""
        asking, self.asking = self.asking, None
        self._stop_pouring()
        if self._kept and (asking is None or asking.feed is None or asking.feed.done):
            self._owner.freed(self)
        else:
            self._hang_up()
        if asking is not None:
            asking.hear(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        """The service hung up."""
        self._transport = None
        self._stop_pouring()
        self._owner.left(self)
        asking, self.asking = self.asking, None
        if asking is not None:
            self._owner.lost(self, asking)

    def close(self, problem: Problem) -> None:
        """Hang up, telling whoever waits."""
        asking, self.asking = self.asking, None
        self._stop_pouring()
        self._hang_up()
        if asking is not None:
            asking.hear(problem)

    def _hang_up(self) -> None:
        self._owner.left(self)
        if self._transport is not None:
            self._transport.abort()
