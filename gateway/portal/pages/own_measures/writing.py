"""The form of a measure, page by page, in any order: every page is kept as it was typed."""

from typing import Any

from aiohttp import web

from chassis.clock import today
from gateway.portal.asking import Reply
from gateway.portal.doors import EDITORS
from gateway.portal.forms import Form
from gateway.portal.measures.answers import overtaken
from gateway.portal.measures.deadlines import of_form
from gateway.portal.measures.steps import STEPS, TITLES, following, mend, place_of, tasks
from gateway.portal.measures.typed import ROWS, altered_rows, form_of, section_of
from gateway.portal.pages.own_measures.asking import (
    LIST,
    ONE,
    address_of,
    crumbs_of,
    map_of,
    measure_of,
    offers,
)
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Visit
from gateway.portal.words import fiscal_year, fiscal_year_of, moment

pages = Pages(frozenset({"municipality"}))
_EDIT = ONE + "/edit"
_STEP = _EDIT + "/{step:" + "|".join(STEPS) + "}"


@pages.post(f"{LIST}/new", roles=EDITORS)
async def begin(visit: Visit) -> web.StreamResponse:
    """Begin with a measure; on to the list of its pages."""
    form = await visit.form()
    reply = await visit.ask("POST", "registry/own-measures", body={}, key=form.key)
    if not reply.ok:
        raise Answered(reply)
    return visit.go(f"{LIST}/{reply.json()['measure_id']}/edit")


@pages.get(_EDIT)
async def pages_of_the_form(visit: Visit) -> web.StreamResponse:
    """Every page of the form with how far it is."""
    found = await measure_of(visit)
    if "save" not in found["may"]:
        return visit.go(address_of(visit))
    base = f"{address_of(visit)}/edit"
    listed = tasks(found, base)
    waiting = next((t["href"] for t in listed if t["left"]), f"{base}/preview")
    return visit.page(
        "measures/tasks.html",
        "施策の変更" if found["edition"] else "施策の入力",
        crumbs=crumbs_of(found),
        within=found["title"],
        measure=found,
        tasks=listed,
        left=len(found["problems"]),
        next_step=waiting,
        base=base,
    )


@pages.get(_STEP)
async def step(visit: Visit) -> web.StreamResponse:
    """One page of the form."""
    found = await measure_of(visit)
    return await _page(visit, found, form_of(visit.part("step"), found["form"]))


@pages.post(_STEP, roles=EDITORS)
async def saved(visit: Visit) -> web.StreamResponse:
    """Save a page; on to the next one unless something on it must be mended."""
    form, name, base = await visit.form(), visit.part("step"), f"{address_of(visit)}/edit"
    altered = altered_rows(name, form)
    section = altered[0] if altered else section_of(name, form)
    reply = await _save(visit, form, {name: section})
    if not reply.ok:
        return await _not_saved(visit, reply, form)
    if altered:
        return visit.go(f"{base}/{name}#{altered[1]}")
    if form["stay"] or form["close"]:
        return visit.go(f"{base}/{name}?done=saved" if form["stay"] else f"{base}?done=saved")
    after = reply.json()
    mend(form, after["problems"], name)
    if not form.errors:
        return visit.go(f"{base}/{following(name)}")
    return await _page(visit, after, _as_saved(name, form, after))


def _as_saved(name: str, form: Form, after: dict[str, Any]) -> Form:
    """The page with what to mend; rows stand where they were saved."""
    if name not in ROWS and name != "services":
        return form
    shown = form_of(name, after["form"])
    shown.errors, shown.parts = form.errors, form.parts
    return shown


async def _save(visit: Visit, form: Form, sections: dict[str, Any]) -> Reply:
    return await visit.ask(
        "PUT",
        f"registry/own-measures/{visit.part('measure_id')}/draft",
        body=sections,
        key=form.key,
        headers={"If-Match": form["revision"] or "0"},
    )


async def _not_saved(visit: Visit, reply: Reply, form: Form) -> web.StreamResponse:
    """The page once more with everything that was typed, and why it could not be kept."""
    if reply.status not in (409, 412, 413, 422):
        raise Answered(reply)
    problem = reply.json()
    fields = [str(error["field"]) for error in problem.get("errors") or []]
    form.take(problem, {field: place_of(field).field for field in fields})
    latest = await measure_of(visit)
    if reply.status != 412:
        return await _page(visit, latest, form)
    faster = overtaken(visit.part("step"), latest["form"], form)
    return await _page(visit, latest, form, faster=faster)


@pages.post(_STEP + "/draft", roles=EDITORS)
async def draft(visit: Visit) -> web.StreamResponse:
    """Save a page while somebody is still typing (the module asks every 20 seconds)."""
    form, name = await visit.form(), visit.part("step")
    form.key = Form().key
    reply = await _save(visit, form, {name: section_of(name, form, blanks=True)})
    if not reply.ok:
        return web.json_response({}, status=reply.status)
    return web.json_response({"revision": reply.json()["version"], "at": moment(visit.at)})


async def _page(
    visit: Visit,
    measure: dict[str, Any],
    form: Form,
    faster: list[tuple[str, str, str]] | None = None,
) -> web.StreamResponse:
    if "save" not in measure["may"]:
        return visit.go(address_of(visit))
    name, names = visit.part("step"), {c["code"]: c["name"] for c in measure["choices"]}
    lines = of_form(measure["form"], names) if name == "dates" else []
    return visit.page(
        f"measures/{name}.html",
        TITLES[name],
        status=422 if form.errors else 200,
        crumbs=crumbs_of(measure, editing=True),
        form=form,
        within=measure["title"],
        measure=measure,
        step=name,
        base=f"{address_of(visit)}/edit",
        faster=faster or [],
        may_match=offers(visit, "/municipality/matches"),
        years=_years(form["fiscal_year"]) if name == "basics" else [],
        services=_services(measure, form) if name == "services" else [],
        deadline_map=await map_of(visit, lines),
    )


def _years(chosen: str) -> list[tuple[str, str]]:
    """Fiscal years to choose from: last one to the one after next, and the one that was chosen."""
    this = fiscal_year_of(today())
    known = {str(year) for year in range(this, this + 3)}
    if chosen.isascii() and chosen.isdigit():
        known.add(chosen)
    return [(year, fiscal_year(year)) for year in sorted(known)]


def _services(measure: dict[str, Any], form: Form) -> list[dict[str, Any]]:
    """The rows of payment services: what was chosen first, then what else contracts carry."""
    chosen = [form[f"services_{n}_code"] for n in range(50) if f"services_{n}_code" in form.values]
    known = {c["code"]: c for c in measure["choices"]}
    others = [code for code in known if code not in chosen]
    return [{"code": code, "choice": known.get(code)} for code in [*chosen, *others]]
