"""The simulator's endpoint: what a provider that is called has to answer, each answer under its signature."""

from base64 import b64encode
from dataclasses import asdict
from uuid import UUID

import orjson
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import ValidationError

from chassis.clock import today
from services.benefits.outside.wire import SIGNATURE
from services.benefits.provider_simulator.books import Asked, Books, Checking, Say
from services.benefits.provider_simulator.faults import Fault
from services.benefits.provider_simulator.journal import Journal

BOOKS = web.AppKey("books", Books)
KEY = web.AppKey("key", Ed25519PrivateKey)
JOURNAL: web.AppKey[Journal | None] = web.AppKey("journal")
routes = web.RouteTableDef()
_ORDER = "/orders/{id:[0-9a-f-]{36}}"


@routes.post(_ORDER)
async def grant(request: web.Request) -> web.Response:
    """Asked to grant."""
    try:
        asked = Asked.model_validate_json(await request.read())
    except ValidationError:
        return web.json_response({"message": "unreadable"}, status=400)
    said = request.app[BOOKS].grant(asked, today())
    _kept(request, asked.order_id)
    if said is None:
        if request.transport is not None:
            request.transport.abort()
        raise ConnectionResetError
    return _signed(request, said)


@routes.post(_ORDER + "/account")
async def check(request: web.Request) -> web.Response:
    """Asked whether an account can receive."""
    try:
        asked = Checking.model_validate_json(await request.read())
    except ValidationError:
        return web.json_response({"message": "unreadable"}, status=400)
    books, account = request.app[BOOKS], asked.service_account_id
    result, holder = books.check(account), books.holder(account, asked.holder_kana)
    return _sealed(request, {"order_id": asked.order_id, "result": result, "holder": holder})


@routes.get(_ORDER)
async def inquire(request: web.Request) -> web.Response:
    """Asked what became of an order."""
    said = request.app[BOOKS].inquire(_order(request), today())
    _kept(request, said.order_id)
    return _signed(request, said)


@routes.post(_ORDER + "/reversal")
async def take_back(request: web.Request) -> web.Response:
    """Asked to take the points of an order back."""
    said = request.app[BOOKS].take_back(_order(request))
    _kept(request, said.order_id)
    return _signed(request, said)


@routes.post("/simulator/faults")
async def go_wrong(request: web.Request) -> web.Response:
    """The next orders go wrong."""
    try:
        fault = Fault.model_validate_json(await request.read())
    except ValidationError as why:
        return web.json_response({"message": str(why)}, status=400)
    request.app[BOOKS].faults.to_come.append(fault)
    return web.json_response({"simulator": True, "faults": len(request.app[BOOKS].faults.to_come)})


@routes.get("/simulator/statement")
async def statement(request: web.Request) -> web.Response:
    """What was granted, as the lines of a statement."""
    lines = [
        {
            "line_id": str(number),
            "order_id": str(entry.asked.order_id),
            "amount": entry.asked.amount,
            "resident_ref": entry.asked.resident_ref,
            "transaction_id": entry.transaction_id,
            "granted_on": entry.granted_on.isoformat() if entry.granted_on else None,
        }
        for number, entry in enumerate(request.app[BOOKS].granted(), 1)
    ]
    return web.json_response({"simulator": True, "lines": lines})


def new_app(
    books: Books, key: Ed25519PrivateKey, journal: Journal | None = None
) -> web.Application:
    """The endpoint over a provider's books; with a journal a restart forgets nothing."""
    app = web.Application()
    app[BOOKS], app[KEY], app[JOURNAL] = books, key, journal
    app.add_routes(routes)
    return app


def _kept(request: web.Request, order_id: UUID) -> None:
    journal = request.app[JOURNAL]
    if journal is not None:
        journal.keep(request.app[BOOKS], order_id)


def _order(request: web.Request) -> UUID:
    return UUID(request.match_info["id"])


def _signed(request: web.Request, said: Say) -> web.Response:
    return _sealed(request, asdict(said))


def _sealed(request: web.Request, said: dict[str, object]) -> web.Response:
    body = orjson.dumps(said)
    signature = b64encode(request.app[KEY].sign(body)).decode()
    return web.Response(body=body, content_type="application/json", headers={SIGNATURE: signature})
