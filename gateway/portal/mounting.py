"""Every page, put into the gateway's application."""

from aiohttp import web

from gateway.portal import assets
from gateway.portal.asking import CARD_DOOR, SERVICES, CardDoor, Services
from gateway.portal.copies import COPIES, Copies
from gateway.portal.pages import ALL
from gateway.portal.routes import Page, handler_of

#: Languages beside Japanese; a page without the variant shows its Japanese text and says so.
VARIANTS = ("easy", "en")
#: Pages of residents that have variants; the others are in Japanese alone.
_SPOKEN = frozenset({"/my"})


def add_pages(app: web.Application, services: Services, card_door: CardDoor | None = None) -> None:
    """Answer every page of the portal; the edge's middlewares set VISITOR and TOKEN on the request."""
    app[SERVICES] = services
    if card_door is not None:
        app[CARD_DOOR] = card_door
    app[COPIES] = Copies()
    app.router.add_get("/static/{digest}/{name}", assets.serve)
    for page in ALL:
        _add(app, page)


def _add(app: web.Application, page: Page) -> None:
    if page.method != "GET":
        app.router.add_route(page.method, page.path, handler_of(page))
        return
    # Answers HEAD, too.
    app.router.add_get(page.path, handler_of(page))
    if page.organisations or (page.residents and page.path not in _SPOKEN):
        return
    for variant in VARIANTS:
        path = f"/{variant}{page.path}" if page.path != "/" else f"/{variant}"
        app.router.add_get(path, handler_of(page, variant))
