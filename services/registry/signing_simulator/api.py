"""The simulator's Web API: the calls CloudSign documents, as far as the registry uses them."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from services.registry.signing_simulator.errands import Errands
from services.registry.signing_simulator.moods import Moods, spoilt
from services.registry.signing_simulator.shelf import TOKEN_SECONDS, Document, Shelf, Wrong

SHELF = web.AppKey("shelf", Shelf)
MOODS = web.AppKey("moods", Moods)
ERRANDS = web.AppKey("errands", Errands)
_PER_PAGE = 20
_CERTIFICATE = b"%PDF-1.4\n% certificate of the simulator, signed by nobody\n%%EOF\n"

Act = Callable[[web.Request, Shelf], Awaitable[web.Response]]


def call(act: Act, *, token: bool = True) -> Callable[[web.Request], Awaitable[web.Response]]:
    """A call of the API with its moods, its token and its refusals around it."""

    async def handler(request: web.Request) -> web.Response:
        shelf, moods = request.app[SHELF], request.app[MOODS]

        async def do() -> web.Response:
            given = request.headers.get("Authorization", "").removeprefix("Bearer ")
            if token and not shelf.knows_token(given):
                return web.json_response({"error": "unauthorized"}, status=401)
            try:
                return await act(request, shelf)
            except Wrong as why:
                return web.json_response({"message": why.message}, status=why.status)

        return await spoilt(moods.take(request), request, moods, do)

    return handler


async def token(request: web.Request, shelf: Shelf) -> web.Response:
    """A token for a client id."""
    form = await request.post()
    if not form.get("client_id"):
        raise Wrong(400, "client_id is needed")
    return web.json_response({"access_token": shelf.issue_token(), "expires_in": TOKEN_SECONDS})


async def create(request: web.Request, shelf: Shelf) -> web.Response:
    """A draft."""
    form = await request.post()
    return _shown(shelf.create(str(form.get("title", "")), str(form.get("note", ""))))


async def listing(request: web.Request, shelf: Shelf) -> web.Response:
    """A page of documents, the newest first."""
    page = int(request.query.get("page", "1"))
    found = shelf.documents[::-1]
    shown = found[(page - 1) * _PER_PAGE : page * _PER_PAGE]
    return web.json_response({"total": len(found), "documents": [_json(d) for d in shown]})


async def read(request: web.Request, shelf: Shelf) -> web.Response:
    """A document."""
    return _shown(shelf.document(request.match_info["id"]))


async def attach(request: web.Request, shelf: Shelf) -> web.Response:
    """A PDF into a draft."""
    form = await request.post()
    file = form.get("uploadfile")
    if not isinstance(file, web.FileField):
        raise Wrong(400, "uploadfile is needed")
    name = str(form.get("name") or file.filename)
    return _shown(shelf.attach(request.match_info["id"], name, file.file.read()))


async def participant(request: web.Request, shelf: Shelf) -> web.Response:
    """A signer into a draft."""
    form = await request.post()
    words = [str(form.get(field, "")) for field in ("email", "name", "organization")]
    return _shown(shelf.add_participant(request.match_info["id"], *words))


async def send(request: web.Request, shelf: Shelf) -> web.Response:
    """Send, or remind when already sent."""
    document = shelf.send_or_remind(request.match_info["id"])
    if any(p.status == 4 for p in document.participants):
        request.app[ERRANDS].tell(document, "BOUNCED")
    return _shown(document)


async def decline(request: web.Request, shelf: Shelf) -> web.Response:
    """Take back."""
    document = shelf.cancel(request.match_info["id"])
    request.app[ERRANDS].tell(document, "CANCELED")
    return _shown(document)


async def certificate(request: web.Request, shelf: Shelf) -> web.Response:
    """The certificate of a concluded document."""
    if shelf.document(request.match_info["id"]).status != 2:
        raise Wrong(404, "no certificate before it is concluded")
    return web.Response(body=_CERTIFICATE, content_type="application/pdf")


def add_api(app: web.Application) -> None:
    """Every call of the API."""
    one = "/documents/{id:[0-9a-f]{32}}"
    app.router.add_post("/token", call(token, token=False))
    app.router.add_post("/documents", call(create))
    app.router.add_get("/documents", call(listing))
    app.router.add_get(one, call(read))
    app.router.add_post(one, call(send))
    app.router.add_post(one + "/files", call(attach))
    app.router.add_post(one + "/participants", call(participant))
    app.router.add_put(one + "/decline", call(decline))
    app.router.add_get(one + "/certificate", call(certificate))


def _shown(document: Document) -> web.Response:
    return web.json_response(_json(document))


def _json(document: Document) -> dict[str, Any]:
    return document.model_dump(mode="json", exclude={"mails"})
