"""Readers from outside: ask for mail, confirm, change, stop. Opening a link shows a page; only a button acts."""

from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web
from multidict import MultiDict

from gateway.portal.following import carried, facets_of, frequencies, in_words, wish_of
from gateway.portal.forms import Form
from gateway.portal.measures.searching import Asked
from gateway.portal.measures.searching import in_words as in_words_of_search
from gateway.portal.measures.words import area_name
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Visit

pages = Pages()
_ASK = "/measures/follow"
_CONFIRM = "/follow/confirm/{token:[A-Za-z0-9_-]{44}}"
_MINE = "/follow/{token:[A-Za-z0-9_-]{44}}"
_ONE = _MINE + "/{subscription_id:[0-9a-f-]{36}}"
_CRUMBS = (("/", "ホーム"),)
_GONE = (404, 410)


@pages.get(_ASK)
async def blank(visit: Visit) -> web.StreamResponse:
    """What to hear of, how soon, and at which address."""
    known = {"what": visit.query("kind") or "measure", "frequency": "daily", "language": "ja"}
    known["language"] = visit.variant
    known |= {"prefecture": visit.query("prefecture"), "about": carried(visit.query("about"))}
    # A search another page sent here is followed as it stands in the address.
    known["search"] = Asked.of(visit.request.query).query()
    return await _form_page(visit, Form.of(known))


@pages.post(_ASK)
async def ask(visit: Visit) -> web.StreamResponse:
    """Have a mail sent that asks whether this is really wanted; the answer is the same whoever asks."""
    form = await visit.form()
    form.need("what", "何について受け取るかを選んでください")
    form.need("frequency", "いつ受け取るかを選んでください")
    form.ascii("address")
    form.need("address", "メールアドレスを入れてください")
    if not form.errors:
        body = {"address": form["address"], "language": form["language"] or "ja", **wish_of(form)}
        reply = await visit.ask("POST", "notifications/follow", body=body, key=form.key)
        if reply.ok:
            return visit.go(f"{_ASK}/sent")
        if reply.status != 422:
            raise Answered(reply)
        form.take(reply.json(), {"facets": "what"})
    return await _form_page(visit, form)


@pages.get(f"{_ASK}/sent")
async def sent(visit: Visit) -> web.StreamResponse:
    """Look into your mail."""
    return visit.page("follow/sent.html", "確認のメールを送りました", crumbs=_CRUMBS)


@pages.get(_CONFIRM)
async def look_at_wish(visit: Visit) -> web.StreamResponse:
    """What would begin; nothing has happened yet."""
    reply = await visit.ask("GET", f"notifications/follow/confirm/{visit.part('token')}")
    if reply.status in _GONE:
        return _over(visit)
    if not reply.ok:
        raise Answered(reply)
    found = reply.json()["subscription"]
    return _private(
        visit.page(
            "follow/confirm.html",
            "お知らせを受け取りますか",
            crumbs=_CRUMBS,
            token=visit.part("token"),
            subscription={**found, "words": in_words(found)},
        )
    )


@pages.post(_CONFIRM)
async def confirm(visit: Visit) -> web.StreamResponse:
    """Begin to be told."""
    form = await visit.form()
    path = f"notifications/follow/confirm/{visit.part('token')}"
    reply = await visit.ask("POST", path, body={}, key=form.key)
    if reply.status in _GONE:
        return _over(visit)
    if not reply.ok:
        raise Answered(reply)
    return visit.go(f"/follow/{reply.json()['token']}?done=following")


@pages.get(_MINE)
async def mine(visit: Visit) -> web.StreamResponse:
    """What is mailed to this reader, and how to stop it; looking changes nothing."""
    reply = await visit.ask("GET", f"notifications/follow/{visit.part('token')}")
    if reply.status in _GONE:
        return _stopped(visit)
    if not reply.ok:
        raise Answered(reply)
    found: dict[str, Any] = reply.json()
    return _private(
        visit.page(
            "follow/mine.html",
            "受け取りの設定と停止",
            crumbs=_CRUMBS,
            token=visit.part("token"),
            address=found["address"],
            subscriptions=[{**s, "words": in_words(s)} for s in found["subscriptions"]],
        )
    )


@pages.post(_MINE)
async def stop(visit: Visit) -> web.StreamResponse:
    """Stop everything: by the button, or by one click in a mail program, which posts here by itself."""
    await visit.form()
    path = f"notifications/follow/{visit.part('token')}/stop"
    reply = await visit.ask("POST", path, body={})
    if not reply.ok and reply.status not in _GONE:
        raise Answered(reply)
    return _stopped(visit)


@pages.post(_ONE + "/{act:stop|pace}")
async def change(visit: Visit) -> web.StreamResponse:
    """Stop one thing, or hear of it at another pace."""
    form, token, act = await visit.form(), visit.part("token"), visit.part("act")
    path = f"notifications/follow/{token}/subscriptions/{visit.part('subscription_id')}/{act}"
    body = {"frequency": form["frequency"]} if act == "pace" else {}
    reply = await visit.ask("POST", path, body=body, key=form.key)
    if not reply.ok and reply.status not in _GONE:
        raise Answered(reply)
    return visit.go(f"/follow/{token}?done=changed")


async def _form_page(visit: Visit, form: Form) -> web.Response:
    return visit.page(
        "follow/form.html",
        "メールで知らせを受け取る",
        status=422 if form.errors else 200,
        crumbs=_CRUMBS,
        form=form,
        chips=await _chips(visit, form),
        kinds=facets_of("public"),
        frequencies=frequencies(),
    )


async def _chips(visit: Visit, form: Form) -> list[str]:
    """The search that is followed, in words; what changes with days is left out."""
    asked = Asked.of(MultiDict(parse_qsl(form["search"])))
    names = await _names(visit, asked)
    return [in_words_of_search(p, names) for p in asked.pairs if p[0] not in ("state", "age")]


async def _names(visit: Visit, asked: Asked) -> dict[str, str]:
    """What the registry calls the places and services of a search; a code where it does not say."""
    named = {code: area_name(code) for code in asked.values("municipality")}
    if not named and not asked.values("service"):
        return named
    query = asked.parameters() | {"limit": "1"}
    reply = await visit.ask("GET", "registry/measures", query=query)
    return named | (reply.json().get("names", {}) if reply.ok else {})


def _stopped(visit: Visit) -> web.Response:
    return _private(visit.page("follow/stopped.html", "お知らせを止めました", crumbs=_CRUMBS))


def _over(visit: Visit) -> web.Response:
    return visit.page("follow/over.html", "このリンクは使えません", status=410, crumbs=_CRUMBS)


def _private(page: web.Response) -> web.Response:
    # The address itself lets whoever holds it change what is mailed: no cache keeps it.
    page.headers["Cache-Control"] = "no-store"
    return page
