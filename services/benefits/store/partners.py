"""What the register says of payment services and matches."""

from uuid import UUID

from chassis.database import Connection
from contracts.registry import MatchEntry, PaymentServiceEntry


async def save_service(
    conn: Connection, service_id: UUID, entry: PaymentServiceEntry, *, offered: bool
) -> None:
    """Keep what was said last of a payment service."""
    await conn.execute(
        """
        INSERT INTO payment_services (id, provider_id, code, name, offered, entry) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (id) DO UPDATE SET provider_id = $2, code = $3, name = $4, offered = $5, entry = $6
        """,
        service_id,
        entry.provider_id,
        entry.code,
        entry.name,
        offered,
        entry.model_dump_json(),
    )


async def save_match(conn: Connection, match_id: UUID, entry: MatchEntry, *, active: bool) -> None:
    """Keep what was said last of a match."""
    await conn.execute(
        """
        INSERT INTO matches (id, municipality_id, provider_id, fiscal_year, active, entry)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (id) DO UPDATE SET municipality_id = $2, provider_id = $3, fiscal_year = $4, active = $5, entry = $6
        """,
        match_id,
        entry.municipality_id,
        entry.provider_id,
        entry.fiscal_year,
        active,
        entry.model_dump_json(),
    )
