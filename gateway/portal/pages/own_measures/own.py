"""A municipality's own measures: the list, one of them with everything that can be done, its versions."""

import re
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from chassis.clock import today
from gateway.portal.doors import EDITORS
from gateway.portal.measures.answers import changes_in_words
from gateway.portal.measures.deadlines import of_entry
from gateway.portal.measures.history import history_of
from gateway.portal.measures.words import CLOSE_REASONS, MEASURE
from gateway.portal.pages.own_measures.asking import (
    LIST,
    ONE,
    address_of,
    crumbs_of,
    map_of,
    measure_of,
    offers,
    stage_of,
)
from gateway.portal.routes import Pages
from gateway.portal.visit import Refused, Visit

pages = Pages(frozenset({"municipality"}))


@pages.get(LIST)
async def measures(visit: Visit) -> web.StreamResponse:
    """Every measure of the municipality, the newest first."""
    asked = {n: visit.query(n) for n in ("state", "after") if visit.query(n)}
    if asked.get("state") not in MEASURE:
        asked.pop("state", None)
    found = await visit.get("registry/own-measures", asked)
    kept = {k: v for k, v in asked.items() if k != "after"}
    following = urlencode(kept | {"after": found["next"]}) if found["next"] else ""
    return visit.page(
        "measures/list.html",
        "施策",
        crumbs=crumbs_of()[:1],
        found=found,
        may_import=visit.has(*EDITORS) and offers(visit, f"{LIST}/import"),
        may_match=offers(visit, "/municipality/matches"),
        state=asked.get("state", ""),
        states=[(name, words[1]) for name, words in MEASURE.items()],
        next_address=f"?{following}" if following else "",
    )


@pages.get(ONE)
async def measure(visit: Visit) -> web.StreamResponse:
    """One measure: how it stands, what can be done next, its days, its versions, its history."""
    found = await measure_of(visit)
    entry = found["entry"] or found["proposed"] or found["preview"]
    lines = of_entry(entry) if entry else []
    return visit.page(
        "measures/measure.html",
        found["title"],
        crumbs=crumbs_of(),
        measure=found,
        entry=entry,
        stage=stage_of(found),
        one=address_of(visit),
        may_match=offers(visit, "/municipality/matches"),
        may_target=visit.has(*EDITORS) and offers(visit, LIST + "/{measure_id}/targets"),
        is_public=offers(visit, "/measures/{measure_id}"),
        reason=CLOSE_REASONS.get(found["reason"] or "", found["reason"] or ""),
        deadline_map=await map_of(visit, lines),
        history=history_of(found["history"]),
        today=today(),
    )


@pages.get(ONE + "/versions/{number}")
async def version(visit: Visit) -> web.StreamResponse:
    """One version, and how it differs from the one before."""
    number = visit.part("number")
    if not re.fullmatch("[0-9]{1,6}", number):
        raise Refused(404)
    found = await measure_of(visit)
    one: dict[str, Any] = await visit.get(
        f"registry/measures/{found['measure_id']}/versions/{number}"
    )
    return visit.page(
        "measures/version.html",
        f"第{number}版",
        crumbs=crumbs_of(found),
        within=found["title"],
        measure=found,
        version=one,
        changes=changes_in_words(one["changes"]),
        today=today(),
    )
