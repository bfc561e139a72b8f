"""The pages' way to the services: the same map, the same deadlines, the visitor's own token."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

import orjson
from aiohttp import web
from multidict import CIMultiDict

from chassis.clock import now
from gateway.edge.cache import Kept
from gateway.edge.counts import Counts
from gateway.edge.desk import DeskDays
from gateway.edge.headers import TO_SERVICE
from gateway.edge.heads import asking_of
from gateway.edge.moment import Moment
from gateway.edge.problems import Answer, Problem, not_found
from gateway.edge.reads import Reads, sound
from gateway.edge.signing import Signing
from gateway.edge.targets import place_of
from gateway.edge.upstream import Feed, Service
from gateway.edge.windows import Windows
from gateway.portal.asking import TOKEN, Condition, Entering, Reply, Window
from gateway.portal.brought import Brought
from gateway.portal.hours import Differing

#: Where the visitor comes from, as the edge believes it.
ADDRESS = web.RequestKey("address", str)


@dataclass(frozen=True, slots=True)
class Asker:
    """The pages' way to the services: the same map, the same deadlines, the visitor's own token."""

    services: Mapping[str, Service]
    reads: Reads
    signing: Signing
    moment: Moment
    tally: Counts
    resting: Windows
    desk: DeskDays

    async def ask(
        self,
        method: str,
        service_path: str,
        *,
        body: Any = None,
        query: Mapping[str, str] | None = None,
        token: str | None = None,
        idempotency_key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Ask ``/api/v1/<service>/…`` once; an answer that never came is a 503."""
        fields = CIMultiDict(headers or {})
        if idempotency_key is not None:
            fields["Idempotency-Key"] = idempotency_key
        try:
            answer = await self._answer(method, service_path, body, query, token, fields)
        except Problem as why:
            answer = why.answer(self.moment.request_id(self.moment.read()))
        return _reply(answer)

    async def _answer(
        self,
        method: str,
        service_path: str,
        body: Any,
        query: Mapping[str, str] | None,
        token: str | None,
        fields: CIMultiDict[str],
    ) -> Answer:
        place = place_of(_target(service_path, query))
        route = place.route
        if route is None or method not in route.methods:
            raise not_found()
        if method != "GET":
            self.resting.check(route.function)
        request_id = self.moment.request_id(self.moment.read())
        if method == "GET" and route.kept is not None:
            asking = asking_of(place, route, {}) + request_id + b"\r\n\r\n"
            found = await self.reads.found(place, route, asking, self.moment.read())
            return _plain(found)
        length, content, feed = _content(body, fields)
        raw = _request(method, place.target, route.service, fields, token, request_id, length)
        answer = await self.services[route.service].asked(
            raw + content, route.seconds, repeatable=method == "GET", feed=feed
        )
        return _plain(sound(answer, self.tally))

    async def sign_in(self, request: web.Request, sign_in_id: str, password: str) -> Entering:
        """Open a session for this browser."""
        return await self._entered(
            lambda: self.signing.opened(request, request[ADDRESS], sign_in_id, password)
        )

    async def second_factor(self, request: web.Request, code: str) -> Entering:
        """Complete the session this browser holds with a code."""
        return await self._entered(lambda: self.signing.completed(request, request[ADDRESS], code))

    async def sign_in_by_card(
        self, request: web.Request, answered: Mapping[str, str], terminal: str = ""
    ) -> Entering:
        """Open a session for the resident whose card answered; with a terminal, at the desk of who is signed in."""
        if terminal:
            return await self._entered(lambda: self.signing.at_desk(request, answered, terminal))
        return await self._entered(lambda: self.signing.by_card(answered))

    async def end_at_desk(self, request: web.Request, reason: str) -> tuple[str, ...]:
        """End what was begun with somebody at this terminal; answers the cookies that make the browser forget."""
        return await self.signing.desk_over(request, reason)

    async def set_up_factor(self, request: web.Request, code: str) -> Entering:
        """Confirm a new second factor with its first code; the reply holds the recovery codes."""
        path = "/api/v1/identity/me/totp/confirm"
        reply = await self.ask("POST", path, body={"code": code}, token=request.get(TOKEN))
        return Entering("open" if reply.ok else "refused", reply)

    async def _entered(
        self, entering: Callable[[], Awaitable[tuple[Answer, tuple[str, ...]]]]
    ) -> Entering:
        try:
            self.resting.check("sign_in")
            answer, cookies = await entering()
        except Problem as why:
            answer, cookies = why.answer(self.moment.request_id(self.moment.read())), ()
        reply = _reply(answer)
        state = str(reply.json().get("state", "")) if reply.ok else "refused"
        return Entering(state, reply, cookies)

    async def sign_out(self, request: web.Request) -> tuple[str, ...]:
        """End the session this browser holds; answers the cookies that make it forget."""
        return await self.signing.over(request)

    async def conditions(self) -> list[Condition]:
        """Whether each process answers."""
        at: datetime = now()
        return [
            Condition(name, any(copy.ready for copy in service.copies), at)
            for name, service in self.services.items()
        ]

    def windows(self) -> list[Window]:
        """Maintenance windows that are not over, the one that begins next first."""
        return self.resting.open()

    def desk_days(self) -> Differing:
        """Days on which the secretariat's desk is open otherwise, as scheduling said last."""
        return self.desk.known


def _target(service_path: str, query: Mapping[str, str] | None) -> str:
    target = quote(service_path, safe="/-._~!$&'()*+,=:@%")
    return f"{target}?{urlencode(query)}" if query else target


def _content(body: Any, fields: CIMultiDict[str]) -> tuple[int, bytes, Feed | None]:
    """How long the body is, and either all of it or what will pour it."""
    if body is None:
        return 0, b"", None
    if isinstance(body, Brought):
        return body.size, b"", Feed(body.pieces())
    content = body
    if not isinstance(body, bytes):
        fields.setdefault("Content-Type", "application/json")
        content = orjson.dumps(body)
    return len(content), content, None


def _request(
    method: str,
    target: bytes,
    service: str,
    fields: Mapping[str, str],
    token: str | None,
    request_id: bytes,
    length: int,
) -> bytes:
    lines = [f"Host: {service}", f"x-request-id: {request_id.decode()}"]
    if token is not None:
        lines.append(f"authorization: Bearer {token}")
    lines += [f"{k}: {v}" for k, v in fields.items() if k.lower() in TO_SERVICE and _one_line(v)]
    if length or method != "GET":
        lines.append(f"content-length: {length}")
    head = b"%b %b HTTP/1.1\r\n%b" % (method.encode(), target, "\r\n".join(lines).encode())
    return head + b"\r\n\r\n"


def _one_line(value: str) -> bool:
    return value.isascii() and value.isprintable()


def _plain(found: Kept | Answer | Problem) -> Answer:
    if isinstance(found, Problem):
        raise found
    if isinstance(found, Kept):
        return Answer(200, ((b"content-type", found.kind), (b"etag", found.etag)), found.body)
    return found


def _reply(answer: Answer) -> Reply:
    headers: CIMultiDict[str] = CIMultiDict(
        (name.decode(), value.decode("latin-1")) for name, value in answer.headers
    )
    return Reply(answer.status, headers, answer.body)
