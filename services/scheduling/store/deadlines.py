"""The map of deadlines."""

from datetime import datetime
from uuid import UUID

from chassis.database import Connection, Record
from services.scheduling.model.deadline import Deadline, State

_COLUMNS = "id, about, what, title, organisation_id, payment_service_id, falls_at, state, next_days, due_at, revision"


async def save_deadline(conn: Connection, deadline: Deadline) -> None:
    """Keep a deadline as it is now."""
    await conn.execute(
        f"""
        INSERT INTO deadlines ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        ON CONFLICT (id) DO UPDATE
            SET title = excluded.title, falls_at = excluded.falls_at, state = excluded.state,
                next_days = excluded.next_days, due_at = excluded.due_at, revision = excluded.revision
        """,
        deadline.id,
        deadline.about,
        deadline.what,
        deadline.title,
        deadline.organisation_id,
        deadline.payment_service_id,
        deadline.falls_at,
        deadline.state,
        deadline.next_days,
        deadline.due_at,
        deadline.revision,
    )


async def about_for_update(conn: Connection, about: str) -> dict[UUID, Deadline]:
    """Every deadline of one thing, locked until the transaction ends."""
    rows = await conn.fetch(
        f"SELECT {_COLUMNS} FROM deadlines WHERE about = $1 ORDER BY id FOR UPDATE", about
    )
    return {row["id"]: _deadline(row) for row in rows}


async def due_for_update(conn: Connection, at: datetime) -> Deadline | None:
    """The deadline whose reminder or passing came first, locked; what another copy has locked is left to it."""
    row = await conn.fetchrow(
        f"""
        SELECT {_COLUMNS} FROM deadlines WHERE state = 'set' AND due_at <= $1
         ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
        """,
        at,
    )
    return _deadline(row) if row else None


async def between(
    conn: Connection, since: datetime, until: datetime, *, after: UUID | None, limit: int
) -> list[Deadline]:
    """Deadlines that fall within a time, the first one first."""
    rows = await conn.fetch(
        f"""
        SELECT {_COLUMNS} FROM deadlines
         WHERE state <> 'dropped' AND falls_at <= $2 AND falls_at >= $1
           AND ($3::uuid IS NULL OR falls_at > $1 OR id > $3)
         ORDER BY falls_at, id LIMIT $4
        """,
        since,
        until,
        after,
        limit,
    )
    return [_deadline(row) for row in rows]


def _deadline(row: Record) -> Deadline:
    return Deadline(**{**dict(row), "state": State(row["state"])})
