"""What benefits says: ids and amounts of applications and entitlements, never who somebody is."""

from contracts.benefits.applications import (
    ApplicationApproved,
    ApplicationAttended,
    ApplicationCompleted,
    ApplicationExpired,
    ApplicationFact,
    ApplicationMovedUp,
    ApplicationRejected,
    ApplicationResubmitted,
    ApplicationReturned,
    ApplicationRevoked,
    ApplicationSubmitted,
    ApplicationWithdrawn,
)
from contracts.benefits.entitlements import (
    EntitlementConsumed,
    EntitlementExpired,
    EntitlementFact,
    EntitlementIssued,
    EntitlementNear,
    EntitlementReleased,
    EntitlementReserved,
    EntitlementRevoked,
)

__all__ = [
    "ApplicationApproved",
    "ApplicationAttended",
    "ApplicationCompleted",
    "ApplicationExpired",
    "ApplicationFact",
    "ApplicationMovedUp",
    "ApplicationRejected",
    "ApplicationResubmitted",
    "ApplicationReturned",
    "ApplicationRevoked",
    "ApplicationSubmitted",
    "ApplicationWithdrawn",
    "EntitlementConsumed",
    "EntitlementExpired",
    "EntitlementFact",
    "EntitlementIssued",
    "EntitlementNear",
    "EntitlementReleased",
    "EntitlementReserved",
    "EntitlementRevoked",
]
