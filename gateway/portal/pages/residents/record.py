"""The record of a grant, yen by yen, for the person who receives it."""

import orjson
from aiohttp import web

from gateway.portal.pages.residents.my import home_of
from gateway.portal.residents import record
from gateway.portal.routes import Pages
from gateway.portal.visit import Visit

pages = Pages(residents=True)
_ID = "{order_id:[0-9a-f]{8}-[0-9a-f-]{27}}"


@pages.get(f"/my/grants/{_ID}", f"/desk/grants/{_ID}")
async def grant(visit: Visit) -> web.StreamResponse:
    """From the budget to the payment service: the money, the events, the rule, and who looked."""
    chain = await visit.get(f"benefits/own-grants/{visit.part('order_id')}")
    measure = await visit.get(f"registry/measures/{chain['rule']['measure_id']}")
    entry = measure["entry"]
    services = {one["code"]: one["name"] for one in entry["services"]}
    last = chain["allocations"][-1] if chain["allocations"] else None
    service = services.get(last["payment_service_code"], "") if last else ""
    base = home_of(visit)
    return visit.page(
        "my/grant.html",
        f"{chain['rule']['title']} {chain['amount']:,}円分が届くまでの記録",
        crumbs=(("/my" if base == "/my" else "/desk/now", "申し込んだ施策"),),
        base=base,
        chain=chain,
        entry=entry,
        service=service,
        account_end=last["account_end"] if last else "",
        standing=record.standing_of(chain),
        events=record.events_of(chain, services),
        money=record.money_of(chain, service, entry["municipality_name"]),
        balance=record.balanced(chain),
    )


@pages.get(f"/my/grants/{_ID}.json")
async def grant_json(visit: Visit) -> web.StreamResponse:
    """The same record as it lies in benefits."""
    chain = await visit.get(f"benefits/own-grants/{visit.part('order_id')}")
    answer = web.Response(body=orjson.dumps(chain), content_type="application/json")
    answer.headers["Content-Disposition"] = 'attachment; filename="grant.json"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
