"""Settlements by month: what was granted, and whose turn it is."""

from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from gateway.portal import grant_words
from gateway.portal.doors import ANY_DOOR, BEHIND
from gateway.portal.forms import Form
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Visit
from gateway.portal.words import as_date

pages = Pages(BEHIND)
_LIST = ANY_DOOR + "/settlements"
_ONE = _LIST + "/{settlement_id:[0-9a-f-]{36}}"


@pages.get(_LIST)
async def settlements(visit: Visit) -> web.StreamResponse:
    """Settlements of the visitor's side, the latest month first."""
    asked = {"after": visit.query("after")} if visit.query("after") else {}
    found = await visit.get("benefits/settlements", asked)
    return visit.page(
        "grants/settlements.html",
        "月ごとの精算",
        crumbs=((visit.door.home, "仕事の一覧"),),
        found=found,
        base=f"{visit.door.home}/settlements",
        month_of=month_of,
        grant_words=grant_words,
        next_address=f"?{urlencode({'after': found['next']})}" if found["next"] else "",
    )


@pages.get(_ONE)
async def settlement(visit: Visit) -> web.StreamResponse:
    """One settlement with its steps."""
    found = await visit.get(f"benefits/settlements/{visit.part('settlement_id')}")
    return _one_page(visit, found, Form())


@pages.post(_ONE, roles=frozenset({"admin", "approver"}))
async def step(visit: Visit) -> web.StreamResponse:
    """Bring it one step on."""
    form, one = await visit.form(), visit.part("settlement_id")
    reply = await visit.ask(
        "POST",
        f"benefits/settlements/{one}/steps",
        body={"becomes": form["becomes"]},
        key=form.key,
        headers={"If-Match": f'"{form["version"]}"'},
    )
    if reply.ok:
        return visit.go(f"{visit.door.home}/settlements/{one}?done=changed")
    if reply.status not in (403, 409, 412):
        raise Answered(reply)
    form.wrong("form", str(reply.json().get("detail", "")).removesuffix("。"))
    return _one_page(visit, await visit.get(f"benefits/settlements/{one}"), form)


def _one_page(visit: Visit, found: dict[str, Any], form: Form) -> web.Response:
    settled = found["settlement"]
    base = f"{visit.door.home}/settlements"
    turn = settled["turn"] == visit.door.name and visit.has("admin", "approver")
    return visit.page(
        "grants/settlement.html",
        f"{month_of(settled['month'])}の精算：{settled['title']}",
        status=422 if form.errors else 200,
        crumbs=((visit.door.home, "仕事の一覧"), (base, "月ごとの精算")),
        form=form,
        found=settled,
        steps=found["steps"],
        turn=turn,
        base=base,
        grant_words=grant_words,
    )


def month_of(value: str) -> str:
    """2026年10月"""
    first = as_date(value)
    return f"{first.year}年{first.month}月"
