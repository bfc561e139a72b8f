"""Where one is signed in, and ending it."""

from aiohttp import web

from gateway.portal.doors import ANY_DOOR, BEHIND, settings_of
from gateway.portal.forms import Form
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Visit

pages = Pages(BEHIND)


@pages.get(f"{ANY_DOOR}/sessions")
async def sessions(visit: Visit) -> web.StreamResponse:
    """Everywhere the visitor is signed in."""
    return await _sessions_page(visit, Form())


async def _sessions_page(visit: Visit, form: Form) -> web.Response:
    found = await visit.get("identity/me/sessions")
    return visit.page(
        "organisation/sessions.html",
        "ログインの記録",
        status=422 if form.errors else 200,
        crumbs=((visit.door.home, "仕事の一覧"),),
        sessions=found["items"],
        account=await visit.get("identity/me"),
        form=form,
        tabs=settings_of(visit.door),
    )


@pages.post(ANY_DOOR + "/sessions/{session_id}/end")
async def end(visit: Visit) -> web.StreamResponse:
    """One sign-in is over."""
    form = await visit.form()
    reply = await visit.ask(
        "DELETE", f"identity/me/sessions/{visit.part('session_id')}", key=form.key
    )
    if not reply.ok:
        raise Answered(reply)
    return visit.go(f"{visit.door.home}/sessions?done=ended")


@pages.post(f"{ANY_DOOR}/sessions/end-all")
async def end_all(visit: Visit) -> web.StreamResponse:
    """Every other sign-in is over."""
    form = await visit.form()
    reply = await visit.ask("POST", "identity/me/sessions/end-all", body={}, key=form.key)
    if not reply.ok:
        raise Answered(reply)
    return visit.go(f"{visit.door.home}/sessions?done=ended")


@pages.post(f"{ANY_DOOR}/password")
async def change_password(visit: Visit) -> web.StreamResponse:
    """Another password; all older sign-ins end."""
    form = await visit.form()
    form.need("current_password", "いまのパスワードを入れてください")
    form.need("password", "新しいパスワードを入れてください")
    if not form.errors:
        body = form.pick(("current_password", "password"))
        reply = await visit.ask("PUT", "identity/me/password", body=body, key=form.key)
        if reply.ok:
            return visit.go(f"{visit.door.home}/sessions?done=changed")
        form.take(reply.json())
    return await _sessions_page(visit, form)
