"""What benefits says of grant orders (付与の依頼); each provider's orders are its own private feed."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from contracts.event import Fact


class OrderFact(Fact):
    """A fact about one order: by whom the provider knows the person, and nobody else."""

    order_id: UUID
    allocation_id: UUID
    entitlement_id: UUID
    measure_id: UUID
    municipality_id: UUID
    provider_id: UUID
    payment_service_code: str
    #: How this provider, and no other, hears of the person.
    resident_ref: str
    amount: int


class OrderPlaced(OrderFact):
    """The provider is asked to grant; after an uncertain or a temporary end, asked again under the same id."""

    type: ClassVar[str] = "benefits.order.placed.v1"
    attempt: int
    respond_by: AwareDatetime


class OrderAccepted(OrderFact):
    """The provider has it and will grant."""

    type: ClassVar[str] = "benefits.order.accepted.v1"


class OrderGranted(OrderFact):
    """The points are with the person."""

    type: ClassVar[str] = "benefits.order.granted.v1"
    granted_on: date
    transaction_id: str


class OrderRejected(OrderFact):
    """The provider does not grant; ``code`` says why."""

    type: ClassVar[str] = "benefits.order.rejected.v1"
    code: str


class OrderUnknown(OrderFact):
    """Nobody knows whether it was granted; it keeps its reservation and is asked about."""

    type: ClassVar[str] = "benefits.order.unknown.v1"


class OrderCancelRequested(OrderFact):
    """It is wanted back and may have been granted already."""

    type: ClassVar[str] = "benefits.order.cancel_requested.v1"


class OrderCancelled(OrderFact):
    """It was taken back and nothing was granted."""

    type: ClassVar[str] = "benefits.order.cancelled.v1"


class OrderReversalRequested(OrderFact):
    """The provider is asked to take the points back."""

    type: ClassVar[str] = "benefits.order.reversal_requested.v1"


class OrderReversed(OrderFact):
    """The points were taken back."""

    type: ClassVar[str] = "benefits.order.reversed.v1"


class OrderReversalFailed(OrderFact):
    """The points could not be taken back."""

    type: ClassVar[str] = "benefits.order.reversal_failed.v1"
    code: str


class OrderWrittenOff(OrderFact):
    """Two people decided that the points stay where they are."""

    type: ClassVar[str] = "benefits.order.written_off.v1"


class OrderDisputed(OrderFact):
    """What was said of it contradicts what is known; a case has been opened."""

    type: ClassVar[str] = "benefits.order.disputed.v1"
    case_id: UUID
    #: ``contradiction``, ``late_grant``, ``amount``, ``wrong_person``, ``double`` …
    case_kind: str
