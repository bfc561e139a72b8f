"""What residents are shown of their applications and entitlements."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel

from services.benefits.model.application import Application, Status, Word, status_of
from services.benefits.model.entitlement import Entitlement, end_of
from services.benefits.model.measure import Measure
from services.benefits.store.applications import Event


class NextView(BaseModel):
    """What to do next (``attend``, ``answer``, ``allocate``, or ``wait``), and by when."""

    act: str
    by: datetime | None = None


class StatusView(BaseModel):
    """Where an application is, in one word, and what follows."""

    word: Word
    next: NextView | None = None


class EntitlementView(BaseModel):
    """What may be received, or was."""

    id: UUID
    application_id: UUID
    measure_id: UUID
    title: str
    person_id: UUID
    amount_yen: int
    state: str
    state_since: datetime
    issued_at: datetime
    allocate_by: date
    saved_service_id: UUID | None
    version: int

    @classmethod
    def of(cls, found: Entitlement, measure: Measure) -> "EntitlementView":
        """As its resident sees it."""
        return cls(
            id=found.id,
            application_id=found.application_id,
            measure_id=found.measure_id,
            title=measure.title,
            person_id=found.person_id,
            amount_yen=found.amount,
            state=found.state,
            state_since=found.state_since,
            issued_at=found.issued_at,
            allocate_by=found.allocate_by,
            saved_service_id=found.saved_service_id,
            version=found.revision,
        )


class ApplicationView(BaseModel):
    """An application, as its applicant sees it."""

    id: UUID
    reference: str
    measure_id: UUID
    title: str
    municipality_name: str
    person_id: UUID
    state: str
    state_since: datetime
    status: StatusView
    reason: str | None
    message: str
    amount_yen: int
    submitted_at: datetime
    entitlement_id: UUID | None
    withdrawal_allowed: bool
    version: int

    @classmethod
    def of(
        cls, found: Application, measure: Measure, issued: Entitlement | None
    ) -> "ApplicationView":
        """As its applicant sees it."""
        return cls(
            id=found.id,
            reference=found.reference,
            measure_id=found.measure_id,
            title=measure.title,
            municipality_name=measure.entry.municipality_name,
            person_id=found.person_id,
            state=found.state,
            state_since=found.state_since,
            status=status_view(found, measure, issued),
            reason=found.reason,
            message=found.message,
            amount_yen=found.amount,
            submitted_at=found.submitted_at,
            entitlement_id=issued.id if issued else None,
            withdrawal_allowed=measure.entry.withdrawal_allowed,
            version=found.revision,
        )


class EventView(BaseModel):
    """A step of an application."""

    act: str
    at: datetime
    reason: str | None
    message: str

    @classmethod
    def of(cls, event: Event) -> "EventView":
        """As its applicant sees it; who of the municipality acted is not shown here."""
        return cls(act=event.act, at=event.at, reason=event.reason, message=event.message)


def status_view(found: Application, measure: Measure, issued: Entitlement | None) -> StatusView:
    """The word, and what to do next by when."""
    ends = [occasion.ends_at for occasion in measure.entry.occasions]
    status = status_of(
        found,
        entitlement_state=issued.state if issued else None,
        allocate_by=issued.allocate_by if issued else None,
        last_occasion=max(ends, default=None),
    )
    return StatusView(word=status.word, next=_next(status))


def _next(status: Status) -> NextView | None:
    if status.next is None:
        return None
    by = status.by
    if isinstance(by, date) and not isinstance(by, datetime):
        by = end_of(by)
    return NextView(act=status.next, by=by)
