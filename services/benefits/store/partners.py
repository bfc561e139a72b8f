"""What the register says of payment services and matches."""

from datetime import datetime
from uuid import UUID

from chassis.database import Connection, Record
from chassis.refusal import NotFound
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


async def service_of(conn: Connection, provider_id: UUID, code: str) -> UUID | None:
    """A payment service of a provider by its code."""
    found: UUID | None = await conn.fetchval(
        "SELECT id FROM payment_services WHERE provider_id = $1 AND code = $2", provider_id, code
    )
    return found


async def offered_service(conn: Connection, code: str) -> UUID | None:
    """The payment service with this code, if it is offered now."""
    found: UUID | None = await conn.fetchval(
        "SELECT id FROM payment_services WHERE code = $1 AND offered", code
    )
    return found


async def saved_services(conn: Connection, resident_id: UUID) -> list[Record]:
    """What a resident keeps, in the order it was saved."""
    rows: list[Record] = await conn.fetch(
        "SELECT v.id, v.payment_service_id, s.code, s.name, v.account_end, v.account_digest, s.offered, v.saved_at"
        "  FROM saved_services v JOIN payment_services s ON s.id = v.payment_service_id"
        " WHERE v.resident_id = $1 AND v.removed_at IS NULL ORDER BY v.saved_at, v.id LIMIT 100",
        resident_id,
    )
    return rows


async def keeps(conn: Connection, saved_service_id: UUID, resident_id: UUID) -> bool:
    """Whether a resident keeps this payment service."""
    return bool(
        await conn.fetchval(
            "SELECT EXISTS (SELECT FROM saved_services WHERE id = $1 AND resident_id = $2"
            "   AND removed_at IS NULL)",
            saved_service_id,
            resident_id,
        )
    )


async def forget_service(
    conn: Connection, saved_service_id: UUID, resident_id: UUID, now: datetime
) -> None:
    """A payment service is kept no longer; what it received stays."""
    done = await conn.fetchval(
        "UPDATE saved_services SET removed_at = $3 WHERE id = $1 AND resident_id = $2 AND removed_at IS NULL"
        " RETURNING id",
        saved_service_id,
        resident_id,
        now,
    )
    if done is None:
        raise NotFound("no-such-service", "この決済サービスは見つかりません。")
