"""What benefits says of applications (申込み)."""

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from contracts.event import Fact


class ApplicationFact(Fact):
    """A fact about one application; ``reference`` is what people call it by."""

    application_id: UUID
    measure_id: UUID
    municipality_id: UUID
    resident_id: UUID
    reference: str


class ApplicationSubmitted(ApplicationFact):
    """Somebody applied; ``waiting`` when no place is left and the measure keeps a line."""

    type: ClassVar[str] = "benefits.application.submitted.v1"
    #: ``in_review``, ``awaiting_participation``, ``waiting``, or ``decided`` at once.
    state: str
    amount_yen: int


class ApplicationMovedUp(ApplicationFact):
    """A place became free for the one who waited longest."""

    type: ClassVar[str] = "benefits.application.moved_up.v1"
    state: str


class ApplicationAttended(ApplicationFact):
    """The person took part at an occasion."""

    type: ClassVar[str] = "benefits.application.attended.v1"
    occasion_id: UUID


class ApplicationReturned(ApplicationFact):
    """The municipality asks for more, until an instant."""

    type: ClassVar[str] = "benefits.application.returned.v1"
    reason: str
    answer_by: AwareDatetime


class ApplicationResubmitted(ApplicationFact):
    """The applicant answered."""

    type: ClassVar[str] = "benefits.application.resubmitted.v1"


class ApplicationApproved(ApplicationFact):
    """The conditions are met; an entitlement is issued."""

    type: ClassVar[str] = "benefits.application.approved.v1"
    amount_yen: int


class ApplicationRejected(ApplicationFact):
    """The conditions are not met, by ``reason``; the yen are free again."""

    type: ClassVar[str] = "benefits.application.rejected.v1"
    reason: str


class ApplicationWithdrawn(ApplicationFact):
    """The applicant took it back before it was decided."""

    type: ClassVar[str] = "benefits.application.withdrawn.v1"


class ApplicationCompleted(ApplicationFact):
    """The points were granted."""

    type: ClassVar[str] = "benefits.application.completed.v1"


class ApplicationExpired(ApplicationFact):
    """The points were not allocated in time."""

    type: ClassVar[str] = "benefits.application.expired.v1"


class ApplicationRevoked(ApplicationFact):
    """The municipality took the approval back (付与取消), by ``reason``."""

    type: ClassVar[str] = "benefits.application.revoked.v1"
    reason: str
