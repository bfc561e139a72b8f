"""A payment service in the register."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from chassis.refusal import Conflict
from contracts.registry import OrganisationEntry, PaymentServiceEntry
from services.registry.model.application import ServiceDetails


class ServiceState(StrEnum):
    """Whether a payment service is offered."""

    REGISTERED = "registered"
    SUSPENDED = "suspended"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class PaymentService:
    """A payment service (決済サービス) of a registered provider."""

    id: UUID
    provider_id: UUID
    state: ServiceState
    details: ServiceDetails
    registered_on: date
    effective_on: date
    revision: int

    def changed(self, details: ServiceDetails, on: date) -> "PaymentService":
        """With other details from a day on."""
        return self._next(ServiceState.REGISTERED, on, details)

    def suspended(self, on: date) -> "PaymentService":
        """Not offered, because its provider rests."""
        return self._next(ServiceState.SUSPENDED, on)

    def resumed(self, on: date) -> "PaymentService":
        """Offered again."""
        return self._next(ServiceState.REGISTERED, on)

    def ended(self, on: date) -> "PaymentService":
        """Not offered any more."""
        return self._next(ServiceState.ENDED, on)

    def entry(self, provider_id: UUID, provider: OrganisationEntry) -> PaymentServiceEntry:
        """What everybody may read of it."""
        return PaymentServiceEntry(
            provider_id=provider_id,
            code=self.details.code,
            name=self.details.name,
            name_kana=self.details.name_kana,
            kind=self.details.kind,
            grant_types=self.details.grant_types,
            terms_url=self.details.terms_url,
            provider_number=provider.code,
            provider_name=provider.name,
            receive_method=self.details.receive_method,
            grant_timing=self.details.grant_timing,
            registered_on=self.registered_on,
        )

    def _next(
        self, state: ServiceState, on: date, details: ServiceDetails | None = None
    ) -> "PaymentService":
        if self.state is ServiceState.ENDED:
            raise Conflict("payment-service-ended", "この決済サービスは終了しています。")
        return replace(
            self,
            state=state,
            details=details or self.details,
            effective_on=max(on, self.effective_on),
            revision=self.revision + 1,
        )


def changed_fields(before: PaymentServiceEntry, after: PaymentServiceEntry) -> tuple[str, ...]:
    """The names of the public fields that differ."""
    old, new = before.model_dump(), after.model_dump()
    return tuple(field for field in new if old[field] != new[field])
