"""The first page behind an organisation's door: what waits for me."""

import asyncio
from typing import Any

from aiohttp import web

from gateway.portal.doors import ORGANISATION_DOOR, ORGANISATIONS
from gateway.portal.measures.waiting import work_of
from gateway.portal.pages.own_measures.asking import newest_measures
from gateway.portal.pages.registration import registration_of
from gateway.portal.routes import Pages
from gateway.portal.shelf import shelf
from gateway.portal.visit import Visit

pages = Pages(ORGANISATIONS)


@pages.get(ORGANISATION_DOOR)
async def desk(visit: Visit) -> web.StreamResponse:
    """The next step, the newest letters, the shelf."""
    registration, letters, measures = await asyncio.gather(
        registration_of(visit), _letters(visit), _measures(visit)
    )
    listed = measures["items"] if measures else []
    return visit.page(
        "organisation/desk.html",
        "仕事の一覧",
        registration=registration,
        letters=letters,
        measures=measures,
        work=work_of(listed, visit.me.roles),
        documents=(await shelf(visit)).of(visit.me.organisation_kind),
        base=f"{visit.door.home}/registration",
    )


async def _measures(visit: Visit) -> dict[str, Any] | None:
    """The newest measures of a registered municipality; none for others, or while the registry does not say."""
    return await newest_measures(visit) if visit.door.name == "municipality" else None


async def _letters(visit: Visit) -> dict[str, Any]:
    """The newest letters; none when notifications does not answer, so that the page still stands."""
    reply = await visit.ask("GET", "notifications/letters", query={"limit": "5"})
    found: dict[str, Any] = reply.json() if reply.ok else {"items": [], "unread": 0}
    return found
