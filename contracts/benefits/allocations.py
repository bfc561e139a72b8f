"""What benefits says of allocations (割り当て): where the points of an entitlement go."""

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from contracts.event import Fact


class AllocationFact(Fact):
    """A fact about one allocation; a changed choice is another allocation."""

    allocation_id: UUID
    entitlement_id: UUID
    person_id: UUID
    #: Who chose, and hears of it: the person, or who acts for the person.
    resident_id: UUID
    measure_id: UUID
    municipality_id: UUID
    provider_id: UUID
    payment_service_code: str
    amount: int


class AllocationMade(AllocationFact):
    """The points go to a payment service of the person."""

    type: ClassVar[str] = "benefits.allocation.made.v1"
    order_id: UUID
    #: ``resident``, ``desk``, or ``system`` when the service had been chosen before.
    chosen_by: str


class AllocationFailed(AllocationFact):
    """The provider will not grant there; another choice is needed in time."""

    type: ClassVar[str] = "benefits.allocation.failed.v1"
    code: str
    allocate_by: AwareDatetime


class AllocationWithdrawn(AllocationFact):
    """It was taken back before anything was granted."""

    type: ClassVar[str] = "benefits.allocation.withdrawn.v1"
