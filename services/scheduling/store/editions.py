"""Editions of sessions: what could be read of each at a time."""

from datetime import datetime
from uuid import UUID

from chassis.database import Connection
from services.scheduling.model.session import Session
from services.scheduling.store.sessions import COLUMNS, found


async def add_edition(conn: Connection, session_id: UUID, known_from: datetime) -> None:
    """Keep what can be read of a session from an instant on, beside all that could be before.

    Whatever the instant is called that something counts from: nobody read of it before what was said last.
    """
    await conn.execute(
        f"""
        INSERT INTO session_editions ({COLUMNS}, known_from)
        SELECT {COLUMNS}, greatest($2, (SELECT max(known_from) FROM session_editions WHERE id = $1))
          FROM sessions WHERE id = $1
        """,
        session_id,
        known_from,
    )


async def session_at(conn: Connection, session_id: UUID, at: datetime) -> Session:
    """A session as it could be read at an instant."""
    row = await conn.fetchrow(
        f"""
        SELECT {COLUMNS} FROM session_editions WHERE id = $1 AND known_from <= $2
         ORDER BY revision DESC LIMIT 1
        """,
        session_id,
        at,
    )
    return found(row)
