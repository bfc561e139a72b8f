"""Residents apply, look how it goes, and take back."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from chassis.database import Connection
from chassis.web import Answer, Ask, Body, Routes
from services.benefits.api.asked import RESIDENTS, own, proof_of, resident_of, tags_of, unchanged
from services.benefits.api.lists import ListQuery, cursor_at, instant_after
from services.benefits.api.views import ApplicationView, EventView
from services.benefits.commands import applying, asking_again, deciding
from services.benefits.model.application import Application
from services.benefits.model.entitlement import Entitlement
from services.benefits.model.measure import Measure
from services.benefits.store import applications, entitlements, measures
from services.benefits.store.applications import Event

routes = Routes("/api/v1/benefits", tag="benefits")

_Statement = Annotated[int, Field(ge=0, le=99)]


class ApplyBody(Body):
    """An application: for whom stands in the proof, read from the card for this measure."""

    measure_id: UUID = Field(strict=False)
    proof: Annotated[str, StringConstraints(max_length=8192)]
    #: Which of the measure's sentences are true, from 0.
    statements: list[_Statement] = Field(default=[], max_length=100)
    target_number: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z-]{1,40}$")] | None = None
    children: Annotated[int, Field(ge=0, le=30)] | None = None
    #: A payment service kept before, which receives as soon as this is approved.
    saved_service_id: UUID | None = Field(default=None, strict=False)


class PaperView(BaseModel):
    """A paper the measure asks for."""

    code: str
    label: str
    needed: bool


class ApplicationDetail(BaseModel):
    """An application with every step of it, and the papers its measure asks for."""

    application: ApplicationView
    events: list[EventView]
    papers: list[PaperView]


class OwnQuery(ListQuery):
    """Which of the own applications."""

    measure_id: UUID | None = None


class OwnApplications(BaseModel):
    """The own applications, the latest first."""

    items: list[ApplicationView]
    next: str | None = None


@routes.post("/own-applications", kinds=RESIDENTS, status=201, answers=ApplicationDetail)
async def apply(ask: Ask, conn: Connection, body: ApplyBody) -> Answer:
    """Apply to a measure; what can be decided at once is."""
    made = await applying.submit(
        conn,
        body.measure_id,
        proof_of(ask, body.proof),
        applying.Form(
            statements=tuple(sorted(set(body.statements))),
            target_number=body.target_number,
            children=body.children,
            saved_service_id=body.saved_service_id,
        ),
        tag=tags_of(ask),
        actor=str(ask.principal),
        now=ask.now,
    )
    return _detail(made.application, made.measure, made.issued, made.events)


@routes.get("/own-applications", kinds=RESIDENTS)
async def own_applications(ask: Ask, conn: Connection, query: OwnQuery) -> OwnApplications:
    """What the resident applied for, the latest first."""
    found = await applications.own_applications(
        conn,
        resident_of(ask),
        measure_id=query.measure_id,
        after=instant_after(query.after),
        limit=query.limit + 1,
    )
    page = found[: query.limit]
    issued = await entitlements.of_applications(conn, [one.id for one in page])
    known = await measures.measures_by_id(conn, {one.measure_id for one in page})
    return OwnApplications(
        items=[ApplicationView.of(o, known[o.measure_id], issued.get(o.id)) for o in page],
        next=cursor_at(page[-1].submitted_at, page[-1].id) if len(found) > query.limit else None,
    )


@routes.get("/own-applications/{application_id}", kinds=RESIDENTS, answers=ApplicationDetail)
async def own_application(ask: Ask, conn: Connection, application_id: UUID) -> Answer:
    """One application, with every step of it."""
    return await shown(conn, await own(ask, conn, application_id))


@routes.post(
    "/own-applications/{application_id}/withdrawal",
    kinds=RESIDENTS,
    if_match=True,
    answers=ApplicationDetail,
)
async def withdraw(ask: Ask, conn: Connection, application_id: UUID) -> Answer:
    """Take an application back before it is decided."""
    found = await own(ask, conn, application_id, locked=True)
    unchanged(ask, found.revision)
    measure = await measures.measure(conn, found.measure_id)
    done = await deciding.withdraw(conn, found, measure, actor=str(ask.principal), now=ask.now)
    return await shown(conn, done)


@routes.post(
    "/own-applications/{application_id}/answer",
    kinds=RESIDENTS,
    if_match=True,
    answers=ApplicationDetail,
)
async def answer(ask: Ask, conn: Connection, application_id: UUID) -> Answer:
    """Say that what the municipality asked for has been handed in."""
    found = await own(ask, conn, application_id, locked=True)
    unchanged(ask, found.revision)
    measure = await measures.measure(conn, found.measure_id)
    done = await asking_again.answer(conn, found, measure, actor=str(ask.principal), now=ask.now)
    return await shown(conn, done)


async def shown(conn: Connection, found: Application) -> Answer:
    """An application as its applicant sees it, with the version to build on."""
    measure = await measures.measure(conn, found.measure_id)
    issued = await entitlements.of_application(conn, found.id)
    return _detail(found, measure, issued, await applications.events(conn, found.id))


def _detail(
    found: Application, measure: Measure, issued: Entitlement | None, events: Sequence[Event]
) -> Answer:
    view = ApplicationDetail(
        application=ApplicationView.of(found, measure, issued),
        events=[EventView.of(event) for event in events],
        papers=[
            PaperView(code=paper.code, label=paper.label, needed=paper.needed)
            for paper in measure.entry.eligibility.evidence
        ],
    )
    return Answer(view, etag=str(found.revision))
