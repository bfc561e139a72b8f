"""Every page, put into the gateway's application."""

from aiohttp import web

from gateway.portal import assets
from gateway.portal.asking import CARD_DOOR, SERVICES, CardDoor, Services
from gateway.portal.copies import COPIES, Copies
from gateway.portal.doors import desk_page
from gateway.portal.pages import ALL
from gateway.portal.routes import Page, handler_of
from gateway.portal.tongues import TONGUES, address_in


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
    # Who works for an organisation, or at a desk, reads Japanese.
    alone = bool(page.organisations) or desk_page(page.path)
    variants = ("ja",) if alone else ("ja", *TONGUES)
    handler = handler_of(page)
    for path in dict.fromkeys(address_in(variant, page.path) for variant in variants):
        if page.method == "GET":
            # Answers HEAD, too.
            app.router.add_get(path, handler)
        else:
            app.router.add_route(page.method, path, handler)
