"""The secretariat's check of approved measures: contracts and texts."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.database import Connection
from chassis.paging import Page, after_of, cursor_of
from chassis.web import Answer, Ask, Body, Query, Routes
from services.registry.api.documents import SECRETARIAT
from services.registry.api.measures.acts import ReturnMeasureBody
from services.registry.api.measures.showing import acting, shown
from services.registry.api.measures.views import MeasureItem, MeasureView, item_fields
from services.registry.api.roles import REVIEWERS
from services.registry.commands import measure_review
from services.registry.store import measures, organisations

routes = Routes("/api/v1/registry", tag="registry")


class MeasureCheckItem(MeasureItem):
    """A measure that waits for the secretariat."""

    municipality_code: str
    municipality_name: str


class MeasureChecksPage(Page[MeasureCheckItem]):
    """A page of the queue, the ones waiting longest first."""


class MeasureChecksQuery(Query):
    """A page of the queue."""

    after: Annotated[str, StringConstraints(max_length=200)] | None = None
    limit: int = Field(default=20, ge=1, le=100)


class MeasureCheckView(MeasureView):
    """A measure as the secretariat sees it."""

    municipality_code: str
    municipality_name: str


class ConfirmBody(Body):
    """A word that goes into the change record; everybody reads it."""

    note: Annotated[str, StringConstraints(max_length=500)] = ""


@routes.get("/measure-checks", organisation=SECRETARIAT)
async def measure_checks(conn: Connection, query: MeasureChecksQuery) -> MeasureChecksPage:
    """Measures and later versions of measures that were approved and wait for the secretariat."""
    rows = await measures.waiting_measures(
        conn, after=after_of(query.after, datetime, UUID), limit=query.limit + 1
    )
    page = rows[: query.limit]
    last = page[-1][0] if len(rows) > query.limit else None
    return MeasureChecksPage(
        items=[
            MeasureCheckItem.model_validate(
                {**item_fields(m), "municipality_code": code, "municipality_name": name}
            )
            for m, code, name in page
        ],
        next=cursor_of(last.handed_in_at.isoformat(), str(last.id))
        if last and last.handed_in_at
        else None,
    )


@routes.get("/measure-checks/{measure_id}", organisation=SECRETARIAT, answers=MeasureCheckView)
async def measure_for_check(ask: Ask, conn: Connection, measure_id: UUID) -> Answer:
    """A measure in full: what was handed in, what it changes, automatic checks, history."""
    return await _answer(ask, conn, measure_id)


@routes.post(
    "/measure-checks/{measure_id}/confirm",
    organisation=SECRETARIAT,
    roles=REVIEWERS,
    if_match=True,
    answers=MeasureCheckView,
)
async def confirm_measure(
    ask: Ask, conn: Connection, measure_id: UUID, body: ConfirmBody
) -> Answer:
    """Contracts and texts are in order: it is public, or its later version is."""
    await measure_review.confirm(conn, measure_id, acting(ask), note=body.note)
    return await _answer(ask, conn, measure_id)


@routes.post(
    "/measure-checks/{measure_id}/return",
    organisation=SECRETARIAT,
    roles=REVIEWERS,
    if_match=True,
    answers=MeasureCheckView,
)
async def object_to_measure(
    ask: Ask, conn: Connection, measure_id: UUID, body: ReturnMeasureBody
) -> Answer:
    """Give it back to be mended."""
    await measure_review.object_to(conn, measure_id, acting(ask), message=body.message)
    return await _answer(ask, conn, measure_id)


async def _answer(ask: Ask, conn: Connection, measure_id: UUID) -> Answer:
    found = await measures.measure(conn, measure_id)
    whose = await organisations.organisation(conn, found.municipality_id)
    view = await shown(conn, found, looker=str(ask.principal), now=ask.now)
    whole = MeasureCheckView(
        **dict(view),
        municipality_code=whose.code or whose.claimed_code,
        municipality_name=whose.name or whose.claimed_name,
    )
    return Answer(whole, etag=str(whole.version))
