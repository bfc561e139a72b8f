"""Orders that are due, with all that is known of where they go: read together, for all of it is needed to send one."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from chassis.database import Connection, Record
from services.benefits.model.link import Link
from services.benefits.model.order import Order
from services.benefits.store import lines
from services.benefits.store.lines import KnownLine, read_line
from services.benefits.store.links import read_link
from services.benefits.store.orders import COLUMNS, read_order

_LINK = ", ".join(f"l.{name} AS l_{name}" for name in Link.__slots__)
_LINE = ", ".join(f"p.{name} AS p_{name}" for name in lines.NAMES)
#: Due now, in nobody's hands, and of a provider that is not left alone.
_DUE = """
    look_at <= $1 AND (claimed_until IS NULL OR claimed_until <= $1)
    AND NOT EXISTS (SELECT FROM provider_lines p WHERE p.provider_id = o.provider_id AND p.open_until > $1)
"""


@dataclass(frozen=True, slots=True)
class Due:
    """An order that is due, and where it goes."""

    order: Order
    line: KnownLine
    #: The account, sealed.
    account: str
    link: Link


async def take(
    conn: Connection,
    *,
    at: datetime,
    limit: int,
    only: UUID | None = None,
    stand_in: KnownLine | None = None,
) -> list[Due]:
    """Orders that are due, in the order of their ids; nobody else gets them until the transaction ends.

    Who named no line reads the feed, or has the stand-in answer.
    """
    rows = await conn.fetch(
        f"""
        WITH due AS (
            SELECT o.* FROM orders o WHERE {_DUE} AND ($3::uuid IS NULL OR o.id = $3)
             ORDER BY o.look_at LIMIT $2 FOR UPDATE OF o SKIP LOCKED
        )
        SELECT {COLUMNS}, a.account_sealed, {_LINK}, {_LINE}
          FROM due o
          JOIN allocations a ON a.id = o.allocation_id
          JOIN linked_accounts l USING (payment_service_id, account_digest, resident_id)
          LEFT JOIN provider_lines p ON p.provider_id = o.provider_id
         ORDER BY o.id
        """,
        at,
        limit,
        only,
    )
    return [_due(row, stand_in) for row in rows]


async def due_ids(conn: Connection, *, at: datetime, limit: int) -> list[UUID]:
    """Which orders are due; they are nobody's yet."""
    rows = await conn.fetch(
        f"SELECT o.id FROM orders o WHERE {_DUE} ORDER BY o.look_at LIMIT $2", at, limit
    )
    return [row["id"] for row in rows]


def _due(row: Record, stand_in: KnownLine | None) -> Due:
    known = dict(row)
    link = read_link([known.pop(f"l_{name}") for name in Link.__slots__])
    columns = [known.pop(f"p_{name}") for name in lines.NAMES]
    account = known.pop("account_sealed")
    order = read_order(known)
    line = replace(stand_in or KnownLine(order.provider_id), provider_id=order.provider_id)
    return Due(
        order, line if columns[0] is None else read_line(line.provider_id, columns), account, link
    )
