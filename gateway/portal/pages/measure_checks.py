"""The secretariat's check of approved measures: contracts and texts, before everybody reads them."""

from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from chassis.clock import today
from gateway.portal.asking import Reply
from gateway.portal.doors import SECRETARIAT_ONLY
from gateway.portal.forms import Form
from gateway.portal.measures.answers import CHECK_FAMILIES, changes_in_words
from gateway.portal.measures.deadlines import of_entry
from gateway.portal.measures.history import history_of
from gateway.portal.pages.own_measures.asking import map_of
from gateway.portal.pages.review import REVIEWERS
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Visit

pages = Pages(SECRETARIAT_ONLY)
_QUEUE = "/secretariat/measures"
_CHECK = _QUEUE + "/{measure_id:[0-9a-f-]{36}}/check"
_CRUMBS = (("/secretariat", "仕事の一覧"), (_QUEUE, "施策の確認"))


@pages.get(_QUEUE)
async def queue(visit: Visit) -> web.StreamResponse:
    """Approved measures that wait, the longest wait first."""
    asked = {"after": visit.query("after")} if visit.query("after") else {}
    found = await visit.get("registry/measure-checks", asked)
    following = urlencode({"after": found["next"]}) if found["next"] else ""
    return visit.page(
        "secretariat/measures.html",
        "施策の確認",
        crumbs=_CRUMBS[:1],
        found=found,
        next_address=f"?{following}" if following else "",
    )


@pages.get(_CHECK)
async def check(visit: Visit) -> web.StreamResponse:
    """One measure: what programs checked, what changes, all of it as residents will read it."""
    return await _page(visit, Form())


@pages.post(_CHECK, roles=REVIEWERS)
async def decide(visit: Visit) -> web.StreamResponse:
    """Confirm it, so that everybody reads it, or give it back."""
    form = await visit.form()
    back = form["decision"] == "return"
    if back:
        form.need("message", "直してほしいことを入れてください")
    if not form.errors:
        body = {"message": form["message"]} if back else {"note": form["note"]}
        reply = await _act(visit, form, "return" if back else "confirm", body)
        if reply.ok:
            return visit.go(f"{_QUEUE}?done={'measure_returned' if back else 'measure_confirmed'}")
        if reply.status not in (409, 422):
            raise Answered(reply)
        form.take(reply.json())
    return await _page(visit, form)


async def _act(visit: Visit, form: Form, name: str, body: dict[str, Any]) -> Reply:
    return await visit.ask(
        "POST",
        f"registry/measure-checks/{visit.part('measure_id')}/{name}",
        body=body,
        key=form.key,
        headers={"If-Match": form["revision"] or "0"},
    )


async def _page(visit: Visit, form: Form) -> web.StreamResponse:
    found: dict[str, Any] = await visit.get(f"registry/measure-checks/{visit.part('measure_id')}")
    entry = found["proposed"]
    waits = "approved" in (found["state"], found["edition"])
    return visit.page(
        "secretariat/measure_check.html",
        f"{found['municipality_name']}「{found['title']}」の確認",
        status=422 if form.errors else 200,
        crumbs=_CRUMBS,
        form=form,
        measure=found,
        entry=entry,
        waits=waits and entry is not None,
        may_decide=visit.has(*REVIEWERS),
        families=CHECK_FAMILIES,
        changes=changes_in_words(found["changes"]),
        deadline_map=await map_of(visit, of_entry(entry)) if entry else None,
        history=history_of(found["history"]),
        today=today(),
    )
