"""Links that were stopped (紐づけ停止): each side reports and sees its own, two of the secretariat lift a stop."""

from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from gateway.portal import grant_words
from gateway.portal.doors import ANY_DOOR, BEHIND
from gateway.portal.forms import Form
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Visit
from gateway.portal.words import moment

pages = Pages(BEHIND)
_LIST = ANY_DOOR + "/link-stops"
_ONE = _LIST + "/{stop_id:[0-9a-f-]{36}}"
_STOPPERS = frozenset({"admin", "editor", "reviewer", "approver", "operator", "technical"})
_LIFTERS = frozenset({"admin", "approver", "operator"})
_REFUSED = (403, 404, 409, 412, 422)


@pages.get(_LIST)
async def link_stops(visit: Visit) -> web.StreamResponse:
    """Stops the visitor's side has to do with, and the form to report another."""
    return await _list_page(visit, Form.of({"order_id": visit.query("order")}))


@pages.post(_LIST, roles=_STOPPERS)
async def stop(visit: Visit) -> web.StreamResponse:
    """Stop a link at once."""
    form = await visit.form()
    form.need("reason", "止める理由を選んでください")
    by_account = visit.door.name == "provider" and not form["order_id"]
    if by_account:
        form.need("payment_service_code", "決済サービスのコードを入れてください")
        form.need("service_account_id", "会員番号を入れてください")
    else:
        form.need("order_id", "付与の依頼の番号を入れてください")
    if form.errors:
        return await _list_page(visit, form)
    named = ("payment_service_code", "service_account_id") if by_account else ("order_id",)
    body = form.pick((*named, "reason", "words"))
    reply = await visit.ask("POST", "benefits/link-stops", body=body, key=form.key)
    if reply.ok:
        return visit.go(f"{visit.door.home}/link-stops/{reply.json()['id']}?done=link_stopped")
    if reply.status not in _REFUSED:
        raise Answered(reply)
    form.take(reply.json())
    return await _list_page(visit, form)


@pages.get(_ONE)
async def link_stop(visit: Visit) -> web.StreamResponse:
    """One stop: what it holds up, and who may lift it."""
    return await _one_page(visit, Form())


@pages.post(_ONE, roles=_LIFTERS)
async def lift(visit: Visit) -> web.StreamResponse:
    """Propose that the stop is lifted, or lift it as the second person."""
    form, one = await visit.form(), visit.part("stop_id")
    reply = await visit.ask(
        "POST",
        f"benefits/link-stops/{one}/lifting",
        key=form.key,
        headers={"If-Match": f'"{form["version"]}"'},
    )
    if reply.ok:
        return visit.go(f"{visit.door.home}/link-stops/{one}?done=changed")
    if reply.status not in _REFUSED:
        raise Answered(reply)
    form.wrong("form", str(reply.json().get("detail", "")).removesuffix("。"))
    return await _one_page(visit, form)


async def _list_page(visit: Visit, form: Form) -> web.Response:
    asked = {"after": visit.query("after")} if visit.query("after") else {}
    found = await visit.get("benefits/link-stops", asked)
    return visit.page(
        "grants/link_stops.html",
        "止めた受け取り先",
        status=422 if form.errors else 200,
        crumbs=((visit.door.home, "仕事の一覧"),),
        form=form,
        found=found,
        base=f"{visit.door.home}/link-stops",
        reasons=list(grant_words.STOPS.items()),
        may_stop=visit.has(*_STOPPERS),
        grant_words=grant_words,
        next_address=f"?{urlencode({'after': found['next']})}" if found["next"] else "",
    )


async def _one_page(visit: Visit, form: Form) -> web.Response:
    found: dict[str, Any] = await visit.get(f"benefits/link-stops/{visit.part('stop_id')}")
    base = f"{visit.door.home}/link-stops"
    may = visit.door.name == "secretariat" and visit.has(*_LIFTERS)
    return visit.page(
        "grants/link_stop.html",
        f"{found['payment_service_name']} 下4けた{found['account_end']}の停止"
        f"（{moment(found['stopped_at'])}）",
        status=422 if form.errors else 200,
        crumbs=((visit.door.home, "仕事の一覧"), (base, "止めた受け取り先")),
        form=form,
        found=found,
        base=base,
        may_lift=may and found["lifted_at"] is None,
        grant_words=grant_words,
    )
