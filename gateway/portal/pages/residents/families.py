"""Where a municipality confirms who is a child's legal representative."""

from aiohttp import web

from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Visit

pages = Pages(organisations=frozenset({"municipality"}))
_DECIDERS = frozenset({"admin", "reviewer", "approver"})
_ID = "{representation_id:[0-9a-f]{8}-[0-9a-f-]{27}}"


@pages.get("/municipality/families", roles=_DECIDERS)
async def families(visit: Visit) -> web.StreamResponse:
    """What parents ask to have confirmed, the oldest first."""
    found = await visit.get("identity/representations")
    return visit.page(
        "helped/families.html",
        "お子さまの届け出",
        crumbs=(("/municipality", "仕事の一覧"),),
        items=found["items"],
    )


@pages.post(f"/municipality/families/{_ID}", roles=_DECIDERS)
async def decided(visit: Visit) -> web.StreamResponse:
    """Confirm it, or say that it could not be confirmed."""
    form = await visit.form()
    path = f"identity/representations/{visit.part('representation_id')}/decision"
    body = {"confirmed": form["confirmed"] == "yes"}
    reply = await visit.ask("POST", path, body=body, key=form.key)
    if not reply.ok:
        raise Answered(reply)
    return visit.go("/municipality/families?done=representation_decided")
