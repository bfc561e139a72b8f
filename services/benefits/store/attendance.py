"""Attendance codes, and who reported attendance with them."""

from datetime import datetime
from uuid import UUID

from chassis.database import Connection, UniqueViolation
from chassis.refusal import Conflict
from services.benefits.model.attendance import Code, unknown

_COLUMNS = "id, measure_id, occasion_id, valid_from, valid_until, uses, used, made_by, made_at"


async def add_code(conn: Connection, code: Code) -> None:
    """Keep a code that was just made."""
    await conn.execute(
        f"INSERT INTO attendance_codes ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        code.id,
        code.measure_id,
        code.occasion_id,
        code.valid_from,
        code.valid_until,
        code.uses,
        code.used,
        code.made_by,
        code.made_at,
    )


async def code_for_update(conn: Connection, code_id: UUID) -> Code:
    """A code, locked until the transaction ends."""
    row = await conn.fetchrow(
        f"SELECT {_COLUMNS} FROM attendance_codes WHERE id = $1 FOR UPDATE", code_id
    )
    if row is None:
        raise unknown()
    return Code(**dict(row))


async def attend(conn: Connection, code: Code, application_id: UUID, now: datetime) -> None:
    """Write down that somebody took part; once for each occasion."""
    try:
        await conn.execute(
            "WITH u AS (UPDATE attendance_codes SET used = used + 1 WHERE id = $3)"
            " INSERT INTO attendances (application_id, occasion_id, code_id, at) VALUES ($1, $2, $3, $4)",
            application_id,
            code.occasion_id,
            code.id,
            now,
        )
    except UniqueViolation:
        raise Conflict("attendance-recorded", "この会への参加は、もう記録されています。") from None


async def attended_by(conn: Connection, application_id: UUID, at: datetime) -> bool:
    """Whether attendance was reported by an instant."""
    return bool(
        await conn.fetchval(
            "SELECT EXISTS (SELECT FROM attendances WHERE application_id = $1 AND at <= $2)",
            application_id,
            at,
        )
    )


async def expected(conn: Connection, measure_id: UUID, resident_id: UUID) -> list[UUID]:
    """Applications of a resident to a measure for which attendance counts still, the oldest first."""
    rows = await conn.fetch(
        "SELECT id FROM applications WHERE measure_id = $1 AND resident_id = $2"
        "   AND state = 'awaiting_participation' ORDER BY submitted_at, id",
        measure_id,
        resident_id,
    )
    return [row["id"] for row in rows]
