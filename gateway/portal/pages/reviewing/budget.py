"""Where the yen of each measure are, and codes for those who come to its occasions."""

from typing import Any

import segno
from aiohttp import web

from chassis.clock import today
from gateway.portal import review_words
from gateway.portal.doors import MUNICIPALITY_ONLY
from gateway.portal.forms import Form
from gateway.portal.pages.reviewing.queue import drawn
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Refused, Visit

pages = Pages(MUNICIPALITY_ONLY)
_LIST = "/municipality/budget"
_ONE = _LIST + "/{measure_id:[0-9a-f-]{36}}"
_CODES = _ONE + "/attendance/{occasion_id:[0-9a-f-]{36}}"
_STAFF = frozenset({"admin", "editor", "reviewer", "approver"})


@pages.get(_LIST)
async def budgets(visit: Visit) -> web.StreamResponse:
    """Every measure with its budget: left, promised, approved, granted."""
    found = await visit.get("benefits/measures")
    return visit.page(
        "reviewing/budgets.html",
        "予算",
        crumbs=(("/municipality", "仕事の一覧"),),
        found=found,
        review_words=review_words,
    )


@pages.get(_ONE)
async def budget(visit: Visit) -> web.StreamResponse:
    """The budget of one measure, drawn day by day, and its occasions."""
    figures = await visit.get(f"benefits/measures/{visit.part('measure_id')}/budget")
    return visit.page(
        "reviewing/budget.html",
        f"{figures['title']}の予算",
        crumbs=(("/municipality", "仕事の一覧"), (_LIST, "予算")),
        review_words=review_words,
        **drawn(figures, today()),
    )


@pages.get(_CODES, roles=_STAFF)
async def codes(visit: Visit) -> web.StreamResponse:
    """A code for an occasion: for how long, for how many."""
    return await _code_page(visit, Form.of({"minutes": "5"}), None)


@pages.post(_CODES, roles=_STAFF)
async def make_code(visit: Visit) -> web.StreamResponse:
    """The code, to be shown to those who are there."""
    form = await visit.form()
    for name, words in (("minutes", "分"), ("uses", "人数")):
        given = form.code(name)
        if given and not given.isdecimal():
            form.wrong(name, f"{words}は数字で入れてください")
    form.need("minutes", "何分のあいだ使えるかを入れてください")
    if form.errors:
        return await _code_page(visit, form, None)
    body = {
        "measure_id": visit.part("measure_id"),
        "occasion_id": visit.part("occasion_id"),
        "minutes": int(form["minutes"]),
        "uses": int(form["uses"]) if form["uses"] else None,
    }
    reply = await visit.ask("POST", "benefits/attendance-codes", body=body, key=form.key)
    if reply.ok:
        return await _code_page(visit, form, reply.json())
    if reply.status not in (409, 422):
        raise Answered(reply)
    form.take(reply.json())
    return await _code_page(visit, form, None)


async def _code_page(visit: Visit, form: Form, made: dict[str, Any] | None) -> web.Response:
    figures = await visit.get(f"benefits/measures/{visit.part('measure_id')}/budget")
    wanted = visit.part("occasion_id")
    occasion = next((o for o in figures["occasions"] if o["occasion_id"] == wanted), None)
    if occasion is None:
        raise Refused(404)
    address = str(visit.request.url.origin() / "my/attend" / made["code"]) if made else ""
    picture = segno.make(address, error="m").svg_data_uri(scale=6, border=0) if made else ""
    return visit.page(
        "reviewing/code.html",
        f"{occasion['name']}の参加コード",
        status=422 if form.errors else 200,
        crumbs=(
            ("/municipality", "仕事の一覧"),
            (_LIST, "予算"),
            (f"{_LIST}/{figures['measure_id']}", figures["title"]),
        ),
        form=form,
        occasion=occasion,
        made=made,
        picture=picture,
        here=visit.path,
    )
