"""A provider hands in its statements and sees how they compare."""

import re
from typing import Any

from aiohttp import web

from chassis.clock import today
from gateway.portal import grant_words
from gateway.portal.doors import PROVIDER_ONLY
from gateway.portal.forms import Form
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Visit
from gateway.portal.words import day

pages = Pages(PROVIDER_ONLY)
_LIST = "/provider/statements"
_CRUMBS = (("/provider", "仕事の一覧"),)
_NUMBER = re.compile(r"[0-9A-Za-z._-]{1,60}")
_ERRORS_SHOWN = 20


@pages.get(_LIST)
async def statements(visit: Visit) -> web.StreamResponse:
    """Statements and their results, and the form to hand another in."""
    return await _list_page(visit, Form(), [])


@pages.post(_LIST, roles=frozenset({"admin", "operator", "technical"}))
async def hand_in(visit: Visit) -> web.StreamResponse:
    """Hand a file in; it counts whole or not at all."""
    form = await visit.form()
    given, number = form.files.get("file"), form.ascii("statement_id")
    on = form.date("day", "付与した日")
    if not _NUMBER.fullmatch(number):
        form.wrong("statement_id", "明細の番号を、半角の英数字60文字までで入れてください")
    if given is None:
        form.wrong("file", "CSVのファイルを選んでください")
    if form.errors or given is None or on is None:
        return await _list_page(visit, form, [])
    reply = await visit.ask(
        "PUT",
        f"benefits/statements/{number}",
        body=given,
        query={"day": on.isoformat()},
        key=form.key,
        headers={"Content-Type": "text/csv"},
    )
    if reply.ok:
        return visit.go(f"{_LIST}/{number}?done=statement")
    if reply.status not in (409, 413, 415, 422):
        raise Answered(reply)
    problem = reply.json()
    form.wrong("file", str(problem.get("detail", "")).removesuffix("。"))
    return await _list_page(visit, form, problem.get("errors") or [])


@pages.get(_LIST + "/{statement_id:[0-9A-Za-z._-]{1,60}}")
async def statement(visit: Visit) -> web.StreamResponse:
    """One statement: its lines by what they were found to be."""
    found = await visit.get(f"benefits/statements/{visit.part('statement_id')}")
    return visit.page(
        "grants/statement.html",
        f"{day(found['day'])}の明細（{found['statement_id']}）",
        crumbs=(*_CRUMBS, (_LIST, "明細")),
        found=found,
        grant_words=grant_words,
    )


async def _list_page(visit: Visit, form: Form, mistakes: list[dict[str, Any]]) -> web.Response:
    found = await visit.get("benefits/statements", {"limit": "50"})
    days = await visit.get("benefits/reconciliations")
    return visit.page(
        "grants/statements.html",
        "明細と突き合わせ",
        status=422 if form.errors else 200,
        crumbs=_CRUMBS,
        form=form,
        found=found,
        days=days["items"],
        mistakes=mistakes[:_ERRORS_SHOWN],
        today=today(),
        may_hand_in=visit.has("admin", "operator", "technical"),
        grant_words=grant_words,
    )
