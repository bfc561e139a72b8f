"""The simulator as an aiohttp application."""

from datetime import timedelta
from html import escape
from pathlib import Path
from uuid import UUID

from aiohttp import web

from chassis.clock import now
from services.identity.card_issuer.cards import Card, Shelf, WrongPin, base64_of
from services.identity.model.certificates import Use

SHELF = web.AppKey("shelf", Shelf)
FOLDER = web.AppKey("folder", Path)
CLOSED = web.AppKey("closed", list[bool])

_LIST_LASTS = timedelta(hours=1)
_SAFE = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}

routes = web.RouteTableDef()


def new_app(shelf: Shelf, folder: Path | None = None) -> web.Application:
    """The issuer's and the reader's doors over a shelf; kept in ``folder`` if there is one."""
    app = web.Application(client_max_size=64 * 1024)
    app[SHELF], app[CLOSED] = shelf, [False]
    if folder is not None:
        app[FOLDER] = folder
    app.add_routes(routes)
    return app


@routes.get("/")
async def index(request: web.Request) -> web.Response:
    """Which cards there are, and that none of them is real."""
    rows = "".join(map(_row, request.app[SHELF].cards.values()))
    body = f"""<!doctype html><html lang="ja"><meta charset="utf-8"><title>カードの見本</title>
<h1>カードの見本</h1><p>ここにあるのは、架空の人の見本のカードです。本物のマイナンバーカードは読み取りません。</p>
<table><thead><tr><th scope="col">名前</th><th scope="col">暗証番号（4けた）</th><th scope="col">署名用の暗証番号</th>
<th scope="col">説明</th></tr></thead><tbody>{rows}</tbody></table></html>"""
    return web.Response(text=body, content_type="text/html", headers=_SAFE)


def _row(card: Card) -> str:
    cells = (
        card.person.name,
        card.pins[Use.AUTHENTICATION],
        card.pins[Use.SIGNING] or "–",
        card.note,
    )
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"


@routes.get("/cards")
async def cards(request: web.Request) -> web.Response:
    """The cards a reader may be shown."""
    return web.json_response(
        [
            {"card_id": str(card.id), "name": card.person.name, "note": card.note}
            for card in request.app[SHELF].cards.values()
        ]
    )


@routes.post("/cards/{card_id}/signatures")
async def sign(request: web.Request) -> web.Response:
    """A card signs a text, for whoever knows its PIN."""
    said = await request.json()
    try:
        certificate, signature = _card(request).signs(Use(said["use"]), said["pin"], said["text"])
    except WrongPin as why:
        return web.json_response({"code": why.code, "detail": why.detail}, status=422)
    return web.json_response(
        {"certificate": base64_of(certificate), "signature": base64_of(signature)}
    )


@routes.post("/cards/{card_id}/renewals")
async def renew(request: web.Request) -> web.Response:
    """A card gets fresh certificates."""
    request.app[SHELF].renew(_card(request), now())
    return _kept(request)


@routes.post("/cards/{card_id}/revocations")
async def revoke(request: web.Request) -> web.Response:
    """What a card holds is revoked."""
    request.app[SHELF].revoke(_card(request))
    return _kept(request)


@routes.post("/control")
async def control(request: web.Request) -> web.Response:
    """Be silent, or speak again."""
    request.app[CLOSED][0] = bool((await request.json())["closed"])
    return web.Response(status=204)


@routes.get("/{use:authentication|signing}.crl")
async def revocations(request: web.Request) -> web.Response:
    """What was revoked."""
    _check_open(request)
    shelf, use = request.app[SHELF], Use(request.match_info["use"])
    content = shelf.issuer.revocations(use, shelf.revoked[use], now(), lasts=_LIST_LASTS)
    return web.Response(body=content, content_type="application/pkix-crl")


@routes.get("/people/{use:authentication|signing}/{serial:[0-9]+}")
async def people(request: web.Request) -> web.Response:
    """Which other certificates the same person has."""
    _check_open(request)
    shelf, use = request.app[SHELF], Use(request.match_info["use"])
    serial = int(request.match_info["serial"])
    card = shelf.holder(use, serial)
    others = card.others(use, serial) if card else []
    content = shelf.issuer.statement(use, serial, others)
    return web.Response(body=content, content_type="application/json")


def _check_open(request: web.Request) -> None:
    if request.app[CLOSED][0]:
        raise web.HTTPServiceUnavailable


def _card(request: web.Request) -> Card:
    try:
        return request.app[SHELF].cards[UUID(request.match_info["card_id"])]
    except (ValueError, KeyError):
        raise web.HTTPNotFound from None


def _kept(request: web.Request) -> web.Response:
    if FOLDER in request.app:
        request.app[SHELF].save(request.app[FOLDER])
    return web.Response(status=204)
