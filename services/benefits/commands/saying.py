"""What every fact of benefits says of its subject."""

from typing import Any

from services.benefits.model.application import Application
from services.benefits.model.entitlement import Entitlement
from services.benefits.model.measure import Measure


def about(application: Application, measure: Measure) -> dict[str, Any]:
    """What facts say of an application as it is now."""
    return {
        "application_id": application.id,
        "measure_id": measure.id,
        "municipality_id": measure.municipality_id,
        "resident_id": application.resident_id,
        "reference": application.reference,
        "revision": application.revision,
        "occurred_at": application.state_since,
    }


def of(entitlement: Entitlement, measure: Measure) -> dict[str, Any]:
    """What facts say of an entitlement as it is now."""
    return {
        "entitlement_id": entitlement.id,
        "application_id": entitlement.application_id,
        "measure_id": measure.id,
        "municipality_id": measure.municipality_id,
        "resident_id": entitlement.resident_id,
        "amount_yen": entitlement.amount,
        "allocate_by": entitlement.allocate_by,
        "revision": entitlement.revision,
        "occurred_at": entitlement.state_since,
    }
