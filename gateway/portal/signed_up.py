"""Who signed up for a session, by the names of their organisations."""

import asyncio
from typing import Any

from gateway.portal.visit import Visit

_PAGE = "50"


async def sign_ups_of(visit: Visit, session_id: str, after: str) -> dict[str, Any]:
    """A page of sign-ups in the order of arrival, each with the ``name`` of its organisation where it is registered."""
    asked = {"limit": _PAGE, **({"after": after} if after.isdecimal() else {})}
    found = await visit.get(f"scheduling/programme/sessions/{session_id}/sign-ups", asked)
    ids = sorted({one["organisation_id"] for one in found["items"]})
    names = dict(zip(ids, await asyncio.gather(*(_name(visit, one) for one in ids)), strict=True))
    items = [{**one, "name": names[one["organisation_id"]]} for one in found["items"]]
    return {**found, "items": items}


async def _name(visit: Visit, organisation_id: str) -> str:
    reply = await visit.ask("GET", f"registry/registrations/{organisation_id}")
    return str(reply.json()["claimed_name"]) if reply.ok else ""
