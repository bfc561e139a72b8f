"""What people decided about orders, and what one of them proposes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.database import Connection


@dataclass(frozen=True, slots=True)
class Decision:
    """Something one person proposes and another decides."""

    id: UUID
    order_id: UUID
    kind: str
    reason: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None


_COLUMNS = "id, order_id, kind, reason, proposed_by, proposed_at, decided_by, decided_at"


async def add_decision(conn: Connection, new: Decision) -> None:
    """Keep a proposal."""
    await conn.execute(
        """
        INSERT INTO order_decisions (id, order_id, kind, reason, proposed_by, proposed_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        """,
        new.id,
        new.order_id,
        new.kind,
        new.reason,
        new.proposed_by,
        new.proposed_at,
    )


async def open_decision(conn: Connection, order_id: UUID) -> Decision | None:
    """What is proposed about an order, locked."""
    row = await conn.fetchrow(
        f"SELECT {_COLUMNS} FROM order_decisions WHERE order_id = $1 AND decided_by IS NULL FOR UPDATE",
        order_id,
    )
    return Decision(*row) if row else None


async def decisions_of(conn: Connection, order_id: UUID) -> list[Decision]:
    """Everything people proposed or decided about an order, the first first."""
    rows = await conn.fetch(
        f"SELECT {_COLUMNS} FROM order_decisions WHERE order_id = $1 ORDER BY proposed_at, id",
        order_id,
    )
    return [Decision(*row) for row in rows]


async def decide(conn: Connection, decision_id: UUID, by: str, at: datetime) -> None:
    """Another person decides so."""
    sql = "UPDATE order_decisions SET decided_by = $2, decided_at = $3 WHERE id = $1"
    await conn.execute(sql, decision_id, by, at)
