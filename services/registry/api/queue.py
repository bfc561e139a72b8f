"""The secretariat's desk: what waits, and a registration in full with what a program can see about it."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from chassis.clock import day_of
from chassis.database import Connection, Record
from chassis.paging import Page, after_of, cursor_of
from chassis.web import Answer, Ask, Query, Routes
from contracts.values import OrganisationKind
from services.registry.api.asked import Text
from services.registry.api.documents import SECRETARIAT
from services.registry.api.kept import GUIDELINES
from services.registry.api.showing import shown
from services.registry.api.views import RegistrationView
from services.registry.commands.review import Reviewer
from services.registry.commands.reviewing import Review, review_of
from services.registry.model.checks import Check
from services.registry.model.differences import Difference
from services.registry.model.organisation import State
from services.registry.model.standing import result_due
from services.registry.store import organisations

routes = Routes("/api/v1/registry", tag="registry")
MESSAGE = Annotated[str, StringConstraints(min_length=1, max_length=2000)]


class QueueItem(BaseModel):
    """A registration in the queue."""

    organisation_id: UUID
    organisation_kind: OrganisationKind
    reference: str | None
    code: str
    name: str
    state: State
    state_since: AwareDatetime
    #: How many times it was handed in.
    submissions: int
    submitted_at: AwareDatetime | None
    result_due_on: date | None
    correct_by: date | None


class QueuePage(Page[QueueItem]):
    """A page of the queue, the ones waiting longest first."""

    #: How many registrations stand in each state, whatever was filtered.
    counts: dict[str, int]


class QueueQuery(Query):
    """Which registrations; those waiting for the secretariat without ``state``."""

    state: State | None = None
    kind: OrganisationKind | None = None
    q: Text | None = None
    after: Annotated[str, StringConstraints(max_length=200)] | None = None
    limit: int = Field(default=20, ge=1, le=100)


class SubmissionView(BaseModel):
    """What was handed in, checked and in the register's form."""

    number: int
    submitted_at: AwareDatetime
    application: dict[str, Any]


class ReviewView(RegistrationView):
    """A registration as the secretariat sees it."""

    account_open: bool
    source: str
    submission: SubmissionView | None
    checks: list[Check]
    #: Since what was handed in before.
    differences: list[Difference]


@routes.get("/registrations", organisation=SECRETARIAT)
async def registrations(conn: Connection, query: QueueQuery) -> QueuePage:
    """The queue of registrations."""
    states = [query.state] if query.state else [State.SUBMITTED, State.UNDER_REVIEW]
    rows = await organisations.queue(
        conn,
        states=[str(s) for s in states],
        kind=query.kind,
        text=query.q,
        after=after_of(query.after, datetime, UUID),
        limit=query.limit + 1,
    )
    page = rows[: query.limit]
    last = page[-1] if len(rows) > query.limit else None
    return QueuePage(
        items=[_item(row) for row in page],
        next=cursor_of(last["state_since"].isoformat(), str(last["id"])) if last else None,
        counts=await organisations.queue_counts(conn),
    )


@routes.get("/registrations/{organisation_id}", organisation=SECRETARIAT, answers=ReviewView)
async def registration_for_review(ask: Ask, conn: Connection, organisation_id: UUID) -> Answer:
    """A registration in full: application, automatic checks, difference to the last one, history."""
    return await answer(ask, conn, organisation_id)


async def answer(ask: Ask, conn: Connection, organisation_id: UUID) -> Answer:
    """A registration as the secretariat sees it, with its version."""
    guidelines = ask.app[GUIDELINES]
    view = await shown(conn, organisation_id, guidelines=guidelines, today=ask.today)
    review = await review_of(conn, organisation_id, guidelines=guidelines)
    whole = ReviewView(
        **dict(view),
        account_open=review.organisation.account_open,
        source=review.organisation.source,
        submission=_submission(review),
        checks=review.checks,
        differences=review.differences,
    )
    return Answer(whole, etag=str(whole.version))


def reviewer_of(ask: Ask) -> Reviewer:
    """Who decides, when, and about which version."""
    return Reviewer(by=ask.principal, expected=ask.if_match, today=ask.today, now=ask.now)


def _submission(review: Review) -> SubmissionView | None:
    if review.submission is None:
        return None
    return SubmissionView(
        number=review.submission.number,
        submitted_at=review.submission.submitted_at,
        application=review.submission.application.model_dump(mode="json"),
    )


def _item(row: Record) -> QueueItem:
    waiting = row["state"] in ("submitted", "under_review") and row["submitted_at"]
    return QueueItem(
        organisation_id=row["id"],
        organisation_kind=row["kind"],
        reference=row["reference"],
        code=row["code"],
        name=row["name"],
        state=row["state"],
        state_since=row["state_since"],
        submissions=row["submissions"],
        submitted_at=row["submitted_at"],
        result_due_on=result_due(day_of(row["submitted_at"])) if waiting else None,
        correct_by=row["correct_by"],
    )
