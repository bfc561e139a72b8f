"""An organisation's own registration: the form page by page, its state, handing it in."""

from typing import Any

from aiohttp import web

from gateway.portal.answers import overtaken, sections_of
from gateway.portal.asking import Reply
from gateway.portal.doors import EDITORS, ORGANISATION_DOOR, ORGANISATIONS
from gateway.portal.forms import Form
from gateway.portal.history import history_of
from gateway.portal.routes import Pages
from gateway.portal.shelf import GUIDELINES
from gateway.portal.steps import (
    PEOPLE,
    STEPS,
    following,
    form_of,
    place_of,
    section_of,
    standing,
    title_of,
)
from gateway.portal.visit import Answered, Refused, Visit
from gateway.portal.words import moment

pages = Pages(ORGANISATIONS)
_BASE = f"{ORGANISATION_DOOR}/registration"
_STEP = _BASE + "/{step:guideline|organisation|contacts|plan|compliance}"


def base_of(visit: Visit) -> str:
    """The beginning of this form's addresses."""
    return f"{visit.door.home}/registration"


async def registration_of(visit: Visit) -> dict[str, Any]:
    """The own registration as it is now."""
    found: dict[str, Any] = await visit.get("registry/registration")
    return found


async def save(visit: Visit, form: Form, sections: dict[str, Any]) -> Reply:
    """Keep some pages of the form as typed."""
    return await visit.ask(
        "PUT",
        "registry/registration/draft",
        body=sections,
        key=form.key,
        headers={"If-Match": form["revision"] or "0"},
    )


def step_links(visit: Visit, registration: dict[str, Any]) -> list[tuple[str, str, str, bool]]:
    """Every page of the form with whether nothing on it must be mended."""
    kind, base = visit.me.organisation_kind, base_of(visit)
    wrong = {place_of(p["field"]).step for p in registration["problems"]}
    return [
        (step, title_of(step, kind), f"{base}/{step}", step != "check" and step not in wrong)
        for step in STEPS[kind]
    ]


@pages.get(_BASE)
async def status(visit: Visit) -> web.StreamResponse:
    """Where the registration stands, and what to do next."""
    found = await registration_of(visit)
    links = step_links(visit, found)
    waiting = next((href for _, _, href, ready in links if not ready), links[-1][2])
    base = base_of(visit)
    remarks = [r | {"href": f"{base}/{place_of(r['field']).address}"} for r in found["remarks"]]
    return visit.page(
        "registration/status.html",
        "登録申請",
        crumbs=((visit.door.home, "仕事の一覧"),),
        registration=found,
        steps=links,
        base=base,
        begun=any(ready for _, _, _, ready in links),
        next_step=waiting,
        remarks=remarks,
        first_remark=place_of(found["remarks"][0]["field"]).address if remarks else "check",
        message=found["message"],
        promised_on=found["result_due_on"],
        editable="save" in found["may"],
        history=history_of(found["history"]),
    )


@pages.get(_STEP)
async def step(visit: Visit) -> web.StreamResponse:
    """One page of the form."""
    found = await registration_of(visit)
    name = _step_name(visit)
    return step_page(visit, found, name, form_of(name, visit.me.organisation_kind, found))


@pages.post(_STEP, roles=EDITORS)
async def saved(visit: Visit) -> web.StreamResponse:
    """Save a page; on to the next one unless something on it must be mended."""
    form, name, kind = await visit.form(), _step_name(visit), visit.me.organisation_kind
    before = await registration_of(visit)
    reply = await save(visit, form, section_of(name, kind, form, before))
    if not reply.ok:
        return await _not_saved(visit, reply, before, name, form)
    if form["close"]:
        return visit.go(f"{base_of(visit)}?done=saved")
    after = reply.json()
    mend(form, after["problems"], name)
    if form.errors:
        return step_page(visit, after, name, form)
    return visit.go(f"{base_of(visit)}/{following(name, kind)}")


async def _not_saved(
    visit: Visit, reply: Reply, before: dict[str, Any], name: str, form: Form
) -> web.Response:
    """The page once more with everything that was typed, and why it could not be kept."""
    if reply.status in (401, 403):
        raise Answered(reply)
    form.take(reply.json(), {})
    if reply.status != 412:
        return step_page(visit, before, name, form)
    latest, kind = await registration_of(visit), visit.me.organisation_kind
    faster = overtaken(name, form_of(name, kind, latest), form)
    return step_page(visit, latest, name, form, faster=faster)


