"""Orders in lists: a provider's, and what of its feed has to be credited."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis.database import Connection, Record


async def order_page(
    conn: Connection,
    provider_id: UUID,
    *,
    state: str | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Record]:
    """A provider's orders, what moved last first."""
    return await conn.fetch(
        """
        SELECT o.id, o.measure_id, m.title, o.municipality_id, o.payment_service_code, o.resident_ref, o.amount,
               o.state, o.state_since, o.attempts, o.sent_at, o.granted_on
          FROM orders o JOIN measures m ON m.id = o.measure_id
         WHERE o.provider_id = $1 AND o.revision > 0 AND ($2::text IS NULL OR o.state = $2)
           AND ($3::timestamptz IS NULL OR (o.state_since, o.id) < ($3, $4))
         ORDER BY o.state_since DESC, o.id DESC LIMIT $5
        """,
        provider_id,
        state,
        *(after or (None, None)),
        limit,
    )


async def grant_page(
    conn: Connection,
    municipality_id: UUID,
    *,
    state: str | None,
    proposed: bool,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Record]:
    """A municipality's orders with what waits for a second person, what moved last first."""
    return await conn.fetch(
        """
        SELECT o.id, o.measure_id, m.title, p.id AS application_id, p.reference, o.payment_service_code, o.amount,
               o.state, o.state_since, o.granted_on, d.kind AS proposed
          FROM orders o
          JOIN measures m ON m.id = o.measure_id
          JOIN entitlements e ON e.id = o.entitlement_id
          JOIN applications p ON p.id = e.application_id
          LEFT JOIN order_decisions d ON d.order_id = o.id AND d.decided_by IS NULL
         WHERE o.municipality_id = $1 AND ($2::text IS NULL OR o.state = $2) AND (NOT $3 OR d.id IS NOT NULL)
           AND ($4::timestamptz IS NULL OR (o.state_since, o.id) < ($4, $5))
         ORDER BY o.state_since DESC, o.id DESC LIMIT $6
        """,
        municipality_id,
        state,
        proposed,
        *(after or (None, None)),
        limit,
    )


async def state_counts(conn: Connection, provider_id: UUID) -> dict[str, int]:
    """How many orders of a provider stand where."""
    rows = await conn.fetch(
        "SELECT state, count(*) AS orders FROM orders WHERE provider_id = $1 AND revision > 0 GROUP BY state",
        provider_id,
    )
    return {row["state"]: row["orders"] for row in rows}


async def sealed_accounts(
    conn: Connection, provider_id: UUID, order_ids: Sequence[UUID]
) -> dict[UUID, str]:
    """The sealed accounts of a provider's orders that are still to be credited."""
    rows = await conn.fetch(
        """
        SELECT o.id, a.account_sealed FROM orders o JOIN allocations a ON a.id = o.allocation_id
         WHERE o.provider_id = $1 AND o.id = ANY($2::uuid[])
           AND o.state IN ('sent', 'accepted', 'unknown', 'cancel_requested')
        """,
        provider_id,
        list(order_ids),
    )
    return {row["id"]: row["account_sealed"] for row in rows}
