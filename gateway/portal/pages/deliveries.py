"""Mails: which are where, which need a person."""

from urllib.parse import urlencode

from aiohttp import web

from gateway.portal.doors import EDITORS, SECRETARIAT_ONLY
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Visit
from gateway.portal.words import DELIVERY, moment

pages = Pages(SECRETARIAT_ONLY)
_ADDRESS = "/secretariat/deliveries"
_ONE = _ADDRESS + "/{delivery_id:[0-9a-f-]{36}}"
_STATES = ("waiting", "sending", "sent", "failed", "unknown")


@pages.get(_ADDRESS)
async def deliveries(visit: Visit) -> web.StreamResponse:
    """Mails, newest first; how far each kind reached."""
    asked = {n: visit.query(n) for n in ("state", "after") if visit.query(n)}
    found = await visit.get("notifications/deliveries", asked)
    reach = await visit.ask("GET", "notifications/reach")
    kept = {k: v for k, v in asked.items() if k != "after"}
    following = urlencode(kept | {"after": found["next"]}) if found["next"] else ""
    return visit.page(
        "secretariat/deliveries.html",
        "届いた・届かないメール",
        crumbs=(("/secretariat", "仕事の一覧"),),
        found=found,
        asked=asked,
        states=[(s, DELIVERY[s][1]) for s in _STATES],
        reach=reach.json()["items"] if reach.ok else [],
        next_address=f"?{following}" if following else "",
    )


@pages.get(_ONE)
async def delivery(visit: Visit) -> web.StreamResponse:
    """One mail with every try to send it."""
    found = await visit.get(f"notifications/deliveries/{visit.part('delivery_id')}")
    return visit.page(
        "secretariat/delivery.html",
        f"{found['subject']}（{found['name']} {moment(found['queued_at'])}）",
        crumbs=(("/secretariat", "仕事の一覧"), (_ADDRESS, "届いた・届かないメール")),
        mail=found,
    )


@pages.post(_ONE + "/{act:resend|arrived}", roles=EDITORS)
async def act(visit: Visit) -> web.StreamResponse:
    """Send once more, or note that it arrived."""
    form, one = await visit.form(), visit.part("delivery_id")
    path = f"notifications/deliveries/{one}/{visit.part('act')}"
    reply = await visit.ask("POST", path, body={}, key=form.key)
    if not reply.ok:
        raise Answered(reply)
    return visit.go(f"{_ADDRESS}/{one}?done=changed")
