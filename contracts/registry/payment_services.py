"""What the registry says of payment services (決済サービス)."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from contracts.event import Fact
from contracts.values import GrantType, PaymentServiceKind


class PaymentServiceEntry(BaseModel):
    """The public entry of a payment service (決済サービス)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    provider_id: UUID
    #: Short code the provider chose, unique in the register.
    code: str
    name: str
    name_kana: str
    kind: PaymentServiceKind
    grant_types: tuple[GrantType, ...]
    terms_url: str | None = None
    #: Corporate number of the provider.
    provider_number: str | None = None
    provider_name: str | None = None
    #: ``automatic`` or ``user_action_required``.
    receive_method: str | None = None
    grant_timing: str | None = None
    registered_on: date | None = None


class PaymentServiceFact(Fact):
    """A fact about one payment service, public."""

    feeds: ClassVar[tuple[str, ...]] = ("registry",)
    payment_service_id: UUID
    effective_on: date
    entry: PaymentServiceEntry


class PaymentServiceRegistered(PaymentServiceFact):
    """The service may be chosen in matches and measures."""

    type: ClassVar[str] = "registry.payment_service.registered.v1"


class PaymentServiceChanged(PaymentServiceFact):
    """The entry is different; ``changed`` names the fields."""

    type: ClassVar[str] = "registry.payment_service.changed.v1"
    changed: tuple[str, ...]


class PaymentServiceSuspended(PaymentServiceFact):
    """The service rests, because its provider does; it is not offered meanwhile."""

    type: ClassVar[str] = "registry.payment_service.suspended.v1"
    reason: str


class PaymentServiceResumed(PaymentServiceFact):
    """A resting service is offered again."""

    type: ClassVar[str] = "registry.payment_service.resumed.v1"


class PaymentServiceEnded(PaymentServiceFact):
    """The service takes part no longer."""

    type: ClassVar[str] = "registry.payment_service.ended.v1"
    reason: str
