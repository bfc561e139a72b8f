"""施策をさがす: the search beside the map, what it found, and the ways to narrow and to widen it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from aiohttp import web

from chassis.clock import now, today
from gateway.portal.forms import Form
from gateway.portal.measures.searching import (
    AMOUNTS,
    SORTS,
    Asked,
    boxes_of,
    in_words,
    options_of,
)
from gateway.portal.routes import Pages
from gateway.portal.tilemap import SHADES, regions_of, tiles_of
from gateway.portal.visit import Visit
from gateway.portal.words import PREFECTURES, as_instant

pages = Pages()
_HOME = ("/", "ホーム")
_NEW = timedelta(days=14)
_NOTHING: dict[str, Any] = {"total": 0, "items": [], "facets": {}, "names": {}, "next": None}


@pages.get("/measures")
async def search(visit: Visit) -> web.StreamResponse:
    """Public measures by words, place and choices."""
    asked, form = Asked.of(visit.request.query), Form()
    more = {"sort": asked.sort, "limit": "20"}
    if after := visit.query("after"):
        more["after"] = after
    reply = await visit.ask("GET", "registry/measures", query=asked.parameters() | more)
    found = reply.json() if reply.ok else _NOTHING
    if 400 <= reply.status < 500:
        form.take(reply.json())
    wider = await _wider(visit, asked) if reply.ok and not found["total"] else None
    return visit.page(
        "search/search.html",
        "施策をさがす",
        status=422 if form.errors else 200,
        crumbs=(_HOME,),
        form=form,
        asked=asked,
        found=found,
        away=not reply.ok and not form.errors,
        wider=wider,
        chips=asked.chips(found["names"]),
        new_since=now() - _NEW,
        instant=as_instant,
        today=today(),
        sorts=SORTS.items(),
        amounts=AMOUNTS.items(),
        **_choices(asked, found),
    )


def _choices(asked: Asked, found: Mapping[str, Any]) -> dict[str, Any]:
    """What can be chosen, each with how many it would leave."""
    facets, names = found["facets"], found["names"]
    counts = facets.get("prefecture", {})
    tiles = tiles_of(
        counts, asked.value("prefecture"), lambda code: asked.with_prefecture(code).address()
    )
    towns = facets.get("municipality", {})
    return {
        "tiles": tiles,
        "regions": regions_of(tiles),
        "shades": SHADES,
        "boxes": boxes_of(asked, facets),
        "prefectures": PREFECTURES.items(),
        "towns": options_of(towns, names, asked.values("municipality")),
        "services": options_of(facets.get("service", {}), names, asked.values("service")),
    }


async def _wider(visit: Visit, asked: Asked) -> tuple[str, str, int] | None:
    """The search with one choice less that finds the fewest: nearest to what was asked for."""
    best: tuple[str, str, int] | None = None
    for pair in asked.pairs[:6]:
        less = asked.narrower(pair)
        reply = await visit.ask(
            "GET", "registry/measures", query=less.parameters() | {"limit": "1"}
        )
        total = int(reply.json().get("total", 0)) if reply.ok else 0
        if total and (best is None or total < best[2]):
            best = (in_words(pair, reply.json()["names"]), less.address(), total)
    return best


async def quick_counts(visit: Visit) -> dict[str, int] | None:
    """How many measures are open, closing and so on; None when the registry does not say."""
    reply = await visit.ask("GET", "registry/measures", query={"limit": "1"})
    return reply.json()["facets"]["state"] if reply.ok else None
