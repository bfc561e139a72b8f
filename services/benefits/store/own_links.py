"""Accounts as the resident they are tied to sees them, and as staff find them."""

from uuid import UUID

from chassis.database import Connection, Record
from chassis.refusal import FieldError, NotFound

_MOST = 100


async def links_of(conn: Connection, resident_id: UUID) -> list[Record]:
    """Every account tied to a resident, the last used first."""
    return await conn.fetch(
        """
        SELECT l.id, s.code, s.name, coalesce(max(a.account_end), '') AS account_end,
               coalesce(sum(o.amount) FILTER (WHERE o.state = 'granted'), 0)::bigint AS granted_yen,
               l.stopped_at, p.case_id
          FROM linked_accounts l
          JOIN payment_services s ON s.id = l.payment_service_id
          LEFT JOIN link_stops p ON p.link_id = l.id AND p.lifted_at IS NULL
          LEFT JOIN allocations a ON (a.payment_service_id, a.account_digest, a.resident_id)
                                     = (l.payment_service_id, l.account_digest, l.resident_id)
          LEFT JOIN orders o ON o.allocation_id = a.id
         WHERE l.resident_id = $1
         GROUP BY l.id, s.code, s.name, l.stopped_at, p.case_id
         ORDER BY max(a.created_at) DESC NULLS LAST, l.id LIMIT $2
        """,
        resident_id,
        _MOST,
    )


async def own_link(conn: Connection, link_id: UUID, resident_id: UUID) -> None:
    """Refuse an account that is tied to somebody else, as if it were not there."""
    known = await conn.fetchval(
        "SELECT EXISTS (SELECT FROM linked_accounts WHERE id = $1 AND resident_id = $2)",
        link_id,
        resident_id,
    )
    if not known:
        raise NotFound("link-unknown", "この受け取り先は見つかりません。")


async def link_of_reference(conn: Connection, municipality_id: UUID, reference: str) -> UUID:
    """Where the points of an application of this municipality went last."""
    found: UUID | None = await conn.fetchval(
        """
        SELECT l.id
          FROM applications p
          JOIN measures m ON m.id = p.measure_id
          JOIN entitlements e ON e.application_id = p.id
          JOIN allocations a ON a.entitlement_id = e.id
          JOIN linked_accounts l ON (l.payment_service_id, l.account_digest, l.resident_id)
                                    = (a.payment_service_id, a.account_digest, a.resident_id)
         WHERE p.reference = $1 AND m.municipality_id = $2
         ORDER BY a.created_at DESC, a.id DESC LIMIT 1
        """,
        reference,
        municipality_id,
    )
    if found is None:
        detail = "この受付番号で、受け取り先が決まっている申込みは見つかりません。番号を確かめてください。"
        raise NotFound(
            "reference-unknown",
            detail,
            errors=[FieldError("reference", "reference-unknown", detail)],
        )
    return found
