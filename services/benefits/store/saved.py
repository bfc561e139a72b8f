"""Payment services residents saved, as an allocation needs them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.database import Connection
from chassis.refusal import NotFound
from services.benefits.model.allocation import Account


@dataclass(frozen=True, slots=True)
class SavedService:
    """A payment service a resident saved."""

    id: UUID
    code: str
    account: Account


async def saved_service(conn: Connection, resident_id: UUID, saved_id: UUID) -> SavedService:
    """A saved service of a resident; strangers and removed ones are not found."""
    row = await conn.fetchrow(
        """
        SELECT s.id, p.code, s.account_sealed, s.account_digest, s.account_end
          FROM saved_services s JOIN payment_services p ON p.id = s.payment_service_id
         WHERE s.id = $1 AND s.resident_id = $2 AND s.removed_at IS NULL
        """,
        saved_id,
        resident_id,
    )
    if row is None:
        raise NotFound("service-unknown", "この受け取り先は見つかりません。")
    account = Account(row["account_sealed"], row["account_digest"], row["account_end"])
    return SavedService(row["id"], row["code"], account)


async def count_of(conn: Connection, resident_id: UUID) -> int:
    """How many a resident keeps."""
    found: int = await conn.fetchval(
        "SELECT count(*) FROM saved_services WHERE resident_id = $1 AND removed_at IS NULL",
        resident_id,
    )
    return found


async def add_service(
    conn: Connection,
    saved_id: UUID,
    resident_id: UUID,
    payment_service_id: UUID,
    account: Account,
    proof_id: UUID,
    at: datetime,
) -> None:
    """Keep an account; the database looks at its proof once more."""
    await conn.execute(
        """
        INSERT INTO saved_services (id, resident_id, payment_service_id, account_sealed, account_digest, account_end,
                                    proof_id, saved_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        saved_id,
        resident_id,
        payment_service_id,
        account.sealed,
        account.digest,
        account.end,
        proof_id,
        at,
    )


async def chosen(conn: Connection, but: list[UUID], limit: int) -> list[tuple[UUID, UUID]]:
    """Entitlements whose service was chosen when applying and that wait for it: theirs and the service's id."""
    rows = await conn.fetch(
        """
        SELECT e.id, e.saved_service_id
          FROM entitlements e
          JOIN saved_services s ON s.id = e.saved_service_id AND s.removed_at IS NULL
         WHERE e.state = 'issued' AND e.saved_service_id IS NOT NULL
           AND e.id <> ALL ($1::uuid[])
           AND NOT EXISTS (SELECT FROM allocations a WHERE a.entitlement_id = e.id)
         ORDER BY e.issued_at, e.id LIMIT $2
        """,
        but,
        limit,
    )
    return [(row["id"], row["saved_service_id"]) for row in rows]
