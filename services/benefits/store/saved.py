"""Payment services residents saved, as an allocation needs them."""

from dataclasses import dataclass
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
