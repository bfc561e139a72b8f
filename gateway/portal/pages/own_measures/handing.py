"""The last pages of the form: the measure as residents will see it, and handing it in."""

from typing import Any

from aiohttp import web

from chassis.clock import today
from gateway.portal.doors import EDITORS
from gateway.portal.measures.answers import sections_of
from gateway.portal.measures.deadlines import of_entry, of_form
from gateway.portal.measures.steps import place_of
from gateway.portal.measures.typed import LANGUAGES
from gateway.portal.pages.own_measures.asking import (
    ONE,
    act,
    address_of,
    crumbs_of,
    map_of,
    measure_of,
)
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Visit

pages = Pages(frozenset({"municipality"}))
_EDIT = ONE + "/edit"


def mistakes_of(problems: list[dict[str, str]], base: str) -> list[dict[str, str]]:
    """What must be mended, each with the address of its field."""
    return [
        {"href": f"{base}/{place_of(p['field']).address}", "detail": p["detail"].removesuffix("。")}
        for p in problems
    ]


@pages.get(f"{_EDIT}/preview")
async def preview(visit: Visit) -> web.StreamResponse:
    """The measure as residents will see it; what must be mended while it cannot be shown."""
    found = await measure_of(visit)
    base, language = f"{address_of(visit)}/edit", visit.query("language", "ja")
    entry = found["preview"] or (None if "save" in found["may"] else found["proposed"])
    return visit.page(
        "measures/preview.html",
        "プレビュー",
        crumbs=crumbs_of(found, editing="save" in found["may"]),
        within=found["title"],
        measure=found,
        entry=entry,
        shown_state=found["state"] if found["entry"] else "scheduled",
        language=language if language in LANGUAGES else "ja",
        mistakes=mistakes_of(found["problems"], base),
        base=base,
        today=today(),
    )


@pages.get(f"{_EDIT}/submit")
async def check(visit: Visit) -> web.StreamResponse:
    """Everything in words before it is handed in."""
    return await _check_page(visit, [])


@pages.post(f"{_EDIT}/submit", roles=EDITORS)
async def submit(visit: Visit) -> web.StreamResponse:
    """Hand it to the approver."""
    form = await visit.form()
    reply = await act(visit, form, "submit", {})
    if reply.ok:
        return visit.go(f"{address_of(visit)}?done=handed_in")
    problem = reply.json()
    errors = problem.get("errors") or []
    if not errors and reply.status == 422:
        errors = [{"field": "basics", "detail": str(problem.get("detail") or "")}]
    if not errors:
        raise Answered(reply)
    return await _check_page(visit, errors)


async def _check_page(visit: Visit, errors: list[dict[str, str]]) -> web.StreamResponse:
    found = await measure_of(visit)
    if "submit" not in found["may"]:
        return visit.go(address_of(visit))
    base = f"{address_of(visit)}/edit"
    return visit.page(
        "measures/submit.html",
        "確認に出す",
        status=422 if errors else 200,
        crumbs=crumbs_of(found, editing=True),
        within=found["title"],
        measure=found,
        base=base,
        mistakes=mistakes_of(errors or found["problems"], base),
        sections=sections_of(found),
        deadline_map=await map_of(visit, _lines(found)),
    )


def _lines(found: dict[str, Any]) -> Any:
    if found["preview"]:
        return of_entry(found["preview"])
    return of_form(found["form"], {c["code"]: c["name"] for c in found["choices"]})
