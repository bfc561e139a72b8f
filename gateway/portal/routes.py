"""Addresses of pages, and everything around the function that makes one."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import quote

from aiohttp import web

from gateway.portal.doors import at_desk
from gateway.portal.errors import answer_page, error_page
from gateway.portal.visit import Answered, Refused, Visit

Show = Callable[[Visit], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Page:
    """One address: what makes it, and who may come."""

    method: str
    path: str
    show: Show
    organisations: frozenset[str]
    roles: frozenset[str]
    #: A page of residents: at home, or helped at a desk.
    residents: bool = False


@dataclass(slots=True)
class Pages:
    """The pages of one module; ``organisations`` is empty where anybody may come, or residents alone."""

    organisations: frozenset[str] = frozenset()
    residents: bool = False
    found: list[Page] = field(default_factory=list)

    def get(self, *paths: str, roles: frozenset[str] = frozenset()) -> Callable[[Show], Show]:
        """A page to look at; it changes nothing."""
        return self._at("GET", paths, roles)

    def post(self, *paths: str, roles: frozenset[str] = frozenset()) -> Callable[[Show], Show]:
        """Where a form of this page is sent."""
        return self._at("POST", paths, roles)

    def _at(
        self, method: str, paths: tuple[str, ...], roles: frozenset[str]
    ) -> Callable[[Show], Show]:
        def declared(show: Show) -> Show:
            self.found += [
                Page(method, p, show, self.organisations, roles, self.residents) for p in paths
            ]
            return show

        return declared


def handler_of(page: Page) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The page as aiohttp wants it: admission before, error pages after."""

    async def handler(request: web.Request) -> web.StreamResponse:
        visit = Visit(request)
        try:
            return _turned_away(page, visit) or await page.show(visit)
        except Answered as why:
            if why.reply.status == 401:
                return _sign_in(page, visit)
            return answer_page(visit, why.reply)
        except Refused as why:
            if why.status == 401:
                return _sign_in(page, visit)
            return error_page(visit, why.status, why.detail)

    return handler


def _turned_away(page: Page, visit: Visit) -> web.Response | None:
    if page.residents:
        return _sign_in(page, visit) if visit.resident is None else None
    if not page.organisations:
        return None
    if visit.visitor is None:
        return _sign_in(page, visit)
    if visit.visitor.state == "second_factor_setup":
        return visit.go("/signin/second-factor/setup")
    kind = visit.visitor.organisation_kind
    if kind not in page.organisations or visit.door.name not in (kind, "ops", "desk", "public"):
        return error_page(visit, 403)
    if page.roles and not visit.visitor.roles & page.roles:
        return error_page(visit, 403, roles=page.roles)
    return None


def _sign_in(page: Page, visit: Visit) -> web.Response:
    if at_desk(visit.path):
        return visit.go("/desk/ended")
    back = visit.request.path_qs if visit.request.method == "GET" else visit.door.home
    by = "card" if page.residents else "organisation"
    return visit.go(f"/signin/{by}?next={quote(back, safe='/')}")
