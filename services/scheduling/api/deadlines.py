"""The one map of deadlines, and what maintenance stands in the way of which."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from chassis.database import Connection
from chassis.paging import Page, after_of, cursor_of
from chassis.web import Ask, Query, Routes
from services.scheduling.commands.deadlines import MARGIN, covered
from services.scheduling.model.deadline import Deadline, hinders
from services.scheduling.model.maintenance import Window
from services.scheduling.store import deadlines, maintenance

routes = Routes("/api/v1/scheduling", tag="scheduling")
_AHEAD = timedelta(days=400)


class DeadlineView(BaseModel):
    """A deadline; ``maintenance`` names the windows that stand in its way."""

    id: UUID
    about: str
    #: ``apply``, ``allocate`` or ``service`` (a payment service's own earlier cut-off).
    what: str
    title: str
    organisation_id: UUID
    payment_service_id: UUID | None
    falls_at: AwareDatetime
    state: str
    maintenance: list[UUID]


class DeadlinePage(Page[DeadlineView]):
    """A page of the map, the first deadline first."""


class DeadlinesQuery(Query):
    """Which part of the map; those to come without ``since``."""

    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    #: Those a window stands in the way of.
    maintenance_id: UUID | None = None
    after: Annotated[str, StringConstraints(max_length=200)] | None = None
    limit: int = Field(default=50, ge=1, le=200)


@routes.get("/deadlines", public=True)
async def list_deadlines(ask: Ask, conn: Connection, query: DeadlinesQuery) -> DeadlinePage:
    """Deadlines, and the maintenance that stands in their way."""
    if query.maintenance_id is not None:
        window = await maintenance.window(conn, query.maintenance_id)
        found = await covered(conn, window.plan)
        return DeadlinePage(items=[_view(d, [window]) for d in found])
    since = query.since or ask.now
    start, last = after_of(query.after, datetime, UUID) or (since, None)
    until = min(query.until or since + _AHEAD, since + _AHEAD)
    found = await deadlines.between(conn, start, until, after=last, limit=query.limit + 1)
    page = found[: query.limit]
    windows = await maintenance.overlapping(conn, start - MARGIN, until) if page else []
    more = len(found) > query.limit
    return DeadlinePage(
        items=[_view(d, windows) for d in page],
        next=cursor_of(page[-1].falls_at.isoformat(), str(page[-1].id)) if more else None,
    )


def _view(deadline: Deadline, windows: list[Window]) -> DeadlineView:
    names = ("id", "about", "what", "title", "organisation_id", "payment_service_id", "falls_at")
    in_the_way = [w.id for w in windows if _stands_in_the_way(w, deadline)]
    return DeadlineView(
        **{n: getattr(deadline, n) for n in names},
        state=deadline.state,
        maintenance=in_the_way,
    )


def _stands_in_the_way(window: Window, deadline: Deadline) -> bool:
    plan = window.plan
    near = plan.starts_at <= deadline.falls_at <= plan.ends_at + MARGIN
    return near and hinders(plan.system, plan.functions, deadline.what)
