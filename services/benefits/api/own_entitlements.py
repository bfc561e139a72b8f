"""Residents see what they may receive."""

from uuid import UUID

from pydantic import BaseModel

from chassis.database import Connection
from chassis.refusal import NotFound
from chassis.web import Answer, Ask, Routes
from services.benefits.api.asked import RESIDENTS, resident_of
from services.benefits.api.lists import ListQuery, cursor_at, instant_after
from services.benefits.api.views import EntitlementView
from services.benefits.store import entitlements, measures

routes = Routes("/api/v1/benefits", tag="benefits")


class OwnEntitlements(BaseModel):
    """What the resident may receive, or has received, the latest first."""

    items: list[EntitlementView]
    next: str | None = None


@routes.get("/own-entitlements", kinds=RESIDENTS)
async def own_entitlements(ask: Ask, conn: Connection, query: ListQuery) -> OwnEntitlements:
    """What the resident may receive, or has received, the latest first."""
    found = await entitlements.own_entitlements(
        conn, resident_of(ask), after=instant_after(query.after), limit=query.limit + 1
    )
    page = found[: query.limit]
    known = await measures.measures_by_id(conn, {one.measure_id for one in page})
    return OwnEntitlements(
        items=[EntitlementView.of(one, known[one.measure_id]) for one in page],
        next=cursor_at(page[-1].issued_at, page[-1].id) if len(found) > query.limit else None,
    )


@routes.get("/own-entitlements/{entitlement_id}", kinds=RESIDENTS, answers=EntitlementView)
async def own_entitlement(ask: Ask, conn: Connection, entitlement_id: UUID) -> Answer:
    """One entitlement."""
    found = await entitlements.entitlement(conn, entitlement_id)
    if found.resident_id != resident_of(ask):
        raise NotFound("no-such-entitlement", "このポイントは見つかりません。")
    measure = await measures.measure(conn, found.measure_id)
    return Answer(EntitlementView.of(found, measure), etag=str(found.revision))
