"""What an organisation is registered with, and asking for a change."""

from copy import deepcopy
from datetime import date
from typing import Any

from aiohttp import web

from chassis.clock import today
from gateway.portal.answers import label_of, sections_of, value_in_words
from gateway.portal.doors import EDITORS, ORGANISATION_DOOR, ORGANISATIONS, settings_of
from gateway.portal.forms import Form, date_fields
from gateway.portal.pages.registration import registration_of
from gateway.portal.routes import Pages
from gateway.portal.steps import PEOPLE, form_of, place_of, section_of, service_of, title_of
from gateway.portal.visit import Answered, Refused, Visit

pages = Pages(ORGANISATIONS)
_CHANGE = (
    ORGANISATION_DOOR + "/organisation/change/{step:organisation|contacts|plan|compliance|service}"
)


@pages.get(f"{ORGANISATION_DOOR}/organisation")
async def organisation(visit: Visit) -> web.StreamResponse:
    """The registered data and the changes asked for."""
    found = await registration_of(visit)
    asked = await visit.get("registry/change-requests/own")
    sections = [
        s for s in sections_of(found, visit.me.organisation_kind) if s["step"] != "guideline"
    ]
    return visit.page(
        "organisation/organisation.html",
        "会社の登録内容" if visit.door.name == "provider" else "団体の登録内容",
        crumbs=((visit.door.home, "仕事の一覧"),),
        registration=found,
        sections=sections,
        services=list(enumerate(found["form"]["services"])),
        requests=[in_words(r) for r in asked["items"]],
        may_change="request_change" in found["may"],
        tabs=settings_of(visit.door),
    )


def in_words(request: dict[str, Any]) -> dict[str, Any]:
    """A change request with its differences as people read them."""
    return request | {"differences": differences_in_words(request["differences"])}


def differences_in_words(found: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Each difference with the words for its field and its values."""
    return [
        {
            "label": label_of(d["field"]),
            "before": _each(d["field"], d["before"]),
            "after": _each(d["field"], d["after"]),
        }
        for d in found
    ]


def _each(field: str, value: str | None) -> str:
    name = field.rsplit(".", 1)[-1]
    return "、".join(value_in_words(name, v) for v in value.split("、")) if value else ""


@pages.get(_CHANGE, roles=EDITORS)
async def change(visit: Visit) -> web.StreamResponse:
    """One page of the registered data, to be altered."""
    found, step, kind = await registration_of(visit), visit.part("step"), visit.me.organisation_kind
    form = form_of(step, kind, found, _number(visit))
    for name, value in date_fields("wanted_on", today()).items():
        form[name] = value
    return _page(visit, found, form)


@pages.post(_CHANGE, roles=EDITORS)
async def changed(visit: Visit) -> web.StreamResponse:
    """Ask the secretariat for the change; the entry stays as it is until it is granted."""
    form, found = await visit.form(), await registration_of(visit)
    wanted = form.date("wanted_on", "変わる日")
    form.need("reason", "変わる理由を入れてください")
    if wanted is None:
        form.wrong("wanted_on", "変わる日を入れてください")
    if not form.errors and wanted is not None:
        reply = await _asked(visit, form, found, wanted)
        if reply.ok:
            return visit.go(f"{visit.door.home}/organisation?done=requested")
        if reply.status not in (409, 422):
            raise Answered(reply)
        problem = reply.json()
        names = {
            e["field"]: place_of(e["field"].removeprefix("form.")).field
            for e in problem.get("errors") or []
        }
        form.take(problem, names)
    return _page(visit, found, form)


async def _asked(visit: Visit, form: Form, found: dict[str, Any], wanted: date) -> Any:
    whole = deepcopy(found["form"])
    if visit.part("step") == "service":
        number = _number(visit)
        whole["services"][number : number + 1] = [service_of(form)]
    else:
        for name, section in section_of(
            visit.part("step"), visit.me.organisation_kind, form, found
        ).items():
            whole[name] = {**whole[name], **section}
    body = {"form": whole, "wanted_on": wanted.isoformat(), "reason": form["reason"]}
    return await visit.ask("POST", "registry/change-requests", body=body, key=form.key)


def _number(visit: Visit) -> int:
    return visit.number("n", 29)


def _page(visit: Visit, found: dict[str, Any], form: Form) -> web.Response:
    step, kind = visit.part("step"), visit.me.organisation_kind
    if "request_change" not in found["may"]:
        raise Refused(409, "変更を申し出られるのは、登録済みの団体だけです。")
    title = "決済サービス" if step == "service" else title_of(step, kind)
    return visit.page(
        "registration/change.html",
        f"{title}の変更",
        status=422 if form.errors else 200,
        crumbs=((visit.door.home, "仕事の一覧"), (f"{visit.door.home}/organisation", "登録内容")),
        form=form,
        step=step,
        kind=kind,
        people=PEOPLE[kind],
        action=visit.request.path_qs,
    )
