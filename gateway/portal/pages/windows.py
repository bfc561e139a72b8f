"""The secretariat's editor of maintenance windows: announce, change, extend, finish, call off."""

from typing import Any

from aiohttp import web

from gateway.portal import programme
from gateway.portal.doors import EDITORS, SECRETARIAT_ONLY
from gateway.portal.forms import Form, instant_field
from gateway.portal.mending import mend
from gateway.portal.routes import Pages
from gateway.portal.visit import Visit

pages = Pages(SECRETARIAT_ONLY)
_ADDRESS = "/secretariat/maintenance"
_ONE = _ADDRESS + "/{maintenance_id:[0-9a-f-]{36}}"
_CRUMBS = (("/secretariat", "仕事の一覧"),)
_SERVICE = "scheduling/maintenance"
_ACTS = {"change": "changed", "extend": "extended", "finish": "finished", "cancel": "called_off"}


@pages.get(_ADDRESS)
async def windows(visit: Visit) -> web.StreamResponse:
    """What is planned and under way, and the form to announce more."""
    return await _list(visit, Form())


@pages.post(_ADDRESS, roles=EDITORS)
async def announce(visit: Visit) -> web.StreamResponse:
    """The notice, the calendar entry and what the gateway does, in one act."""
    form = await visit.form()
    body = _plan(form)
    if form["rule"]:
        body["rule"] = form["rule"]
    if not form.errors:
        path = f"{_SERVICE}/series" if form["rule"] else _SERVICE
        reply = await visit.ask("POST", path, body=body, key=form.key)
        if reply.ok:
            return visit.go(f"{_ADDRESS}?done=announced")
        mend(form, reply, whole=True)
    return await _list(visit, form)


@pages.get(_ONE)
async def window(visit: Visit) -> web.StreamResponse:
    """One window, and what may still be done about it."""
    return await _page(visit, None)


@pages.post(_ONE + "/{act:change|extend|finish|cancel}", roles=EDITORS)
async def act(visit: Visit) -> web.StreamResponse:
    """Another plan, another end, the end, or no window at all."""
    form, name = await visit.form(), visit.part("act")
    path = f"{_SERVICE}/{visit.part('maintenance_id')}"
    method, body = "POST", _body(form, name)
    if name == "change":
        method = "PUT"
    else:
        path += f"/{name}"
    if not form.errors:
        version = {"If-Match": f'"{form["version"]}"'}
        reply = await visit.ask(method, path, body=body, key=form.key, headers=version)
        if reply.ok:
            return visit.go(f"{_ADDRESS}/{visit.part('maintenance_id')}?done={_ACTS[name]}")
        mend(form, reply, whole=True)
    return await _page(visit, form)


def _body(form: Form, name: str) -> dict[str, Any] | None:
    if name == "finish":
        return None
    if name == "cancel":
        return {"note": form["note"]}
    if name == "extend":
        form.need("ends_at", "終わる日時を入れてください")
        ends_at = form.instant("ends_at", "終わる日時")
        return {"ends_at": ends_at, "end_is_estimate": _estimate(form), "note": form["note"]}
    return {**_plan(form), "note": form["note"]}


def _plan(form: Form) -> dict[str, Any]:
    form.need("impact", "影響を入れてください")
    form.need("starts_at", "始まる日時を入れてください")
    form.need("ends_at", "終わる日時を入れてください")
    return {
        "system": form["system"],
        "functions": form.all("functions"),
        "starts_at": form.instant("starts_at", "始まる日時"),
        "ends_at": form.instant("ends_at", "終わる日時"),
        "end_is_estimate": _estimate(form),
        "impact": form["impact"],
        "deadlines_accepted": form["deadlines_accepted"] == "yes",
    }


def _estimate(form: Form) -> bool:
    return form["end_is_estimate"] == "yes"


async def _list(visit: Visit, form: Form) -> web.Response:
    found = await visit.get(_SERVICE, {"state": "open", "limit": "100"})
    return visit.page(
        "maintenance/desk.html",
        "メンテナンスの予定",
        status=422 if form.errors else 200,
        crumbs=_CRUMBS,
        form=form,
        found=found,
        systems=list(programme.SYSTEMS.items()),
        functions=list(programme.FUNCTIONS.items()),
        may_change=visit.has(*EDITORS),
    )


async def _page(visit: Visit, form: Form | None) -> web.Response:
    found = await visit.get(f"{_SERVICE}/{visit.part('maintenance_id')}")
    times = programme.span(found["starts_at"], found["ends_at"])
    return visit.page(
        "maintenance/edit.html",
        f"メンテナンスの編集 {times} {programme.system(found['system'])}",
        status=422 if form and form.errors else 200,
        crumbs=(*_CRUMBS, (_ADDRESS, "メンテナンスの予定")),
        form=form or _known(found),
        window=found,
        functions=list(programme.FUNCTIONS.items()),
        may_change=visit.has(*EDITORS),
    )


def _known(window: dict[str, Any]) -> Form:
    form = Form()
    form["system"], form["impact"] = window["system"], window["impact"]
    for name in ("starts_at", "ends_at"):
        form[name] = instant_field(window[name])
    for name in window["functions"]:
        form.values.add("functions", name)
    return form
