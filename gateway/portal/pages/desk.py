"""The first page behind an organisation's door: what waits for me."""

import asyncio
from typing import Any

from aiohttp import web

from gateway.portal.doors import ORGANISATION_DOOR, ORGANISATIONS
from gateway.portal.pages.registration import registration_of
from gateway.portal.routes import Pages
from gateway.portal.shelf import for_audience
from gateway.portal.visit import Visit

pages = Pages(ORGANISATIONS)


@pages.get(ORGANISATION_DOOR)
async def desk(visit: Visit) -> web.StreamResponse:
    """The next step, the newest letters, the shelf."""
    registration, letters = await asyncio.gather(registration_of(visit), _letters(visit))
    return visit.page(
        "organisation/desk.html",
        "仕事の一覧",
        registration=registration,
        letters=letters,
        documents=for_audience(visit.me.organisation_kind),
        base=f"{visit.door.home}/registration",
    )


async def _letters(visit: Visit) -> dict[str, Any]:
    """The newest letters; none when notifications does not answer, so that the page still stands."""
    reply = await visit.ask("GET", "notifications/letters", query={"limit": "5"})
    found: dict[str, Any] = reply.json() if reply.ok else {"items": [], "unread": 0}
    return found
