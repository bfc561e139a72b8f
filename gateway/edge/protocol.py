"""Ordinary public reads answered inside aiohttp's connection, before its parser, task and request.

The plain twin is `forward`: same map, same allowances, same bytes, same line in the log. Anything unusual — a body, a
token, a second request behind the first, a head in two pieces — goes there, and a connection on which something
unusual was seen stays there. `GATEWAY_FAST_PATH=false` sends everything there.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

import orjson
from aiohttp import web
from aiohttp.web_protocol import RequestHandler
from aiohttp.web_server import Server

from gateway.edge.checks import Hosts, peer_of
from gateway.edge.counts import Counts, track_of
from gateway.edge.heads import Glance, glance
from gateway.edge.limits import Meter
from gateway.edge.lines import Lines
from gateway.edge.moment import Moment
from gateway.edge.problems import Problem, malformed
from gateway.edge.reads import Found, Reads
from gateway.edge.visit import PUBLIC, Visit
from gateway.edge.whole import KEEP, bytes_of, parts_of

_MOST_HELD = 64 * 1024


@dataclass(slots=True)
class Doorway:
    """What the connections of one worker share."""

    fast: bool
    moment: Moment
    meter: Meter
    counts: Counts
    lines: Lines
    hosts: Hosts
    reads: Reads
    #: How many connections are open.
    open: int = 0

    def unreadable(self, request: web.BaseRequest, problem: Problem) -> web.StreamResponse:
        """What is said to who cannot be understood."""
        at = self.moment.read()
        return Visit(request, self.moment.request_id(at), at, self.moment).answer(problem)


class Door(RequestHandler):
    """One connection from outside."""

    __slots__ = ("_address", "_address_json", "_asked", "_clean", "_doorway", "_held")

    def __init__(self, doorway: Doorway, server: Server, **options: Any) -> None:
        super().__init__(server, **options)
        self._doorway = doorway
        #: Whether every byte so far has been understood as whole requests.
        self._clean = doorway.fast
        #: The read on its way to a service, if any, and what arrived behind it.
        self._asked: Glance | None = None
        self._held = b""
        self._address = ""
        self._address_json = b'""'

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody is at the door."""
        super().connection_made(transport)
        self._doorway.open += 1
        self._address = peer_of(transport)
        self._address_json = orjson.dumps(self._address)

    def connection_lost(self, exc: BaseException | None) -> None:
        """They have left."""
        self._doorway.open -= 1
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Answer at once what can be, hand over everything else."""
        if self._asked is not None:
            self._hold(data)
            return
        if self._clean and self._idle() and not self._paused:
            seen = glance(data)
            if seen is not None and self._doorway.hosts.ours(seen.host):
                self._take(seen)
                return
        self._hand_over(data)

    def _idle(self) -> bool:
        """Whether aiohttp waits for a request and has nothing left of another."""
        waiter = self._waiter
        if self._messages or self._close or self._force_close:
            return False
        return not waiter.done() if waiter is not None else not self._request_count

    def _hand_over(self, data: bytes) -> None:
        before = self._request_count
        super().data_received(data)
        # Fast again only after exactly one whole request without a body.
        if self._clean:
            one = self._request_count == before + 1 and data.find(b"\r\n\r\n") == len(data) - 4
            messages = self._messages
            self._clean = one and len(messages) == 1 and messages[0][1].is_eof()

    def _take(self, seen: Glance) -> None:
        """One ordinary public read: the steps of `Edge` and `Forward`, in the same order."""
        doorway = self._doorway
        moment = doorway.moment
        at = moment.read()
        request_id = moment.request_id(at)
        self._next_keepalive_close_time = at + self._keepalive_timeout
        try:
            doorway.meter.take(seen.route.rate, self._client(seen), at)
        except Problem as why:
            self._send(seen, why, request_id, at)
            return
        kept = doorway.reads.kept(seen.place, seen.route, at)
        if kept is not None:
            self._send(seen, kept, request_id, at)
            return
        self._asked = seen
        # Being asked for is not being idle.
        self._next_keepalive_close_time = at + seen.route.seconds + self._keepalive_timeout
        asking = seen.asking + request_id + b"\r\n\r\n"

        def hear(found: Found) -> None:
            self._answered(seen, found, request_id, at)

        doorway.reads.read(seen.place, seen.route, asking, hear, at)

    def _client(self, seen: Glance) -> str:
        """Where the client is, whatever stands between."""
        if seen.forwarded is None or not self._doorway.hosts.proxies:
            return self._address
        return self._doorway.hosts.behind(self._address, seen.forwarded)

    def _answered(self, seen: Glance, found: Found, request_id: bytes, at: float) -> None:
        self._asked = None
        self._next_keepalive_close_time = self._doorway.moment.read() + self._keepalive_timeout
        self._send(seen, found, request_id, at)
        held, self._held = self._held, b""
        if held and self.transport is not None:
            self._resume_transport_reading()
            self.data_received(held)
        if self._close:
            self.force_close()

    def _send(self, seen: Glance, found: Found, request_id: bytes, began: float) -> None:
        doorway = self._doorway
        status, start, body = parts_of(found, seen.if_none_match, request_id)
        if self.transport is not None:
            self.transport.write(bytes_of(start, request_id, doorway.moment, KEEP, body))
        at = doorway.moment.read()
        milliseconds = int((at - began) * 1000)
        doorway.counts.request(track_of(seen.route), status, milliseconds)
        doorway.counts.add("fast")
        if status == 429:
            doorway.counts.add("rate_refused")
        doorway.lines.request(
            request_id,
            b"GET",
            seen.path,
            status,
            at,
            milliseconds,
            len(body),
            self._address_json if seen.forwarded is None else orjson.dumps(self._client(seen)),
            PUBLIC,
            b"fast",
        )

    def _hold(self, data: bytes) -> None:
        """Keep what arrived behind a read that is still on its way; answers go out in order."""
        self._held += data
        if len(self._held) > _MOST_HELD:
            self._pause_transport_reading()

    def close(self) -> None:
        """Stop taking requests; one that is on its way is still answered, and aiohttp's task waits for that."""
        if self._asked is None:
            super().close()
        else:
            self._close = True

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """What cannot be read as HTTP is answered as a problem too, and the connection ends."""
        del exc, message
        answer = self._doorway.unreadable(request, malformed("request-malformed"))
        if status != 400:
            self.logger.error("a request failed outside of the edge: %s", status)
        answer.force_close()
        return answer
