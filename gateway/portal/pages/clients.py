"""Machine clients of an organisation: made, rotated with overlap, revoked."""

from aiohttp import web

from gateway.portal.doors import ORGANISATION_DOOR, ORGANISATIONS, settings_of
from gateway.portal.forms import Form
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Visit

pages = Pages(ORGANISATIONS)
MAKERS = frozenset({"admin", "technical"})


@pages.get(f"{ORGANISATION_DOOR}/clients")
async def clients(visit: Visit) -> web.StreamResponse:
    """All machine clients."""
    found = await visit.get("identity/clients")
    return visit.page(
        "organisation/clients.html",
        "システム接続",
        crumbs=((visit.door.home, "仕事の一覧"),),
        clients=found["items"],
        tabs=settings_of(visit.door),
    )


@pages.get(f"{ORGANISATION_DOOR}/clients/new")
async def new(visit: Visit) -> web.StreamResponse:
    """The form to make one."""
    return await _new_page(visit, Form())


@pages.post(f"{ORGANISATION_DOOR}/clients/new")
async def make(visit: Visit) -> web.StreamResponse:
    """A client is made; its secret is shown this once."""
    form = await visit.form()
    form.need("name", "何につなぐためのものかわかる名前を入れてください")
    form.need("scopes", "できることを1つ以上選んでください")
    if not form.errors:
        body = {"name": form["name"], "scopes": form.all("scopes")}
        reply = await visit.ask("POST", "identity/clients", body=body, key=form.key)
        if reply.ok:
            return _secret_page(visit, reply.json(), "クライアントをつくりました")
        if reply.status not in (409, 422):
            raise Answered(reply)
        form.take(reply.json())
    return await _new_page(visit, form)


@pages.post(ORGANISATION_DOOR + "/clients/{client_id}/rotate")
async def rotate(visit: Visit) -> web.StreamResponse:
    """A new secret; the old one works on for a day."""
    form = await visit.form()
    path = f"identity/clients/{visit.part('client_id')}/rotate"
    reply = await visit.ask("POST", path, body={"overlap_hours": 24}, key=form.key)
    if not reply.ok:
        raise Answered(reply)
    return _secret_page(visit, reply.json(), "新しい鍵をつくりました")


@pages.post(ORGANISATION_DOOR + "/clients/{client_id}/revoke")
async def revoke(visit: Visit) -> web.StreamResponse:
    """The client may ask for nothing any more."""
    form = await visit.form()
    reply = await visit.ask("DELETE", f"identity/clients/{visit.part('client_id')}", key=form.key)
    if not reply.ok:
        raise Answered(reply)
    return visit.go(f"{visit.door.home}/clients?done=revoked")


async def _new_page(visit: Visit, form: Form) -> web.Response:
    found = await visit.get("identity/clients")
    return visit.page(
        "organisation/client_new.html",
        "クライアントをつくる",
        status=422 if form.errors else 200,
        crumbs=((visit.door.home, "仕事の一覧"), (f"{visit.door.home}/clients", "システム接続")),
        form=form,
        assignable=found["assignable_scopes"],
    )


def _secret_page(visit: Visit, made: dict[str, object], title: str) -> web.Response:
    return visit.page("organisation/client_secret.html", title, made=made)
