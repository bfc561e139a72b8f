"""The second of the two operations: which payment service, whose number, the check, and the card for exactly this."""

from typing import Any

from aiohttp import web

from gateway.portal.forms import Form
from gateway.portal.pages.residents.my import family_of, home_of
from gateway.portal.residents import cards
from gateway.portal.residents.had import names_of
from gateway.portal.residents.kept import Chosen, chosen_of, kept_for, options_of
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Visit

pages = Pages(residents=True)
_ID = "{entitlement_id:[0-9a-f]{8}-[0-9a-f-]{27}}"
_AT = (f"/my/entitlements/{_ID}/allocate", f"/desk/entitlements/{_ID}/allocate")
_CARRIED = ("service", "account_id", "change")


async def _entitlement(visit: Visit) -> tuple[dict[str, Any], dict[str, Any]]:
    """What may be received, and the measure it comes from."""
    found = await visit.get(f"benefits/own-entitlements/{visit.part('entitlement_id')}")
    measure = await visit.get(f"registry/measures/{found['measure_id']}")
    return found, measure["entry"]


async def chosen(visit: Visit) -> dict[str, Any] | None:
    """Where the points go already, if that was decided."""
    path = f"benefits/own-entitlements/{visit.part('entitlement_id')}/allocation"
    reply = await visit.ask("GET", path)
    return reply.json() if reply.ok else None


@pages.get(f"/my/entitlements/{_ID}/grant", f"/desk/entitlements/{_ID}/grant")
async def on_its_way(visit: Visit) -> web.StreamResponse:
    """To the record of the grant that this became."""
    found = await chosen(visit)
    if found is None:
        return visit.go(_own(visit))
    return visit.go(f"{home_of(visit)}/grants/{found['order_id']}")


@pages.get(*_AT)
async def choose(visit: Visit) -> web.StreamResponse:
    """The payment services of the measure, and the number in one of them."""
    form = Form.of({"change": "yes" if await chosen(visit) else ""})
    return await _choose_page(visit, form, fresh=True)


@pages.post(*_AT)
async def mended(visit: Visit) -> web.StreamResponse:
    """Back from the check page, with everything as it was."""
    return await _choose_page(visit, await visit.form())


async def _choose_page(visit: Visit, form: Form, *, fresh: bool = False) -> web.Response:
    found, entry = await _entitlement(visit)
    kept = options_of(await kept_for(visit, entry))
    if fresh and kept:
        form["service"] = kept[0][0]
    return visit.page(
        "my/allocate.html",
        f"{found['title']}の受け取り先を決める",
        status=422 if form.errors else 200,
        form=form,
        own=_own(visit),
        base=home_of(visit),
        found=found,
        entry=entry,
        before=await chosen(visit),
        kept=bool(kept),
        services=[
            *kept,
            *((one["code"], one["name"], _service_note(one)) for one in entry["services"]),
        ],
    )


def _own(visit: Visit) -> str:
    return f"{home_of(visit)}/entitlements/{visit.part('entitlement_id')}/allocate"


def _service_note(service: dict[str, Any]) -> str:
    note = service.get("note") or ""
    return f"{service['provider_name']}{'。' + note if note else ''}"


@pages.post(*(f"{at}/check" for at in _AT))
async def check(visit: Visit) -> web.StreamResponse:
    """Everything once more, and the card."""
    form = await visit.form()
    found, entry = await _entitlement(visit)
    target = chosen_of(form, entry, await kept_for(visit, entry))
    if target is None:
        return await _choose_page(visit, form)
    return await _check_page(visit, form, found, entry, target)


async def _check_page(
    visit: Visit,
    form: Form,
    found: dict[str, Any],
    entry: dict[str, Any],
    target: Chosen,
) -> web.Response:
    names = names_of(await family_of(visit))
    return visit.page(
        "my/allocate_check.html",
        f"{found['title']}の受け取り先を確定する",
        status=422 if form.errors else 200,
        form=form,
        own=_own(visit),
        base=home_of(visit),
        carried_names=_CARRIED,
        found=found,
        entry=entry,
        target=target,
        whose=names.get(found["person_id"], ""),
        cards=await cards.simulated(visit),
    )


@pages.post(*(f"{at}/done" for at in _AT))
async def done(visit: Visit) -> web.StreamResponse:
    """The card speaks for exactly this amount and this account."""
    form = await visit.form()
    found, entry = await _entitlement(visit)
    target = chosen_of(form, entry, await kept_for(visit, entry))
    if target is None:
        return await _choose_page(visit, form)
    code = target.service["code"]
    proof = await cards.proof(visit, form, "link", f"link/{found['id']}/{code}/{target.digest}")
    if proof is not None:
        body = {"payment_service_code": code, **target.body, "proof": proof}
        method = "PUT" if form["change"] == "yes" else "POST"
        path = f"benefits/own-entitlements/{found['id']}/allocation"
        reply = await visit.ask(method, path, body=body, key=form.key)
        if reply.ok:
            order = reply.json()["order_id"]
            return visit.go(f"{home_of(visit)}/grants/{order}?done=allocated")
        if cards.again(reply.json()):
            return visit.go(f"{home_of(visit)}/entitlements/{found['id']}/grant")
        if not cards.take(form, reply.status, reply.json()):
            raise Answered(reply)
    return await _check_page(visit, form, found, entry, target)
