"""The ordinary way of a request under ``/api/``: who asks, how much, then one request to one service."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import orjson
from aiohttp import web

from gateway.edge.access import COOKIE, Known, Sessions, check_origin
from gateway.edge.body import READ_SECONDS, body_of
from gateway.edge.counts import Counts, track_of
from gateway.edge.headers import TO_SERVICE
from gateway.edge.heads import asking_of
from gateway.edge.limits import Meter
from gateway.edge.problems import Problem, not_found, not_this_way, sign_in_first, token_refused
from gateway.edge.reads import Found, Reads, sound
from gateway.edge.routes import Route
from gateway.edge.streams import stream
from gateway.edge.upstream import Feed, Service
from gateway.edge.visit import Visit
from gateway.edge.windows import Windows

Own = Callable[[Visit], Awaitable[Found]]


@dataclass(frozen=True, slots=True)
class Forward:
    """Requests for the services, and the few addresses under ``/api/`` the gateway answers itself."""

    services: Mapping[str, Service]
    sessions: Sessions
    reads: Reads
    meter: Meter
    counts: Counts
    scheme: str
    windows: Windows
    #: ``("POST", "/api/v1/sessions")`` → what answers it.
    own: Mapping[tuple[str, str], Own]

    async def __call__(self, visit: Visit) -> web.StreamResponse:
        """Answer a request under ``/api/``."""
        route = visit.place.route
        method = "GET" if visit.method == "HEAD" else visit.method
        if route is None:
            return await self._own(visit, method)
        visit.track = track_of(route)
        if method not in route.methods:
            raise not_this_way(", ".join(sorted(route.methods)))
        rate = route.rate if method == "GET" else route.write_rate
        self.meter.take(rate, visit.address, visit.at)
        bearer = "Authorization" in visit.request.headers
        if method == "GET" and method in route.public and not bearer and not route.streams:
            return visit.answer(await self._read(visit, route))
        if method != "GET":
            self.windows.check(route.function)
        token = await self._token(visit, route, method, rate)
        asking, feed = await self._asking(visit, route, method, token)
        service = self.services[route.service]
        if route.streams:
            return await stream(visit, route, service, asking)
        seconds = route.seconds + (READ_SECONDS if feed else 0)
        answer = await service.asked(asking, seconds, repeatable=method == "GET", feed=feed)
        return visit.answer(sound(answer, self.counts))

    async def _own(self, visit: Visit, method: str) -> web.StreamResponse:
        methods = [m for m, path in self.own if path == visit.place.path]
        if not methods:
            raise not_found()
        if method not in methods:
            raise not_this_way(", ".join(sorted(methods)))
        self.meter.take("sign-in" if method == "POST" else "read", visit.address, visit.at)
        if method == "POST":
            self.windows.check("sign_in")
        return visit.answer(await self.own[method, visit.place.path](visit))

    async def _read(self, visit: Visit, route: Route) -> Found:
        """A public read, as the fast path does it: whoever asks, the answer is the same."""
        fields = {
            name.lower().encode(): value.encode("utf-8", "surrogateescape")
            for name, value in visit.request.headers.items()
        }
        asking = asking_of(visit.place, route, fields) + visit.request_id + b"\r\n\r\n"
        return await self.reads.found(visit.place, route, asking, visit.at)

    async def _token(self, visit: Visit, route: Route, method: str, rate: str) -> str | None:
        """The token to pass on; refused where there must be one and is none."""
        headers = visit.request.headers
        given = headers.get("Authorization")
        if given is not None and route.shows_secret and given[:6].lower() == "basic ":
            return None
        if given is not None:
            return self._of_client(visit, given, rate)
        known = await self._of_browser(visit, method)
        if known is not None:
            self.meter.take(rate, str(known.principal.session_id), visit.at)
            visit.actor = orjson.dumps(str(known.principal))
            return known.token
        if method in route.public:
            return None
        raise sign_in_first()

    def _of_client(self, visit: Visit, given: str, rate: str) -> str:
        scheme, _, token = given.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise token_refused()
        principal = self.sessions.bearer(token)
        self.meter.take(rate, principal.subject, visit.at)
        visit.actor = orjson.dumps(str(principal))
        return token

    async def _of_browser(self, visit: Visit, method: str) -> Known | None:
        cookie = visit.request.cookies.get(COOKIE)
        if method != "GET":
            check_origin(visit.request.headers, self.scheme, visit.host, cookie=cookie is not None)
        return await self.sessions.known(cookie)

    async def _asking(
        self, visit: Visit, route: Route, method: str, token: str | None
    ) -> tuple[bytes, Feed | None]:
        """The request for the service, built anew from what may pass, and what pours a large body after it."""
        length, body, feed = await body_of(visit.request, route)
        parts = [
            b"%b %b HTTP/1.1\r\nHost: %b"
            % (method.encode(), visit.place.target, route.service.encode())
        ]
        for name in TO_SERVICE:
            value = visit.header(name)
            if value is not None:
                parts.append(b"\r\n%b: %b" % (name.encode(), _plain(value)))
        if token is not None:
            parts.append(b"\r\nauthorization: Bearer " + token.encode())
        elif route.shows_secret and (secret := visit.header("authorization")) is not None:
            parts.append(b"\r\nauthorization: " + _plain(secret))
        if length or method != "GET":
            parts.append(b"\r\ncontent-length: %d" % length)
        parts.append(b"\r\nx-request-id: %b\r\n\r\n" % visit.request_id)
        return b"".join((*parts, body)), feed


def _plain(value: bytes) -> bytes:
    """A header's value without anything but visible ASCII, blanks and tabs."""
    if not value.isascii() or any((c < 32 and c != 9) or c == 127 for c in value):
        raise Problem(400, "header-malformed", "ヘッダーに使えない文字が含まれています。")
    return value
