"""Deadlines on the one map: what ends when, whom it concerns, and what stands in its way."""

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from contracts.event import Fact


class DeadlineFact(Fact):
    """A fact about one deadline."""

    deadline_id: UUID
    #: What it belongs to: ``measure/01H…``.
    about: str
    #: ``apply``, ``allocate``, or ``service`` for a payment service's own earlier cut-off.
    what: str
    title: str
    #: Whose deadline it is.
    organisation_id: UUID
    #: With ``service``: which.
    payment_service_id: UUID | None = None
    #: The first instant at which it is too late.
    falls_at: AwareDatetime


class DeadlineSet(DeadlineFact):
    """There is a deadline."""

    type: ClassVar[str] = "scheduling.deadline.set.v1"


class DeadlineMoved(DeadlineFact):
    """It falls at another instant than before."""

    type: ClassVar[str] = "scheduling.deadline.moved.v1"
    fell_at: AwareDatetime


class DeadlineDropped(DeadlineFact):
    """It does not count any more."""

    type: ClassVar[str] = "scheduling.deadline.dropped.v1"


class DeadlineNear(DeadlineFact):
    """It falls in so many days (30, 7 or 1): a reminder, said once for each."""

    type: ClassVar[str] = "scheduling.deadline.near.v1"
    days: int


class DeadlinePassed(DeadlineFact):
    """It is too late now."""

    type: ClassVar[str] = "scheduling.deadline.passed.v1"
