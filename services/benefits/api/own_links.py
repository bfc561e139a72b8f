"""A link that is not right is stopped by whoever sees it: the resident it is tied to, or staff after a desk session."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, StringConstraints

from chassis.database import Connection, Record
from chassis.web import Ask, Body, Routes
from services.benefits.api.asked import RESIDENTS, resident_of
from services.benefits.api.roles import MUNICIPALITY, STAFF
from services.benefits.commands import stopping_links
from services.benefits.model.link import StopReason
from services.benefits.store import link_stops, own_links

routes = Routes("/api/v1/benefits", tag="benefits")

_Words = Annotated[str, StringConstraints(max_length=500)]


class OwnLinkView(BaseModel):
    """An account that is tied to the resident, by its last signs."""

    id: UUID
    code: str
    name: str
    account_end: str
    granted_yen: int
    #: Since when nothing goes there, and the case in which that is looked into.
    stopped_at: AwareDatetime | None
    case_id: UUID | None


class OwnLinks(BaseModel):
    """Every account that is tied to the resident."""

    items: list[OwnLinkView]


class ReportBody(Body):
    """What is not right, in words for those who look into it."""

    words: _Words = ""


class MislinkBody(ReportBody):
    """The application whose points go to a wrong account, by what people call it by."""

    reference: Annotated[str, StringConstraints(pattern=r"^K-[0-9A-Z]{4}-[0-9A-Z]{4}$")]


class StoppedView(BaseModel):
    """Nothing goes there from now on; orders that had not been sent wait."""

    case_id: UUID
    stopped_at: AwareDatetime
    held: int


@routes.get("/own-links", kinds=RESIDENTS)
async def own_link_list(ask: Ask, conn: Connection) -> OwnLinks:
    """The accounts tied to the resident."""
    found = await own_links.links_of(conn, resident_of(ask))
    return OwnLinks(items=[_view(row) for row in found])


@routes.post("/own-links/{link_id}/report", kinds=RESIDENTS)
async def report_link(ask: Ask, conn: Connection, link_id: UUID, body: ReportBody) -> StoppedView:
    """Say that an account is not one's own: it is stopped at once, and looked into."""
    await own_links.own_link(conn, link_id, resident_of(ask))
    return await _stop(ask, conn, link_id, body.words)


@routes.post("/mislinks", organisation=MUNICIPALITY, roles=STAFF)
async def report_mislink(ask: Ask, conn: Connection, body: MislinkBody) -> StoppedView:
    """Staff saw that points go to a wrong account: it is stopped at once, and looked into."""
    link_id = await own_links.link_of_reference(conn, ask.organisation_id, body.reference)
    return await _stop(ask, conn, link_id, body.words)


async def _stop(ask: Ask, conn: Connection, link_id: UUID, words: str) -> StoppedView:
    made = await stopping_links.stop_link(
        conn,
        link_id,
        reason=StopReason.MISLINK,
        actor=str(ask.principal),
        at=ask.now,
        words=words,
    )
    there = (await link_stops.accounts(conn, [link_id]))[link_id]
    return StoppedView(case_id=made.case_id, stopped_at=made.stopped_at, held=there["held"])


def _view(row: Record) -> OwnLinkView:
    return OwnLinkView.model_validate(dict(row))
