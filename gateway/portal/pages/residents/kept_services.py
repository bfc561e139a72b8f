"""Payment services a resident keeps for later: the list, a new one shown to the card, one no more."""

from typing import Any

from aiohttp import web

from gateway.portal.forms import Form
from gateway.portal.residents import cards
from gateway.portal.residents.kept import digest_of, typed_account
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Visit

pages = Pages(residents=True)
_HERE = "/my/services"
_NEW = _HERE + "/new"
_CRUMBS = (("/my", "申し込んだ施策"),)
_CARRIED = ("service", "account_id")
#: Payment services are some dozens; this is far more.
_MOST_PAGES = 10


@pages.get(_HERE)
async def services(visit: Visit) -> web.StreamResponse:
    """What is kept."""
    found = await visit.get("benefits/own-services")
    return visit.page(
        "my/services.html", "登録した受け取り先", crumbs=_CRUMBS, found=found["items"]
    )


@pages.post(_HERE + "/{saved_id:[0-9a-f]{8}-[0-9a-f-]{27}}/forgotten")
async def forget(visit: Visit) -> web.StreamResponse:
    """Keep one no longer."""
    form = await visit.form()
    path = f"benefits/own-services/{visit.part('saved_id')}"
    reply = await visit.ask("DELETE", path, key=form.key)
    if not reply.ok:
        raise Answered(reply)
    return visit.go(f"{_HERE}?done=service_forgotten")


@pages.get(_NEW)
async def new(visit: Visit) -> web.StreamResponse:
    """Which payment service, and the number there."""
    return await _new_page(visit, Form())


@pages.post(_NEW)
async def mended(visit: Visit) -> web.StreamResponse:
    """Back from the check page, with everything as it was."""
    return await _new_page(visit, await visit.form())


@pages.post(_NEW + "/check")
async def check(visit: Visit) -> web.StreamResponse:
    """Everything once more, and the card."""
    form = await visit.form()
    service = _chosen(form, await _offered(visit))
    if service is None:
        return await _new_page(visit, form)
    return await _check_page(visit, form, service)


@pages.post(_NEW + "/done")
async def done(visit: Visit) -> web.StreamResponse:
    """The card speaks for exactly this account, and it is kept."""
    form = await visit.form()
    service = _chosen(form, await _offered(visit))
    if service is None:
        return await _new_page(visit, form)
    account, code = form["account_id"], service["code"]
    proof = await cards.proof(visit, form, "link", f"keep/{code}/{digest_of(account)}")
    if proof is not None:
        body = {"payment_service_code": code, "account_id": account, "proof": proof}
        reply = await visit.ask("POST", "benefits/own-services", body=body, key=form.key)
        if reply.ok:
            return visit.go(f"{_HERE}?done=service_kept")
        if cards.again(reply.json()):
            return visit.go(_HERE)
        if not cards.take(form, reply.status, reply.json()):
            raise Answered(reply)
    return await _check_page(visit, form, service)


def _chosen(form: Form, offered: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The payment service that was chosen; None when something is to be mended."""
    found = {one["code"]: one for one in offered}.get(form["service"])
    if found is None:
        form.wrong("service", "受け取る決済サービスをえらんでください")
    typed_account(form)
    return None if form.errors else found


async def _offered(visit: Visit) -> list[dict[str, Any]]:
    """Payment services anybody may receive points in."""
    found: list[dict[str, Any]] = []
    query = {"limit": "100"}
    for _ in range(_MOST_PAGES):
        page = await visit.get("registry/payment-services", query)
        found += page["items"]
        if not page["next"]:
            break
        query["after"] = page["next"]
    return found


async def _new_page(visit: Visit, form: Form) -> web.Response:
    offered = await _offered(visit)
    return visit.page(
        "my/service_new.html",
        "受け取り先を登録する",
        status=422 if form.errors else 200,
        crumbs=(*_CRUMBS, (_HERE, "登録した受け取り先")),
        form=form,
        services=[(one["code"], one["name"]) for one in offered],
    )


async def _check_page(visit: Visit, form: Form, service: dict[str, Any]) -> web.Response:
    return visit.page(
        "my/service_check.html",
        "受け取り先の登録を確定する",
        status=422 if form.errors else 200,
        form=form,
        carried_names=_CARRIED,
        service=service,
        cards=await cards.simulated(visit),
    )
