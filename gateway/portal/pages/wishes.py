"""A member's own centre of letters: how they are told, of what, and when not."""

from aiohttp import web

from gateway.portal.doors import ANY_DOOR, BEHIND
from gateway.portal.following import clocks, facets_of, in_words, wish_of
from gateway.portal.forms import Form
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Visit

pages = Pages(BEHIND)
_HERE = ANY_DOOR + "/letters/settings"
_ONE = _HERE + "/{subscription_id:[0-9a-f-]{36}}"
_SUBSCRIPTIONS = "notifications/subscriptions"


@pages.get(_HERE)
async def settings(visit: Visit) -> web.StreamResponse:
    """What the member hears of, and how."""
    return await _page(visit, None)


@pages.post(_HERE)
async def save(visit: Visit) -> web.StreamResponse:
    """Other ways from now on."""
    form = await visit.form()
    body = {
        "language": form["language"] or "ja",
        "by_mail": form["by_mail"] == "yes",
        "quiet_from": form["quiet_from"] or None,
        "quiet_until": form["quiet_until"] or None,
    }
    reply = await visit.ask(
        "PUT",
        f"{_SUBSCRIPTIONS}/ways",
        body=body,
        key=form.key,
        headers={"If-Match": f'"{form["revision"]}"'},
    )
    if reply.ok:
        return visit.go(f"{visit.door.home}/letters/settings?done=changed")
    if reply.status not in (412, 422):
        raise Answered(reply)
    form.take(reply.json())
    return await _page(visit, form)


@pages.post(_HERE + "/add")
async def add(visit: Visit) -> web.StreamResponse:
    """Hear of something more."""
    form = await visit.form()
    form.need("what", "何について受け取るかを選んでください")
    form.need("frequency", "いつ受け取るかを選んでください")
    if not form.errors:
        body = wish_of(form)
        reply = await visit.ask("POST", _SUBSCRIPTIONS, body=body, key=form.key)
        if reply.ok:
            return visit.go(f"{visit.door.home}/letters/settings?done=changed")
        if reply.status not in (409, 422):
            raise Answered(reply)
        form.take(reply.json(), {"facets": "what"})
    return await _page(visit, form)


@pages.post(_ONE + "/stop")
async def stop(visit: Visit) -> web.StreamResponse:
    """Hear of something no more."""
    form, one = await visit.form(), visit.part("subscription_id")
    reply = await visit.ask("POST", f"{_SUBSCRIPTIONS}/{one}/stop", body={}, key=form.key)
    if not reply.ok:
        raise Answered(reply)
    return visit.go(f"{visit.door.home}/letters/settings?done=changed")


async def _page(visit: Visit, form: Form | None) -> web.Response:
    found = await visit.get(_SUBSCRIPTIONS)
    known = {n: found[n] or "" for n in ("language", "quiet_from", "quiet_until", "revision")}
    shown = form or Form.of({**known, "by_mail": "yes" if found["by_mail"] else "no"})
    shown["revision"] = str(found["revision"])
    return visit.page(
        "organisation/wishes.html",
        "受け取りの設定",
        status=422 if shown.errors else 200,
        crumbs=((visit.door.home, "仕事の一覧"), (f"{visit.door.home}/messages", "メッセージ")),
        form=shown,
        subscriptions=[{**s, "words": in_words(s)} for s in found["subscriptions"]],
        address=found["address"],
        clocks=clocks(),
        kinds=facets_of(visit.door.name),
    )
