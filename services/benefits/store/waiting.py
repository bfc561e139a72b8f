"""Who waits for a place, and who has let the time pass."""

from datetime import date, datetime
from uuid import UUID

from chassis.database import Connection
from services.benefits.model.application import Application
from services.benefits.store.applications import COLUMNS, read_application


async def first_waiting(conn: Connection, measure_id: UUID) -> Application | None:
    """Who has waited longest for a place; other copies of this process take others."""
    row = await conn.fetchrow(
        f"SELECT {COLUMNS} FROM applications a WHERE a.measure_id = $1 AND a.state = 'waiting'"
        " ORDER BY a.submitted_at, a.id LIMIT 1 FOR UPDATE",
        measure_id,
    )
    return read_application(row) if row else None


async def waiting_where_free(conn: Connection, day: date) -> UUID | None:
    """A measure whose first in line finds a place and its yen free, in whatever lanes, and can still use them."""
    found: UUID | None = await conn.fetchval(
        """
        SELECT m.id FROM measures m
          JOIN LATERAL (SELECT a.amount FROM applications a WHERE a.measure_id = m.id AND a.state = 'waiting'
                         ORDER BY a.submitted_at, a.id LIMIT 1) first ON true
         WHERE m.allocate_by >= $1
           AND EXISTS (SELECT FROM lanes l WHERE l.measure_id = m.id AND l.places IS DISTINCT FROM 0)
           AND first.amount <= (SELECT sum(c.debits_posted - c.credits_posted - c.credits_pending)
                                  FROM lanes l JOIN accounts c ON c.id = l.available WHERE l.measure_id = m.id)
         LIMIT 1
        """,
        day,
    )
    return found


async def unanswered(conn: Connection, now: datetime) -> Application | None:
    """An application whose applicant was asked for more, or expected, and let the time pass."""
    row = await conn.fetchrow(
        f"SELECT {COLUMNS} FROM applications a WHERE a.state IN ('returned', 'awaiting_participation')"
        "   AND a.answer_by <= $1"
        " ORDER BY a.answer_by LIMIT 1 FOR UPDATE SKIP LOCKED",
        now,
    )
    return read_application(row) if row else None
