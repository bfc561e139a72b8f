"""The receipt of an assisted desk: what was done in this very session, by the person who is still there."""

from uuid import UUID

from pydantic import AwareDatetime, BaseModel

from chassis.database import Connection
from chassis.refusal import NotFound
from chassis.web import Ask, Routes
from services.benefits.api.asked import RESIDENTS, resident_of
from services.benefits.store import desk_acts

routes = Routes("/api/v1/benefits", tag="benefits")


class AppliedView(BaseModel):
    """An application that was handed in."""

    reference: str
    title: str
    municipality_name: str
    amount_yen: int
    at: AwareDatetime


class AllocatedView(BaseModel):
    """Points that were sent to an account, of which the last signs are shown."""

    order_id: UUID
    title: str
    municipality_name: str
    service_name: str
    account_end: str
    amount_yen: int
    at: AwareDatetime


class DeskActs(BaseModel):
    """Everything of one session."""

    applications: list[AppliedView]
    allocations: list[AllocatedView]


@routes.get("/own-desk-acts", kinds=RESIDENTS)
async def own_desk_acts(ask: Ask, conn: Connection) -> DeskActs:
    """What the resident did in the desk session that is still open."""
    desk_id = ask.principal.desk_id
    if desk_id is None:
        raise NotFound("no-desk", "支援窓口での手続きではありません。")
    resident_id = resident_of(ask)
    applied = await desk_acts.applications_at(conn, resident_id, desk_id)
    allocated = await desk_acts.allocations_at(conn, resident_id, desk_id)
    return DeskActs(
        applications=[AppliedView.model_validate(dict(row)) for row in applied],
        allocations=[AllocatedView.model_validate(dict(row)) for row in allocated],
    )
