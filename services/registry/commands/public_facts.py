"""Says what becomes true of the public register, and writes it into the lists, in one go."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from chassis.database import Connection
from chassis.ids import new_id
from chassis.outbox import publish
from contracts.registry import (
    OrganisationEntry,
    ParticipationDeclared,
    PaymentServiceChanged,
    PaymentServiceEnded,
    PaymentServiceRegistered,
    PaymentServiceResumed,
    PaymentServiceSuspended,
    PublicOrganisationFact,
)
from services.registry.model.application import ServiceDetails
from services.registry.model.items import (
    ListName,
    ParticipationItem,
    organisation_line,
    participation_line,
    service_line,
)
from services.registry.model.payment_service import (
    PaymentService,
    ServiceState,
    changed_fields,
)
from services.registry.store import codes, listed, register
from services.registry.store.register import Participation


@dataclass(frozen=True, slots=True)
class Occasion:
    """On which day something becomes true of whose register entry, and when that was decided."""

    organisation_id: UUID
    entry: OrganisationEntry
    on: date
    at: datetime


async def say_listed(conn: Connection, fact: PublicOrganisationFact) -> None:
    """Say a fact after which the organisation stands in its list."""
    publish(conn, fact)
    line = organisation_line(fact.organisation_id, fact.entry, await codes.prefectures(conn))
    await listed.list_from(conn, line, on=fact.effective_on, known=fact.occurred_at)


async def say_unlisted(conn: Connection, fact: PublicOrganisationFact) -> None:
    """Say a fact after which the organisation stands in no list."""
    publish(conn, fact)
    line = organisation_line(fact.organisation_id, fact.entry, {})
    await listed.unlist_from(
        conn, line.list, fact.organisation_id, on=fact.effective_on, known=fact.occurred_at
    )


async def register_service(conn: Connection, on: Occasion, details: ServiceDetails) -> None:
    """A provider offers a payment service."""
    service = PaymentService(
        id=new_id(),
        provider_id=on.organisation_id,
        state=ServiceState.REGISTERED,
        details=details,
        registered_on=on.on,
        effective_on=on.on,
        revision=1,
    )
    await register.save_service(conn, service)
    publish(conn, PaymentServiceRegistered.model_validate(_fields(service, on)))
    await list_service(conn, service, on)


async def change_service(
    conn: Connection, on: Occasion, before: PaymentService, details: ServiceDetails
) -> bool:
    """A payment service is different; whether anything public is, and so was said."""
    service = before.changed(details, on.on)
    provider = on.organisation_id
    changed = changed_fields(before.entry(provider, on.entry), service.entry(provider, on.entry))
    if not changed:
        await register.save_service(conn, replace(before, details=details))
        return False
    await register.save_service(conn, service)
    publish(
        conn, PaymentServiceChanged.model_validate({**_fields(service, on), "changed": changed})
    )
    await list_service(conn, service, on)
    return True


async def suspend_service(
    conn: Connection, on: Occasion, before: PaymentService, reason: str
) -> None:
    """A payment service rests with its provider."""
    service = before.suspended(on.on)
    await register.save_service(conn, service)
    publish(
        conn, PaymentServiceSuspended.model_validate({**_fields(service, on), "reason": reason})
    )
    await _unlist_service(conn, service, on)


async def resume_service(conn: Connection, on: Occasion, before: PaymentService) -> None:
    """A payment service is offered again."""
    service = before.resumed(on.on)
    await register.save_service(conn, service)
    publish(conn, PaymentServiceResumed.model_validate(_fields(service, on)))
    await list_service(conn, service, on)


async def end_service(conn: Connection, on: Occasion, before: PaymentService, reason: str) -> None:
    """A payment service takes part no longer."""
    service = before.ended(on.on)
    await register.save_service(conn, service)
    publish(conn, PaymentServiceEnded.model_validate({**_fields(service, on), "reason": reason}))
    await _unlist_service(conn, service, on)


async def declare(conn: Connection, on: Occasion, answer: Participation) -> None:
    """A provider takes part in a fiscal year, or does not."""
    await register.save_participation(conn, answer)
    publish(
        conn,
        ParticipationDeclared(
            participation_id=answer.id,
            provider_id=answer.provider_id,
            fiscal_year=answer.fiscal_year,
            participating=answer.participating,
            effective_on=answer.effective_on,
            revision=answer.revision,
            occurred_at=on.at,
        ),
    )
    await list_participation(conn, on, answer)


async def list_participation(conn: Connection, on: Occasion, answer: Participation) -> None:
    """The line of a provider's answer, under the provider's name of that day."""
    item = ParticipationItem(
        provider_number=on.entry.code,
        provider_name=on.entry.name,
        fiscal_year=answer.fiscal_year,
        participating=answer.participating,
        declared_on=answer.effective_on,
    )
    line = participation_line(answer.id, on.entry, item)
    await listed.list_from(conn, line, on=max(on.on, answer.effective_on), known=on.at)


def _fields(service: PaymentService, on: Occasion) -> dict[str, object]:
    return {
        "payment_service_id": service.id,
        "revision": service.revision,
        "occurred_at": on.at,
        "effective_on": service.effective_on,
        "entry": service.entry(on.organisation_id, on.entry),
    }


async def list_service(conn: Connection, service: PaymentService, on: Occasion) -> None:
    """The line of a service, under its provider's name of that day."""
    entry = service.entry(on.organisation_id, on.entry)
    line = service_line(service.id, entry, service.registered_on)
    await listed.list_from(conn, line, on=max(on.on, service.effective_on), known=on.at)


async def _unlist_service(conn: Connection, service: PaymentService, on: Occasion) -> None:
    await listed.unlist_from(
        conn, ListName.PAYMENT_SERVICES, service.id, on=service.effective_on, known=on.at
    )
