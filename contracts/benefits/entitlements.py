"""What benefits says of entitlements (施策ポイント)."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from contracts.event import Fact


class EntitlementFact(Fact):
    """A fact about what an approved application may receive."""

    entitlement_id: UUID
    application_id: UUID
    measure_id: UUID
    municipality_id: UUID
    resident_id: UUID
    amount_yen: int
    #: The last day in Japan on which it can be allocated.
    allocate_by: date


class EntitlementIssued(EntitlementFact):
    """It can be allocated to a payment service from now on."""

    type: ClassVar[str] = "benefits.entitlement.issued.v1"
    #: The saved service that was chosen when applying.
    saved_service_id: UUID | None = None


class EntitlementNear(EntitlementFact):
    """It lapses in ``days`` days, and is not allocated yet."""

    type: ClassVar[str] = "benefits.entitlement.near.v1"
    days: int


class EntitlementReserved(EntitlementFact):
    """An allocation holds it."""

    type: ClassVar[str] = "benefits.entitlement.reserved.v1"


class EntitlementReleased(EntitlementFact):
    """The allocation came to nothing; it can be allocated again."""

    type: ClassVar[str] = "benefits.entitlement.released.v1"


class EntitlementConsumed(EntitlementFact):
    """A provider granted ``granted_yen`` of it; what was left is the municipality's again."""

    type: ClassVar[str] = "benefits.entitlement.consumed.v1"
    granted_yen: int
    payment_service_code: str


class EntitlementExpired(EntitlementFact):
    """Nobody allocated it in time; its yen are the municipality's again."""

    type: ClassVar[str] = "benefits.entitlement.expired.v1"


class EntitlementRevoked(EntitlementFact):
    """The municipality took it back; its yen are available again."""

    type: ClassVar[str] = "benefits.entitlement.revoked.v1"
    reason: str
