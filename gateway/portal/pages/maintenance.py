"""Maintenance as visitors see it: what works now, what is planned, what was said about each window."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from chassis.clock import today
from gateway.portal import programme
from gateway.portal.drawings import Tick, strip
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Visit
from gateway.portal.words import as_date

pages = Pages()
_HOME = (("/", "ホーム"),)
_STATUS = (*_HOME, ("/status", "稼働状況"))
_DAYS = 90
Row = dict[str, Any]
#: The functions residents and organisations know, and which systems carry each.
_STRIPS = (
    ("申し込む", "apply", ("application", "portal")),
    ("受け取り先を決める", "allocate", ("application", "portal")),
    ("登録を申請する", "register", ("portal",)),
    ("契約書を送る", "contract", ("cloudsign", "portal")),
    ("ログインする", "sign_in", ("identity",)),
)


@pages.get("/status")
async def status(visit: Visit) -> web.StreamResponse:
    """What works now, as each process says itself, and what is planned."""
    conditions, reply = await asyncio.gather(
        visit.services.conditions(),
        visit.ask("GET", "scheduling/maintenance", query={"state": "all", "order": "latest"}),
    )
    known: list[Row] = reply.json()["items"] if reply.ok else []
    at = visit.at
    resting = [w for w in visit.services.windows() if w.acts(at)]
    return visit.page(
        "public/status.html",
        "稼働状況",
        crumbs=_HOME,
        conditions=conditions,
        all_ready=bool(conditions) and all(c.ready for c in conditions),
        resting=resting,
        planned=sorted(
            (w for w in known if w["state"] in ("announced", "changed")),
            key=lambda w: str(w["starts_at"]),
        )[:5],
        strips=[_strip(title, name, systems, known, at) for title, name, systems in _STRIPS],
        told=reply.ok,
    )


@pages.get("/status/history")
async def history(visit: Visit) -> web.StreamResponse:
    """Every window that is over, the latest first."""
    asked = {"state": "over", "order": "latest", "limit": "20"}
    if visit.query("after"):
        asked["after"] = visit.query("after")
    reply = await visit.ask("GET", "scheduling/maintenance", query=asked)
    if reply.status in (400, 422):
        raise Answered(reply)
    found = reply.json() if reply.ok else None
    return visit.page("maintenance/history.html", "メンテナンスの記録", crumbs=_STATUS, found=found)


@pages.get("/maintenance/{maintenance_id:[0-9a-f-]{36}}")
async def window(visit: Visit) -> web.StreamResponse:
    """One window: what rests, from when to when, and every edition of what was said."""
    key = visit.part("maintenance_id")
    found, near = await asyncio.gather(
        visit.get(f"scheduling/maintenance/{key}"),
        visit.ask("GET", "scheduling/deadlines", query={"maintenance_id": key}),
    )
    start, system = as_date(found["starts_at"]), programme.system(found["system"])
    return visit.page(
        "maintenance/one.html",
        f"システムメンテナンス {start.year}年{start.month}月{start.day}日 {system}",
        crumbs=_STATUS,
        window=found,
        editions=list(reversed(found["editions"])),
        deadlines=near.json().get("items", []) if near.ok else [],
    )


def _strip(
    title: str, function: str, systems: tuple[str, ...], known: list[Row], now: datetime
) -> Row:
    """The last ninety days of a function: the days on which it rested for a while."""
    rested = set()
    for found in known:
        names = found["functions"] or [function]
        if found["system"] in systems and function in names and found["state"] != "cancelled":
            first = as_date(found["starts_at"])
            last = min(as_date(found["ends_at"]), today())
            days = (last - first).days + 1 if found["starts_at"] <= now.isoformat() else 0
            rested |= {first + timedelta(days=n) for n in range(days)}
    days_shown = [today() - timedelta(days=n) for n in range(_DAYS - 1, -1, -1)]
    ticks: tuple[Tick, ...] = strip([d in rested for d in days_shown])
    count = sum(d in rested for d in days_shown)
    return {"title": title, "ticks": ticks, "rested": count}
