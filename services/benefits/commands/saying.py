"""What every fact of benefits says of its subject."""

from typing import Any, Protocol
from uuid import UUID

from services.benefits.model.application import Application
from services.benefits.model.entitlement import Entitlement


class Municipal(Protocol):
    """What belongs to a municipality: a measure, an offer, an order."""

    @property
    def municipality_id(self) -> UUID:
        """Whose it is."""


def about(application: Application, whose: Municipal) -> dict[str, Any]:
    """What facts say of an application as it is now."""
    return {
        "application_id": application.id,
        "measure_id": application.measure_id,
        "municipality_id": whose.municipality_id,
        "resident_id": application.resident_id,
        "reference": application.reference,
        "revision": application.revision,
        "occurred_at": application.state_since,
    }


def of(entitlement: Entitlement, whose: Municipal) -> dict[str, Any]:
    """What facts say of an entitlement as it is now."""
    return {
        "entitlement_id": entitlement.id,
        "application_id": entitlement.application_id,
        "measure_id": entitlement.measure_id,
        "municipality_id": whose.municipality_id,
        "resident_id": entitlement.resident_id,
        "amount_yen": entitlement.amount,
        "allocate_by": entitlement.allocate_by,
        "revision": entitlement.revision,
        "occurred_at": entitlement.state_since,
    }
