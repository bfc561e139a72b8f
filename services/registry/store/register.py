"""Payment services and participation in the register."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from chassis.database import Connection, Record
from services.registry.model.application import ServiceDetails
from services.registry.model.payment_service import PaymentService, ServiceState


async def services_of(conn: Connection, provider_id: UUID) -> list[PaymentService]:
    """The payment services of a provider, ended ones too; the provider's row is the lock."""
    rows = await conn.fetch(
        """
        SELECT id, provider_id, state, details, registered_on, effective_on, revision
          FROM payment_services
         WHERE provider_id = $1
         ORDER BY code
        """,
        provider_id,
    )
    return [_service(row) for row in rows]


async def codes_taken(conn: Connection, codes: list[str], *, besides: UUID) -> set[str]:
    """Which of some service codes belong to other providers."""
    rows = await conn.fetch(
        "SELECT code FROM payment_services WHERE code = ANY($1) AND provider_id <> $2",
        codes,
        besides,
    )
    return {row["code"] for row in rows}


async def save_service(conn: Connection, service: PaymentService) -> None:
    """Keep a payment service, new or changed."""
    await conn.execute(
        """
        INSERT INTO payment_services (id, provider_id, code, state, details, registered_on, effective_on, revision)
        VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7, $8)
        ON CONFLICT (id) DO UPDATE
           SET state = excluded.state, details = excluded.details,
               effective_on = excluded.effective_on, revision = excluded.revision
        """,
        service.id,
        service.provider_id,
        service.details.code,
        service.state,
        service.details.model_dump_json(),
        service.registered_on,
        service.effective_on,
        service.revision,
    )


@dataclass(frozen=True, slots=True)
class Participation:
    """A provider's answer whether it takes part in a fiscal year."""

    id: UUID
    provider_id: UUID
    fiscal_year: int
    participating: bool
    effective_on: date
    declared_at: datetime
    revision: int


async def participations_of(conn: Connection, provider_id: UUID) -> list[Participation]:
    """Every answer of a provider, by year."""
    rows = await conn.fetch(
        """
        SELECT id, provider_id, fiscal_year, participating, effective_on, declared_at, revision
          FROM participations
         WHERE provider_id = $1
         ORDER BY fiscal_year
        """,
        provider_id,
    )
    return [Participation(*row) for row in rows]


async def save_participation(conn: Connection, answer: Participation) -> None:
    """Keep an answer, new or changed."""
    await conn.execute(
        """
        INSERT INTO participations (id, provider_id, fiscal_year, participating, effective_on, declared_at, revision)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (id) DO UPDATE
           SET participating = excluded.participating, effective_on = excluded.effective_on,
               declared_at = excluded.declared_at, revision = excluded.revision
        """,
        answer.id,
        answer.provider_id,
        answer.fiscal_year,
        answer.participating,
        answer.effective_on,
        answer.declared_at,
        answer.revision,
    )


def _service(row: Record) -> PaymentService:
    return PaymentService(
        id=row["id"],
        provider_id=row["provider_id"],
        state=ServiceState(row["state"]),
        details=ServiceDetails.model_validate_json(row["details"]),
        registered_on=row["registered_on"],
        effective_on=row["effective_on"],
        revision=row["revision"],
    )