@pages.post(_STEP + "/draft", roles=EDITORS)
async def draft(visit: Visit) -> web.StreamResponse:
    """Save a page while somebody is still typing (the module asks every 20 seconds)."""
    form, name = await visit.form(), _step_name(visit)
    before = await registration_of(visit)
    form.key = Form().key
    reply = await save(visit, form, section_of(name, visit.me.organisation_kind, form, before))
    if not reply.ok:
        return web.json_response({}, status=reply.status)
    return web.json_response({"revision": reply.json()["version"], "at": moment(visit.at)})


def mend(
    form: Form, problems: list[dict[str, str]], step_name: str, service: int | None = None
) -> None:
    """Note at their fields what must be mended on one page."""
    found = [(place_of(problem["field"]), problem["detail"]) for problem in problems]
    for place, detail in sorted(found, key=lambda one: standing(one[0])):
        if place.step == step_name and place.service == service:
            form.wrong(place.field, detail.removesuffix("。"))


def step_page(
    visit: Visit,
    registration: dict[str, Any],
    name: str,
    form: Form,
    **more: Any,
) -> web.Response:
    """A page of the form with its step bar and the remarks of the reviewer."""
    kind, base = visit.me.organisation_kind, base_of(visit)
    if "save" not in registration["may"]:
        return visit.go(base)
    at_step = [r for r in registration["remarks"] if place_of(r["field"]).step == name]
    return visit.page(
        f"registration/{more.pop('template', name)}.html",
        more.pop("title", title_of(name, kind)),
        status=422 if form.errors else 200,
        crumbs=((visit.door.home, "仕事の一覧"), (base, "登録申請")),
        form=form,
        registration=registration | {"revision": registration["version"]},
        steps=step_links(visit, registration),
        step=more.pop("step", name),
        step_query=more.pop("step_query", ""),
        base=base,
        kind=kind,
        people=PEOPLE[kind],
        remarks=at_step,
        document=GUIDELINES[kind],
        guideline={"version": registration["guideline_version"]},
        **more,
    )


def _step_name(visit: Visit) -> str:
    name = visit.part("step")
    if name not in STEPS[visit.me.organisation_kind]:
        raise Refused(404)
    return name


@pages.get(f"{_BASE}/check")
async def check(visit: Visit) -> web.StreamResponse:
    """Everything in words before it is handed in."""
    return await _check_page(visit, [])


@pages.post(f"{_BASE}/check", roles=EDITORS)
async def submit(visit: Visit) -> web.StreamResponse:
    """Hand the form in."""
    form = await visit.form()
    reply = await visit.ask(
        "POST",
        "registry/registration/submit",
        body={},
        key=form.key,
        headers={"If-Match": form["revision"]},
    )
    if reply.ok:
        return visit.go(f"{base_of(visit)}?done=submitted")
    errors = reply.json().get("errors") or []
    if not errors:
        raise Answered(reply)
    return await _check_page(visit, errors)


async def _check_page(visit: Visit, errors: list[dict[str, str]]) -> web.Response:
    found = await registration_of(visit)
    base, kind = base_of(visit), visit.me.organisation_kind
    mistakes = [
        {"href": f"{base}/{place_of(e['field']).address}", "detail": e["detail"]}
        for e in errors or found["problems"]
    ]
    return visit.page(
        "registration/check.html",
        "確認と提出" if "submit" in found["may"] else "提出した内容",
        status=422 if errors else 200,
        crumbs=((visit.door.home, "仕事の一覧"), (base, "登録申請")),
        registration=found | {"revision": found["version"]},
        steps=step_links(visit, found),
        step="check",
        base=base,
        mistakes=mistakes if "submit" in found["may"] else [],
        sections=sections_of(found, kind),
        editable="submit" in found["may"],
    )


@pages.post(f"{_BASE}/withdraw", roles=EDITORS)
async def withdraw(visit: Visit) -> web.StreamResponse:
    """Take the registration back before there is a result."""
    form = await visit.form()
    reply = await visit.ask(
        "POST",
        "registry/registration/withdraw",
        body={},
        key=form.key,
        headers={"If-Match": form["revision"]},
    )
    if not reply.ok:
        raise Answered(reply)
    return visit.go(f"{base_of(visit)}?done=withdrawn")
