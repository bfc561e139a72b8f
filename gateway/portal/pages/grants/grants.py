"""A municipality looks at its grants, and wants one back: one person proposes, another decides."""

from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from gateway.portal import grant_words
from gateway.portal.doors import MUNICIPALITY_ONLY
from gateway.portal.forms import Form
from gateway.portal.residents import record
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Visit

pages = Pages(MUNICIPALITY_ONLY)
_LIST = "/municipality/grants"
_ONE = _LIST + "/{order_id:[0-9a-f-]{36}}"
_DECIDERS = frozenset({"admin", "approver"})


@pages.get(_LIST)
async def grants(visit: Visit) -> web.StreamResponse:
    """Grants of the municipality's measures, what moved last first."""
    asked = {n: visit.query(n) for n in ("state", "proposed", "after") if visit.query(n)}
    found = await visit.get("benefits/grants", asked)
    kept = {k: v for k, v in asked.items() if k != "after"}
    following = urlencode(kept | {"after": found["next"]}) if found["next"] else ""
    return visit.page(
        "grants/grants.html",
        "付与",
        crumbs=(("/municipality", "仕事の一覧"),),
        found=found,
        asked=asked,
        grant_words=grant_words,
        next_address=f"?{following}" if following else "",
    )


@pages.get(_ONE)
async def grant(visit: Visit) -> web.StreamResponse:
    """One grant: everything that happened, and what can be done about it."""
    return await _page(visit, Form())


@pages.post(_ONE, roles=_DECIDERS)
async def decide(visit: Visit) -> web.StreamResponse:
    """Propose that the grant is taken back or given up, or decide what another proposed."""
    form, one = await visit.form(), visit.part("order_id")
    form.need("kind", "どうするかを選んでください")
    form.need("reason", "理由を入れてください")
    if not form.errors:
        body = {"kind": form["kind"], "reason": form["reason"]}
        reply = await visit.ask("POST", f"benefits/grants/{one}/decisions", body=body, key=form.key)
        if reply.ok:
            done = "wish_proposed" if reply.json()["proposed"] else "wish_decided"
            return visit.go(f"{_LIST}/{one}?done={done}")
        if reply.status not in (403, 409, 422):
            raise Answered(reply)
        form.take(reply.json())
    return await _page(visit, form)


async def _page(visit: Visit, form: Form) -> web.Response:
    one = visit.part("order_id")
    chain = await visit.get(f"benefits/grants/{one}/chain")
    decided = await visit.get(f"benefits/grants/{one}/decisions")
    waiting = next((d for d in decided["items"] if d["decided_at"] is None), None)
    if waiting is not None and not form["kind"]:
        form["kind"] = waiting["kind"]
    services = await _services(visit, chain["rule"]["measure_id"])
    return visit.page(
        "grants/grant.html",
        f"{chain['rule']['title']} {chain['amount']:,}円分の付与",
        status=422 if form.errors else 200,
        crumbs=(("/municipality", "仕事の一覧"), (_LIST, "付与")),
        form=form,
        chain=chain,
        order=next(o for o in chain["orders"] if o["id"] == chain["order_id"]),
        decided=decided["items"],
        waiting=waiting,
        wishes=_wishes(chain["state"]) if visit.has(*_DECIDERS) else [],
        services=services,
        events=record.events_of(chain, services),
        grant_words=grant_words,
    )


async def _services(visit: Visit, measure_id: str) -> dict[str, str]:
    """What the measure's payment services are called, by their code; nothing while the registry does not say."""
    reply = await visit.ask("GET", f"registry/measures/{measure_id}")
    return {s["code"]: s["name"] for s in reply.json()["entry"]["services"]} if reply.ok else {}


def _wishes(state: str) -> list[tuple[str, Any, Any]]:
    """What may be wanted of a grant in this state, with what follows."""
    return [(name, *grant_words.WISHES[name]) for name in grant_words.WISHED.get(state, ())]
