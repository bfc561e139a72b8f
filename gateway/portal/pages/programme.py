"""Briefings, working groups and events: what comes, what was held, a month at a glance, signing up."""

import asyncio
from calendar import Calendar
from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from aiohttp import web

from chassis.clock import today
from gateway.portal import programme
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Visit
from gateway.portal.words import as_date

pages = Pages()
_HOME = (("/", "ホーム"),)
_LIST = (*_HOME, ("/sessions", "説明会・会議・イベント"))
_ONE = "/sessions/{session_id:[0-9a-f-]{36}}"
_MOST = "200"
Row = dict[str, Any]


@pages.get("/sessions")
async def sessions(visit: Visit) -> web.StreamResponse:
    """What comes next, and what was held by series and fiscal year."""
    as_of = visit.day("as_of")
    then = {"as_of": as_of} if as_of else {}
    coming, held = await asyncio.gather(
        _told(visit, "sessions", {"state": "coming", "limit": _MOST, **then}),
        _told(visit, "sessions", {"state": "held", "order": "latest", "limit": _MOST, **then}),
    )
    return visit.page(
        "sessions/list.html",
        "説明会・会議・イベント",
        crumbs=_HOME,
        coming=coming.get("items", []),
        held=by_series(held.get("items", [])),
        as_of=as_of,
        away=not coming or not held,
    )


@pages.get("/sessions/calendar")
async def month(visit: Visit) -> web.StreamResponse:
    """One month as a table: sessions, maintenance, and days the desk is closed."""
    first = programme.month_of(visit.query("month"), today())
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    asked = {"since": first.isoformat(), "until": last.isoformat(), "limit": _MOST}
    found, windows, days = await asyncio.gather(
        _told(visit, "sessions", asked),
        _told(visit, "maintenance", {"state": "all", "order": "latest", "limit": _MOST}),
        _told(visit, "calendar", {"since": first.isoformat(), "days": str(last.day)}),
    )
    items, resting = found.get("items", []), windows.get("items", [])
    exact = [s for s in items if s["precision"] != "month"]
    return visit.page(
        "sessions/month.html",
        f"{first.year}年{first.month}月の予定",
        crumbs=_LIST,
        weeks=_weeks(first, exact, resting, days.get("days", [])),
        whole_month=[s for s in items if s["precision"] == "month"],
        away=not found or not windows or not days,
        before=(first - timedelta(days=1)).strftime("%Y-%m"),
        after=(last + timedelta(days=1)).strftime("%Y-%m"),
        month=first,
    )


@pages.get(_ONE)
async def session(visit: Visit) -> web.StreamResponse:
    """One session: when, where, for whom, places, papers; and the own sign-up."""
    return await _page(visit)


@pages.post(_ONE + "/sign-up")
async def sign_up(visit: Visit) -> web.StreamResponse:
    """A seat, or a place on the waiting list."""
    form, session_id = await visit.form(), visit.part("session_id")
    reply = await visit.ask(
        "POST", "scheduling/sign-ups", body={"session_id": session_id}, key=form.key
    )
    if not reply.ok:
        raise Answered(reply)
    return visit.go(f"/sessions/{session_id}?done=signed_up")


@pages.post(_ONE + "/withdraw/{sign_up_id:[0-9a-f-]{36}}")
async def withdraw(visit: Visit) -> web.StreamResponse:
    """The seat goes to whoever waited longest."""
    form = await visit.form()
    path = f"scheduling/sign-ups/{visit.part('sign_up_id')}/withdraw"
    reply = await visit.ask("POST", path, key=form.key)
    if not reply.ok:
        raise Answered(reply)
    return visit.go(f"/sessions/{visit.part('session_id')}?done=sign_up_withdrawn")


async def _told(visit: Visit, path: str, query: dict[str, str]) -> Row:
    """What scheduling says; nothing while it is away, so that the page stands."""
    reply = await visit.ask("GET", f"scheduling/{path}", query=query)
    if reply.status in (400, 422):
        raise Answered(reply)
    found: Row = reply.json() if reply.ok else {}
    return found


async def _page(visit: Visit) -> web.Response:
    session_id, as_of = visit.part("session_id"), visit.day("as_of")
    then = {"as_of": as_of} if as_of else None
    found = await visit.get(f"scheduling/sessions/{session_id}", then)
    own, papers = None, found["materials"]
    if visit.visitor is not None and not as_of:
        signed, told = await asyncio.gather(
            visit.ask("GET", "scheduling/sign-ups"),
            visit.ask("GET", f"scheduling/materials/{session_id}"),
        )
        own = _own(signed.json().get("items", []) if signed.ok else [], session_id)
        papers = told.json()["items"] if told.ok else papers
    return visit.page(
        "sessions/one.html",
        f"{programme.numbered(found)}（{programme.when(found)}）",
        crumbs=_LIST,
        session=found,
        own=own,
        papers=papers,
        as_of=as_of,
        may_sign_up=not as_of and _may(visit, found),
    )


def _own(items: list[Row], session_id: str) -> Row | None:
    mine = [i for i in items if i["session_id"] == session_id and i["state"] != "withdrawn"]
    return mine[0] if mine else None


def _may(visit: Visit, session: Row) -> bool:
    """Whether the visitor is invited and somebody can sign up now."""
    if visit.visitor is None or session["state"] not in ("registration_open", "full"):
        return False
    kind, audience = visit.visitor.organisation_kind, session["audience"]
    return audience in ("everyone", "members") or kind == audience


def by_series(items: list[Row]) -> list[tuple[str, list[tuple[int, list[Row]]]]]:
    """What was held, by series and in it by fiscal year, the latest first."""
    years: dict[str, dict[int, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for item in items:
        years[item["series"]][item["fiscal_year"]].append(item)
    return [
        (name, sorted(years[name].items(), reverse=True))
        for name in programme.SERIES
        if name in years
    ]


def _weeks(
    first: date, items: list[Row], windows: list[Row], days: list[Row]
) -> list[list[Row | None]]:
    closed = {d["day"]: d["reason"] for d in days if d["opens"] is None}
    weeks = Calendar(firstweekday=0).monthdatescalendar(first.year, first.month)
    return [
        [_day(d, items, windows, closed) if d.month == first.month else None for d in week]
        for week in weeks
    ]


def _day(day: date, items: list[Row], windows: list[Row], closed: dict[str, str]) -> Row:
    on = [s for s in items if as_date(s["first_on"]) <= day <= as_date(s["last_on"])]
    resting = [
        w
        for w in windows
        if w["state"] != "cancelled" and as_date(w["starts_at"]) <= day <= as_date(w["ends_at"])
    ]
    reason = closed.get(day.isoformat(), "")
    return {"day": day, "sessions": on, "windows": resting, "closed": reason}
