"""A municipality's own measures: the list, the form page by page."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.database import Connection
from chassis.paging import Page, after_of, cursor_of
from chassis.web import Answer, Ask, Body, Query, Routes
from contracts.values import OrganisationKind
from services.registry.api.measures.showing import acting, answer
from services.registry.api.measures.views import MeasureItem, MeasureView, measure_item
from services.registry.api.registration import WRITERS
from services.registry.commands import measure_drafts
from services.registry.model.measure.form import (
    AmountSection,
    BasicsSection,
    DatesSection,
    DocumentsSection,
    ReviewSection,
    ServiceFields,
    TextsSection,
    WhoSection,
)
from services.registry.model.measure.state import State
from services.registry.store import measures

routes = Routes("/api/v1/registry", tag="registry")
MUNICIPALITY = {OrganisationKind.MUNICIPALITY}


class MeasureDraftBody(Body):
    """Sections of the form that were typed in; each one given replaces the one kept, the others stay."""

    basics: BasicsSection | None = None
    who: WhoSection | None = None
    amount: AmountSection | None = None
    dates: DatesSection | None = None
    services: Annotated[list[ServiceFields], Field(max_length=50)] | None = None
    review: ReviewSection | None = None
    texts: TextsSection | None = None
    documents: DocumentsSection | None = None

    def sections(self) -> dict[str, Any]:
        """The sections by name; what was not given is None."""
        return {name: getattr(self, name) for name in type(self).model_fields}


class OwnMeasuresQuery(Query):
    """Which of the own measures; every one without ``state``."""

    state: State | None = None
    after: Annotated[str, StringConstraints(max_length=200)] | None = None
    limit: int = Field(default=20, ge=1, le=100)


class OwnMeasuresPage(Page[MeasureItem]):
    """A page of the own measures, the newest first."""

    #: How many stand in each state, whatever was filtered.
    counts: dict[str, int]


@routes.get("/own-measures", organisation=MUNICIPALITY)
async def own_measures(ask: Ask, conn: Connection, query: OwnMeasuresQuery) -> OwnMeasuresPage:
    """The own measures."""
    rows = await measures.own_measures(
        conn,
        ask.organisation_id,
        states=[query.state] if query.state else list(State),
        after=after_of(query.after, datetime, UUID),
        limit=query.limit + 1,
    )
    page = rows[: query.limit]
    last = page[-1] if len(rows) > query.limit else None
    return OwnMeasuresPage(
        items=[measure_item(found) for found in page],
        next=cursor_of(last.created_at.isoformat(), str(last.id)) if last else None,
        counts=await measures.own_counts(conn, ask.organisation_id),
    )


@routes.post(
    "/own-measures", organisation=MUNICIPALITY, roles=WRITERS, status=201, answers=MeasureView
)
async def begin_measure(ask: Ask, conn: Connection, body: MeasureDraftBody) -> Answer:
    """Begin with a measure, empty or with sections of its form."""
    begun = await measure_drafts.begin(conn, ask.organisation_id, body.sections(), acting(ask))
    return await answer(ask, conn, begun.id)


@routes.get("/own-measures/{measure_id}", organisation=MUNICIPALITY, answers=MeasureView)
async def own_measure(ask: Ask, conn: Connection, measure_id: UUID) -> Answer:
    """An own measure: form, what must be mended, what is in force, history."""
    return await answer(ask, conn, measure_id)


@routes.put(
    "/own-measures/{measure_id}/draft",
    organisation=MUNICIPALITY,
    roles=WRITERS,
    if_match=True,
    answers=MeasureView,
)
async def save_measure_draft(
    ask: Ask, conn: Connection, measure_id: UUID, body: MeasureDraftBody
) -> Answer:
    """Keep sections of the form as typed; nothing is judged yet."""
    await measure_drafts.save_draft(
        conn, ask.organisation_id, measure_id, body.sections(), acting(ask)
    )
    return await answer(ask, conn, measure_id)
