"""The first page: what this is, how points arrive, the lists, both ways to an account, whom to call."""

import asyncio
from typing import Any

from aiohttp import web

from gateway.portal.drawings import sparkline
from gateway.portal.pages.notices import newest
from gateway.portal.pages.programme import by_series
from gateway.portal.pages.search import quick_counts
from gateway.portal.programme import next_window
from gateway.portal.routes import Pages
from gateway.portal.shelf import shelf
from gateway.portal.visit import Visit

pages = Pages()


@pages.get("/")
async def home(visit: Visit) -> web.StreamResponse:
    """Everything a visitor may want, in the order most of them want it."""
    as_of = visit.day("as_of")
    counts, conditions, open_now, notices, documents, sessions = await asyncio.gather(
        counted(visit, as_of),
        visit.services.conditions(),
        quick_counts(visit),
        newest(visit, as_of),
        shelf(visit, as_of),
        told(visit, as_of),
    )
    return visit.page(
        "public/home.html",
        "まちのポイントの入口",
        counts=counts,
        states=open_now,
        as_of=as_of,
        conditions=conditions,
        all_ready=bool(conditions) and all(c.ready for c in conditions),
        notices=notices,
        municipality_documents=documents.of("municipality"),
        provider_documents=documents.of("provider"),
        window=next_window(visit.services.windows(), visit.at),
        sessions=sessions,
    )


async def counted(visit: Visit, as_of: str) -> dict[str, Any]:
    """How long each list is, by its name; empty when the registry does not say, so that the page still stands."""
    reply = await visit.ask("GET", "registry/counts", query={"as_of": as_of} if as_of else None)
    if not reply.ok:
        return {}
    found = reply.json()
    return {"as_of": found["as_of"], **{one["name"]: _drawn(one) for one in found["lists"]}}


async def told(visit: Visit, as_of: str = "") -> dict[str, Any]:
    """The sessions that come next and the last that were held; empty when scheduling does not say."""
    then = {"as_of": as_of} if as_of else {}
    coming, held = await asyncio.gather(
        *(
            visit.ask("GET", "scheduling/sessions", query=asked | then)
            for asked in (
                {"state": "coming", "limit": "3"},
                {"state": "held", "order": "latest", "limit": "50"},
            )
        )
    )
    if not coming.ok or not held.ok:
        return {}
    return {"coming": coming.json()["items"], "held": by_series(held.json()["items"])}


def _drawn(count: dict[str, Any]) -> dict[str, Any]:
    totals = [point["total"] for point in count["course"]]
    change = count["total"] - count["a_month_before"]
    return {"total": count["total"], "change": change, "course": totals, "line": sparkline(totals)}
