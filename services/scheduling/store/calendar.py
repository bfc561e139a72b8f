"""Days on which the desk is open otherwise."""

from datetime import date

from chassis.database import Connection
from services.scheduling.model.opening import Exceptional


async def exceptions(conn: Connection, since: date) -> dict[date, Exceptional]:
    """The exceptions from a day on, by their day."""
    rows = await conn.fetch(
        "SELECT day, opens, closes, reason FROM calendar_exceptions WHERE day >= $1"
        " ORDER BY day LIMIT 1000",
        since,
    )
    return {row["day"]: Exceptional(**dict(row)) for row in rows}


async def save_exception(conn: Connection, day: Exceptional) -> None:
    """Keep how a day differs, in place of what was kept about it."""
    await conn.execute(
        """
        INSERT INTO calendar_exceptions (day, opens, closes, reason) VALUES ($1, $2, $3, $4)
        ON CONFLICT (day) DO UPDATE
            SET opens = excluded.opens, closes = excluded.closes, reason = excluded.reason
        """,
        day.day,
        day.opens,
        day.closes,
        day.reason,
    )


async def forget_exception(conn: Connection, day: date) -> bool:
    """Let a day be as all others; whether it was not."""
    gone = await conn.fetchval("DELETE FROM calendar_exceptions WHERE day = $1 RETURNING true", day)
    return bool(gone)
