"""What the edge does around a page, and what a page may ask of it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from urllib.parse import quote, urlencode

import orjson
import structlog
from aiohttp import web
from multidict import CIMultiDict

from chassis.clock import now
from gateway.edge import counts
from gateway.edge.access import COOKIE, Known, Sessions, check_origin
from gateway.edge.body import length_of
from gateway.edge.cache import Kept
from gateway.edge.counts import Counts
from gateway.edge.headers import PAGE_HEADERS, TO_SERVICE
from gateway.edge.heads import asking_of
from gateway.edge.limits import Meter
from gateway.edge.moment import Moment
from gateway.edge.problems import Answer, Problem, not_found
from gateway.edge.reads import Reads, sound
from gateway.edge.routes import MIB
from gateway.edge.signing import Signing
from gateway.edge.targets import place_of
from gateway.edge.upstream import Service
from gateway.edge.visit import Visit
from gateway.portal.asking import TOKEN, VISITOR, Condition, Entering, Reply, Visitor
from gateway.portal.errors import error_page, fault_page, not_found_page
from gateway.portal.visit import Visit as PageVisit

_log = structlog.get_logger()

#: The largest form: a registration with its documents.
_MOST_BODY = 16 * MIB
_STATIC = ("/static/", "/api-docs/")
ADDRESS = web.RequestKey("address", str)


@dataclass(frozen=True, slots=True)
class Pages:
    """Pages and files of the portal, with everything around them that every request meets."""

    app: web.Application
    sessions: Sessions
    meter: Meter
    scheme: str

    async def __call__(self, visit: Visit) -> web.StreamResponse:
        """Answer a page."""
        request = cast(web.Request, visit.request)
        asset = visit.place.path.startswith(_STATIC)
        visit.track = counts.ASSETS if asset else counts.PAGES
        try:
            self.meter.take("asset" if asset else "page", visit.address, visit.at)
            if not asset:
                await self._know(visit, request)
            answer = await self._handled(request, visit)
        except Problem as why:
            return trouble(visit, why)
        return _dressed(answer, visit)

    async def _know(self, visit: Visit, request: web.Request) -> None:
        """Who is visiting, and that what is posted comes from a page of ours."""
        request[ADDRESS] = visit.address
        cookie = request.cookies.get(COOKIE)
        if visit.method not in ("GET", "HEAD"):
            self.meter.take("write", visit.address, visit.at)
            check_origin(request.headers, self.scheme, visit.host, cookie=cookie is not None)
            if length_of(request) > _MOST_BODY:
                raise Problem(
                    413, "body-too-large", "送る内容が大きすぎます。ファイルを小さくしてください。"
                )
        known = await self.sessions.known(cookie)
        if known is not None:
            request[VISITOR] = visitor_of(known)
            request[TOKEN] = known.token
            visit.actor = orjson.dumps(str(known.principal))

    async def _handled(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        try:
            return await self.app._handle(request)
        except web.HTTPNotFound:
            return not_found_page(request)
        except web.HTTPMethodNotAllowed:
            return error_page(PageVisit(request), 404)
        except web.HTTPRequestEntityTooLarge:
            raise Problem(413, "body-too-large", "送る内容が大きすぎます。") from None
        except web.HTTPException as why:
            raise Problem(why.status, "request-refused", "") from None
        except Problem:
            raise
        except Exception:
            _log.exception("a page failed", path=visit.place.path)
            return fault_page(request, visit.request_id.decode())


def trouble(visit: Visit, why: Problem) -> web.StreamResponse:
    """A problem as a page a person reads."""
    page = PageVisit(cast(web.Request, visit.request))
    return _dressed(error_page(page, why.status, why.detail, retry_after=why.retry_after), visit)


def _dressed(answer: web.StreamResponse, visit: Visit) -> web.StreamResponse:
    """The answer with what every page carries."""
    if not answer.prepared:
        for name, value in PAGE_HEADERS:
            answer.headers.setdefault(name, value)
        answer.headers.setdefault("Cache-Control", "no-store")
        answer.headers["X-Request-Id"] = visit.request_id.decode()
    return answer


def visitor_of(known: Known) -> Visitor:
    """The member behind a session, as pages show them."""
    me = known.me
    return Visitor(
        member_id=str(me["member_id"]),
        name=str(me["name"]),
        sign_in_id=str(me["sign_in_id"]),
        organisation_id=str(me["organisation_id"]),
        organisation_kind=str(me["organisation_kind"]),
        organisation_name=str(me["organisation_name"]),
        roles=frozenset(me["roles"]),
        session_id=str(me.get("session_id", "")),
        state=str(me.get("state", "open")),
        registration=str(me.get("registration", "none")),
        notice=str(me.get("notice") or ""),
    )


Conditions = Callable[[], Awaitable[list[Condition]]]


@dataclass(frozen=True, slots=True)
class Asker:
    """The pages' way to the services: the same map, the same deadlines, the visitor's own token."""

    services: Mapping[str, Service]
    reads: Reads
    signing: Signing
    moment: Moment
    tally: Counts

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
        request_id = self.moment.request_id(self.moment.read())
        if method == "GET" and route.kept is not None:
            asking = asking_of(place, route, {}) + request_id + b"\r\n\r\n"
            found = await self.reads.found(place, route, asking, self.moment.read())
            return _plain(found)
        content = _content(body, fields)
        raw = _request(method, place.target, route.service, fields, token, request_id, content)
        answer = await self.services[route.service].asked(
            raw, route.seconds, repeatable=method == "GET"
        )
        return _plain(sound(answer, self.tally))

    async def sign_in(self, request: web.Request, sign_in_id: str, password: str) -> Entering:
        """Open a session for this browser."""
        return await self._entered(
            self.signing.opened(request, request[ADDRESS], sign_in_id, password)
        )

    async def second_factor(self, request: web.Request, code: str) -> Entering:
        """Complete the session this browser holds with a code."""
        return await self._entered(self.signing.completed(request, request[ADDRESS], code))

    async def set_up_factor(self, request: web.Request, code: str) -> Entering:
        """Confirm a new second factor with its first code; the reply holds the recovery codes."""
        path = "/api/v1/identity/me/totp/confirm"
        reply = await self.ask("POST", path, body={"code": code}, token=request.get(TOKEN))
        return Entering("open" if reply.ok else "refused", reply)

    async def _entered(self, entering: Awaitable[tuple[Answer, tuple[str, ...]]]) -> Entering:
        try:
            answer, cookies = await entering
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


def _target(service_path: str, query: Mapping[str, str] | None) -> str:
    target = quote(service_path, safe="/-._~!$&'()*+,=:@%")
    return f"{target}?{urlencode(query)}" if query else target


def _content(body: Any, fields: CIMultiDict[str]) -> bytes:
    if body is None:
        return b""
    if isinstance(body, bytes):
        return body
    fields.setdefault("Content-Type", "application/json")
    return orjson.dumps(body)


def _request(
    method: str,
    target: bytes,
    service: str,
    fields: Mapping[str, str],
    token: str | None,
    request_id: bytes,
    content: bytes,
) -> bytes:
    lines = [f"Host: {service}", f"x-request-id: {request_id.decode()}"]
    if token is not None:
        lines.append(f"authorization: Bearer {token}")
    lines += [f"{k}: {v}" for k, v in fields.items() if k.lower() in TO_SERVICE and _one_line(v)]
    if content or method != "GET":
        lines.append(f"content-length: {len(content)}")
    head = b"%b %b HTTP/1.1\r\n%b" % (method.encode(), target, "\r\n".join(lines).encode())
    return head + b"\r\n\r\n" + content


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
