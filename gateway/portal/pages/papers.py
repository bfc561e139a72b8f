"""The last pages of the form: payment services and documents."""

from typing import Any

from aiohttp import web

from gateway.portal.doors import EDITORS, ORGANISATION_DOOR, ORGANISATIONS
from gateway.portal.files import file_answer
from gateway.portal.forms import Form
from gateway.portal.pages.registration import base_of, mend, registration_of, save, step_page
from gateway.portal.routes import Pages
from gateway.portal.steps import form_of, service_of
from gateway.portal.visit import Answered, Visit

pages = Pages(ORGANISATIONS)
_BASE = f"{ORGANISATION_DOOR}/registration"
_MOST_SERVICES = 30


@pages.get("/provider/registration/services")
async def services(visit: Visit) -> web.StreamResponse:
    """The payment services of the provider."""
    found = await registration_of(visit)
    return step_page(visit, found, "services", Form(), services=found["form"]["services"])


@pages.post("/provider/registration/services", roles=EDITORS)
async def services_saved(visit: Visit) -> web.StreamResponse:
    """On to the next page, or one service less."""
    form, found = await visit.form(), await registration_of(visit)
    listed = found["form"]["services"]
    if form["remove"] in {str(n) for n in range(len(listed))}:
        del listed[int(form["remove"])]
        reply = await save(visit, form, {"services": listed})
        if not reply.ok:
            raise Answered(reply)
        return visit.go(f"{base_of(visit)}/services")
    if form["close"]:
        return visit.go(f"{base_of(visit)}?done=saved")
    mend(form, found["problems"], "services")
    for problem in found["problems"]:
        if problem["field"].startswith("services."):
            form.wrong("services", problem["detail"].removesuffix("。"))
    if form.errors:
        return step_page(visit, found, "services", form, services=listed)
    return visit.go(f"{base_of(visit)}/documents")


@pages.get("/provider/registration/service")
async def service(visit: Visit) -> web.StreamResponse:
    """One payment service."""
    found, number = await registration_of(visit), _number(visit)
    return _service_page(visit, found, form_of("service", "provider", found, number), number)


@pages.post("/provider/registration/service", roles=EDITORS)
async def service_saved(visit: Visit) -> web.StreamResponse:
    """Keep one payment service; back to the list unless something must be mended."""
    form, number = await visit.form(), _number(visit)
    found = await registration_of(visit)
    listed = found["form"]["services"]
    listed[number : number + 1] = [service_of(form)]
    reply = await save(visit, form, {"services": listed})
    if not reply.ok:
        raise Answered(reply)
    after = reply.json()
    mend(form, after["problems"], "services", min(number, len(listed) - 1))
    if form.errors:
        return _service_page(visit, after, form, min(number, len(listed) - 1))
    return visit.go(f"{base_of(visit)}/services?done=saved")


@pages.post("/provider/registration/service/draft", roles=EDITORS)
async def service_draft(visit: Visit) -> web.StreamResponse:
    """Services are saved by their button only; the module is told so."""
    return web.json_response({}, status=409)


def _number(visit: Visit) -> int:
    return visit.number("n", _MOST_SERVICES - 1)


def _service_page(visit: Visit, found: dict[str, Any], form: Form, number: int) -> web.Response:
    return step_page(
        visit,
        found,
        "services",
        form,
        template="service",
        title=form["name"] or "決済サービスの追加",
        step="service",
        step_query=f"?n={number}",
    )


@pages.get(f"{_BASE}/documents")
async def documents(visit: Visit) -> web.StreamResponse:
    """The documents that may, or must, be handed in."""
    return _documents_page(visit, await registration_of(visit), Form())


@pages.post(f"{_BASE}/documents", roles=EDITORS)
async def documents_sent(visit: Visit) -> web.StreamResponse:
    """Hand in the chosen files one by one, or take one back."""
    form = await visit.form()
    base = base_of(visit)
    if form["remove"]:
        path = f"registry/registration/documents/{form['remove']}"
        reply = await visit.ask("DELETE", path, key=form.key)
        if not reply.ok:
            raise Answered(reply)
        return visit.go(f"{base}/documents?done=document_removed")
    for slot in form.files:
        await _hand_in(visit, form, slot)
    found = await registration_of(visit)
    if form["close"] and not form.errors:
        return visit.go(f"{base}?done=saved")
    if form.files and not form.errors and any(_missing(found)):
        return visit.go(f"{base}/documents?done=uploaded")
    if not form.errors:
        mend(form, found["problems"], "documents")
    if form.errors:
        return _documents_page(visit, found, form)
    return visit.go(f"{base}/check")


def _missing(found: dict[str, Any]) -> list[str]:
    return [s["slot"] for s in found["documents"] if s["needed"] and s["document"] is None]


async def _hand_in(visit: Visit, form: Form, slot: str) -> None:
    given = form.files[slot]
    reply = await visit.ask(
        "POST",
        "registry/registration/documents",
        body=given,
        query={"slot": slot, "name": given.name[:255]},
        key=f"{form.key}-{slot}",
        headers={"Content-Type": "application/octet-stream"},
    )
    if reply.status in (409, 413, 415, 422):
        form.wrong(slot, str(reply.json().get("detail", "")).removesuffix("。"))
    elif not reply.ok:
        raise Answered(reply)


def _documents_page(visit: Visit, found: dict[str, Any], form: Form) -> web.Response:
    slots = [
        {
            "name": s["slot"],
            "label": s["label"],
            "needed": s["needed"],
            "files": [s["document"]] if s["document"] else [],
        }
        for s in found["documents"]
    ]
    return step_page(visit, found, "documents", form, slots=slots)


@pages.get(_BASE + "/documents/{document_id}")
async def document(visit: Visit) -> web.StreamResponse:
    """A document's own file, once it was checked."""
    path = f"registry/registration/documents/{visit.part('document_id')}"
    return file_answer(await visit.ask("GET", path))
