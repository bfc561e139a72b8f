"""A provider looks at its orders: how many stand where, and everything that was said of one."""

from urllib.parse import urlencode

from aiohttp import web

from gateway.portal import grant_words
from gateway.portal.doors import PROVIDER_ONLY
from gateway.portal.routes import Pages
from gateway.portal.visit import Visit
from gateway.portal.words import moment

pages = Pages(PROVIDER_ONLY)
_LIST = "/provider/orders"


@pages.get(_LIST)
async def orders(visit: Visit) -> web.StreamResponse:
    """Orders in a state, what moved last first."""
    asked = {n: visit.query(n) for n in ("state", "after") if visit.query(n)}
    found = await visit.get("benefits/orders", asked)
    kept = {k: v for k, v in asked.items() if k != "after"}
    following = urlencode(kept | {"after": found["next"]}) if found["next"] else ""
    return visit.page(
        "grants/orders.html",
        "付与の依頼",
        crumbs=(("/provider", "仕事の一覧"),),
        found=found,
        asked=asked,
        grant_words=grant_words,
        next_address=f"?{following}" if following else "",
    )


@pages.get(_LIST + "/{order_id:[0-9a-f-]{36}}")
async def order(visit: Visit) -> web.StreamResponse:
    """One order with every call and every answer."""
    found = await visit.get(f"benefits/orders/{visit.part('order_id')}")
    return visit.page(
        "grants/order.html",
        f"付与の依頼 {found['amount']:,}円分（{moment(found['created_at'])} {found['resident_ref']}）",
        crumbs=(("/provider", "仕事の一覧"), (_LIST, "付与の依頼")),
        found=found,
        grant_words=grant_words,
    )
