"""What the edge does around a page."""

from dataclasses import dataclass
from typing import cast

import orjson
import structlog
from aiohttp import web

from gateway.edge import counts
from gateway.edge.access import COOKIE, DESK, Known, Sessions, check_origin
from gateway.edge.asker import ADDRESS
from gateway.edge.body import length_of
from gateway.edge.headers import PAGE_HEADERS
from gateway.edge.limits import Meter
from gateway.edge.problems import Problem
from gateway.edge.routes import MIB
from gateway.edge.visit import Visit
from gateway.portal.asking import (
    CARD_DOOR,
    DESK_DAYS,
    RESIDENT,
    SERVICES,
    TOKEN,
    VISITOR,
    Resident,
    Visitor,
)
from gateway.portal.doors import at_desk, desk_page
from gateway.portal.errors import error_page, fault_page, not_found_page
from gateway.portal.visit import Visit as PageVisit

_log = structlog.get_logger()

#: The largest form: a registration with its documents.
_MOST_BODY = 16 * MIB
_STATIC = ("/static/", "/api-docs/")


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
            return self.trouble(visit, why)
        return _dressed(answer, visit)

    def trouble(self, visit: Visit, why: Problem) -> web.StreamResponse:
        """A problem as a page a person reads; no page need have been reached that could ask anything."""
        request = cast(web.Request, visit.request)
        request[DESK_DAYS] = dict(self.app[SERVICES].desk_days())
        page = error_page(PageVisit(request), why.status, why.detail, retry_after=why.retry_after)
        return _dressed(page, visit)

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
            self._is(visit, request, known)
        if DESK in request.cookies:
            await self._at_desk(visit, request)

    def _is(self, visit: Visit, request: web.Request, known: Known) -> None:
        if known.principal.kind == "resident":
            request[RESIDENT] = resident_of(known)
        else:
            request[VISITOR] = visitor_of(known)
        request[TOKEN] = known.token
        visit.actor = orjson.dumps(str(known.principal))

    async def _at_desk(self, visit: Visit, request: web.Request) -> None:
        """Somebody is being helped here: pages of the desk are theirs, and any other page ends it."""
        path = visit.place.path
        if not desk_page(path):
            for cookie in await self.app[CARD_DOOR].end_at_desk(request, "left"):
                visit.more.append((b"Set-Cookie", cookie.encode()))
            return
        known = await self.sessions.known(request.cookies.get(DESK))
        if known is not None and known.principal.desk_id is not None and at_desk(path):
            self._is(visit, request, known)

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


def _dressed(answer: web.StreamResponse, visit: Visit) -> web.StreamResponse:
    """The answer with what every page carries."""
    if not answer.prepared:
        for name, value in PAGE_HEADERS:
            answer.headers.setdefault(name, value)
        answer.headers.setdefault("Cache-Control", "no-store")
        answer.headers["X-Request-Id"] = visit.request_id.decode()
        for more, content in visit.more:
            answer.headers.add(more.decode(), content.decode())
    return answer


def resident_of(known: Known) -> Resident:
    """The resident behind a session, as pages show them."""
    me = known.me
    return Resident(
        resident_id=str(me["resident_id"]),
        name=str(me["name"]),
        birth_year=me["birth_year"],
        session_id=str(me["session_id"]),
        desk_id=str(me.get("desk_id") or ""),
        terminal=str(me.get("terminal") or ""),
    )


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
