"""Reviewers of a municipality: the queue, one application, and asking for more."""

import json
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from chassis.database import Connection
from chassis.web import Answer, Ask, Body, Routes
from services.benefits.api.asked import unchanged
from services.benefits.api.evidence import EvidenceView, as_file
from services.benefits.api.lists import ListQuery, cursor_at, instant_after
from services.benefits.api.review_views import ApplicantView, FindingView, ReviewView, StepView
from services.benefits.api.roles import MUNICIPALITY, REVIEWERS
from services.benefits.commands import asking_again
from services.benefits.commands.deciding import By
from services.benefits.commands.judging import judged
from services.benefits.model.application import DECIDED_WITHIN, Application, State
from services.benefits.model.eligibility import Reason
from services.benefits.model.entitlement import end_of
from services.benefits.model.measure import Measure
from services.benefits.store import applicants, applications, evidence, measures, reads, reviews
from services.benefits.store.reviews import Waiting

routes = Routes("/api/v1/benefits", tag="benefits")

SHOWN: dict[str, tuple[str, ...]] = {
    "waiting": (State.IN_REVIEW,),
    "returned": (State.RETURNED,),
    "attending": (State.AWAITING_PARTICIPATION,),
    "line": (State.WAITING,),
    "approved": (State.APPROVED, State.COMPLETED),
    "rejected": (State.REJECTED,),
    "all": tuple(State),
}


class QueueQuery(ListQuery):
    """Which applications."""

    measure_id: UUID | None = None
    show: Literal["waiting", "returned", "attending", "line", "approved", "rejected", "all"] = (
        "waiting"
    )


class QueueItem(BaseModel):
    """An application that waits, without who it is."""

    id: UUID
    reference: str
    measure_id: UUID
    title: str
    resident_ref: str
    state: str
    amount_yen: int
    submitted_at: datetime
    decide_by: datetime
    evidence: int
    #: Stands in a proposal that waits for the second person.
    proposed: bool
    #: What has to be looked at.
    open: list[FindingView]


class QueueView(BaseModel):
    """The oldest promise first."""

    items: list[QueueItem]
    next: str | None = None


class AsOfQuery(ListQuery):
    """As of which day the rules are applied again; now without one."""

    as_of: date | None = None


class ReturnBody(Body):
    """What is asked for, until which day."""

    reason: Reason = Field(strict=False)
    message: Annotated[str, StringConstraints(min_length=1, max_length=1000)]
    answer_by: date = Field(strict=False)


@routes.get("/review/queue", organisation=MUNICIPALITY, roles=REVIEWERS)
async def review_queue(ask: Ask, conn: Connection, query: QueueQuery) -> QueueView:
    """Applications of the municipality, the oldest first."""
    found = await reviews.queue(
        conn,
        ask.organisation_id,
        measure_id=query.measure_id,
        states=SHOWN[query.show],
        after=instant_after(query.after),
        limit=query.limit + 1,
    )
    page = found[: query.limit]
    return QueueView(
        items=[_item(one) for one in page],
        next=cursor_at(page[-1].submitted_at, page[-1].id) if len(found) > query.limit else None,
    )


@routes.get(
    "/applications/{application_id}",
    organisation=MUNICIPALITY,
    roles=REVIEWERS,
    answers=ReviewView,
)
async def application_for_review(
    ask: Ask, conn: Connection, application_id: UUID, query: AsOfQuery
) -> Answer:
    """One application, with what the rules say of it; the applicant sees that somebody looked."""
    found, measure = await _of(conn, ask, application_id)
    await _seen(conn, ask, found, "application")
    return await _shown(conn, ask, found, measure, query.as_of)


@routes.get(
    "/applications/{application_id}/evidence/{evidence_id}",
    organisation=MUNICIPALITY,
    roles=REVIEWERS,
    content_type="application/octet-stream",
)
async def evidence_for_review(
    ask: Ask, conn: Connection, application_id: UUID, evidence_id: UUID
) -> Answer:
    """A file of an application, once it was checked; the applicant sees that somebody looked."""
    found, _ = await _of(conn, ask, application_id)
    file, content = await evidence.with_content(conn, found.id, evidence_id)
    answer = as_file(file, content)
    await _seen(conn, ask, found, "evidence")
    return answer


@routes.post(
    "/applications/{application_id}/return",
    organisation=MUNICIPALITY,
    roles=REVIEWERS,
    if_match=True,
    answers=ReviewView,
)
async def return_application(
    ask: Ask, conn: Connection, application_id: UUID, body: ReturnBody
) -> Answer:
    """Ask the applicant for more (書類を求める)."""
    found, measure = await _of(conn, ask, application_id, locked=True)
    unchanged(ask, found.revision)
    done = await asking_again.give_back(
        conn,
        found,
        measure,
        By(str(ask.principal), ask.now),
        reason=body.reason,
        message=body.message,
        answer_by=end_of(body.answer_by),
    )
    return await _shown(conn, ask, done, measure, None)


async def _of(
    conn: Connection, ask: Ask, application_id: UUID, *, locked: bool = False
) -> tuple[Application, Measure]:
    found = await applications.application(conn, application_id, locked=locked)
    measure = await measures.measure(conn, found.measure_id)
    if measure.municipality_id != ask.organisation_id:
        raise applications.unknown()
    return found, measure


async def _seen(conn: Connection, ask: Ask, found: Application, what: str) -> None:
    await reads.add_read(
        conn,
        application_id=found.id,
        organisation_id=ask.organisation_id,
        actor=str(ask.principal),
        what=what,
        why="審査のため",
        at=ask.now,
    )


async def _shown(
    conn: Connection, ask: Ask, found: Application, measure: Measure, as_of: date | None
) -> Answer:
    at = ask.now if as_of is None else end_of(as_of)
    verdict = await judged(conn, found, at)
    view = ReviewView(
        id=found.id,
        reference=found.reference,
        measure_id=found.measure_id,
        title=measure.title,
        resident_ref=found.resident_ref,
        state=found.state,
        state_since=found.state_since,
        submitted_at=found.submitted_at,
        decide_by=found.submitted_at + DECIDED_WITHIN,
        answer_by=found.answer_by,
        amount_yen=found.amount,
        measure_version=found.version,
        target_number=found.target_number,
        children=found.children,
        applicant=ApplicantView.of(await applicants.applicant(conn, found.id)),
        findings=[FindingView.of(finding) for finding in verdict.findings],
        verdict=verdict.says,
        evidence=[EvidenceView.of(e) for e in await evidence.evidence_of(conn, found.id)],
        events=[StepView.of(event) for event in await applications.events(conn, found.id)],
        version=found.revision,
    )
    return Answer(view, etag=str(found.revision))


def _item(one: Waiting) -> QueueItem:
    findings = [FindingView(**finding) for finding in json.loads(one.findings)]
    return QueueItem(
        id=one.id,
        reference=one.reference,
        measure_id=one.measure_id,
        title=one.title,
        resident_ref=one.resident_ref,
        state=one.state,
        amount_yen=one.amount,
        submitted_at=one.submitted_at,
        decide_by=one.submitted_at + DECIDED_WITHIN,
        evidence=one.evidence,
        proposed=one.proposed,
        open=[finding for finding in findings if finding.says == "open"],
    )
