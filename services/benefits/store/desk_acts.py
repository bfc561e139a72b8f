"""What was done in one session of an assisted desk, for the receipt: every act has its reading of the card there."""

from uuid import UUID

from chassis.database import Connection, Record


async def applications_at(conn: Connection, resident_id: UUID, desk_id: UUID) -> list[Record]:
    """The applications that were handed in."""
    return await conn.fetch(
        """
        SELECT a.reference, a.amount AS amount_yen, a.submitted_at AS at,
               m.entry -> 'texts' -> 'ja' ->> 'title' AS title, m.entry ->> 'municipality_name' AS municipality_name
          FROM proofs p
          JOIN applications a ON a.proof_id = p.id
          JOIN measures m ON m.id = a.measure_id
         WHERE p.resident_id = $1 AND p.desk_id = $2
         ORDER BY a.submitted_at, a.id
        """,
        resident_id,
        desk_id,
    )


async def allocations_at(conn: Connection, resident_id: UUID, desk_id: UUID) -> list[Record]:
    """Where points were sent, with the last signs of the account; the last choice for each entitlement."""
    return await conn.fetch(
        """
        SELECT DISTINCT ON (a.entitlement_id)
               o.id AS order_id, o.amount AS amount_yen, a.created_at AS at, a.account_end, s.name AS service_name,
               m.entry -> 'texts' -> 'ja' ->> 'title' AS title, m.entry ->> 'municipality_name' AS municipality_name
          FROM proofs p
          JOIN allocations a ON a.proof_id = p.id
          JOIN orders o ON o.allocation_id = a.id
          JOIN payment_services s ON s.id = a.payment_service_id
          JOIN measures m ON m.id = o.measure_id
         WHERE p.resident_id = $1 AND p.desk_id = $2
         ORDER BY a.entitlement_id, a.created_at DESC, a.id DESC
        """,
        resident_id,
        desk_id,
    )
