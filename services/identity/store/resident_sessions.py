"""Where residents act: at home, or at a desk."""

from datetime import date, datetime
from uuid import UUID

from chassis.database import Connection, Record
from services.identity.model.residents import DESK_IDLE, Desk, Resident, ResidentSession
from services.identity.store.residents import resident_of

_COLUMNS = """session_id, resident_id, created_at, last_seen_at, ends_at, desk_id, terminal, account_id, staff_id,
    staff_session_id, ended_at"""


def _session(row: Record) -> ResidentSession:
    desk = (
        Desk(
            id=row["desk_id"],
            terminal=row["terminal"],
            account_id=row["account_id"],
            staff_id=row["staff_id"],
            staff_session_id=row["staff_session_id"],
        )
        if row["desk_id"]
        else None
    )
    return ResidentSession(
        id=row["session_id"],
        resident_id=row["resident_id"],
        created_at=row["created_at"],
        last_seen_at=row["last_seen_at"],
        ends_at=row["ends_at"],
        desk=desk,
        ended_at=row["ended_at"],
    )


async def add_session(conn: Connection, s: ResidentSession, token_hash: bytes) -> None:
    """Keep a new session."""
    desk = s.desk
    await conn.execute(
        """
        INSERT INTO resident_sessions (session_id, resident_id, token_hash, state, created_at, last_seen_at, ends_at,
                                       desk_id, terminal, account_id, staff_id, staff_session_id)
        VALUES ($1, $2, $3, 'open', $4, $5, $6, $7, $8, $9, $10, $11)
        """,
        s.id,
        s.resident_id,
        token_hash,
        s.created_at,
        s.last_seen_at,
        s.ends_at,
        desk.id if desk else None,
        desk.terminal if desk else None,
        desk.account_id if desk else None,
        desk.staff_id if desk else None,
        desk.staff_session_id if desk else None,
    )


async def visitor(
    conn: Connection, token_hash: bytes
) -> tuple[ResidentSession, Resident, bool] | None:
    """The session of a cookie with its resident, and whether the staff beside are still signed in."""
    row = await conn.fetchrow(
        """
        SELECT s, r, s.desk_id IS NULL OR EXISTS (
                   SELECT FROM sessions t WHERE t.session_id = s.staff_session_id AND t.state = 'open') AS helped
          FROM resident_sessions s JOIN residents r USING (resident_id) WHERE s.token_hash = $1
        """,
        token_hash,
    )
    return (_session(row["s"]), resident_of(row["r"]), row["helped"]) if row else None


async def session_for_update(conn: Connection, session_id: UUID) -> ResidentSession | None:
    """The session of that id, locked."""
    row = await conn.fetchrow(
        f"SELECT {_COLUMNS} FROM resident_sessions WHERE session_id = $1 FOR UPDATE", session_id
    )
    return _session(row) if row else None


async def see_session(conn: Connection, session_id: UUID, at: datetime) -> None:
    """Somebody is still there."""
    await conn.execute(
        "UPDATE resident_sessions SET last_seen_at = $2"
        " WHERE session_id = $1 AND state = 'open' AND last_seen_at < $2",
        session_id,
        at,
    )


async def end_sessions(
    conn: Connection,
    reason: str,
    at: datetime,
    *,
    session_id: UUID | None = None,
    resident_id: UUID | None = None,
    staff_session_id: UUID | None = None,
    terminal: tuple[UUID, str] | None = None,
    spare: UUID | None = None,
) -> list[UUID]:
    """End one session, a resident's, or those at a terminal or beside staff, but ``spare``; answers which."""
    account_id, name = terminal or (None, None)
    rows = await conn.fetch(
        """
        UPDATE resident_sessions SET state = 'ended', ended_at = $2, end_reason = $1
         WHERE state = 'open' AND (session_id = $3 OR resident_id = $4 OR staff_session_id = $5
                                   OR (account_id = $6 AND terminal = $7))
           AND session_id IS DISTINCT FROM $8
        RETURNING session_id
        """,
        reason,
        at,
        session_id,
        resident_id,
        staff_session_id,
        account_id,
        name,
        spare,
    )
    return [row["session_id"] for row in rows]


async def sessions_over(
    conn: Connection, idle_since: datetime, now: datetime, limit: int
) -> list[ResidentSession]:
    """Sessions that time has ended, locked; other copies take others."""
    rows = await conn.fetch(
        f"SELECT {_COLUMNS} FROM resident_sessions WHERE state = 'open' AND (ends_at <= $2 OR last_seen_at <="
        " CASE WHEN desk_id IS NULL THEN $1 ELSE $4::timestamptz END)"
        " ORDER BY last_seen_at LIMIT $3 FOR UPDATE SKIP LOCKED",
        idle_since,
        now,
        limit,
        now - DESK_IDLE,
    )
    return [_session(row) for row in rows]


async def helped_on(conn: Connection, staff_session_id: UUID, account_id: UUID, day: date) -> int:
    """How many people an organisation's desks have helped on a day of Japan."""
    count: int = await conn.fetchval(
        "SELECT count(*) FROM resident_sessions WHERE account_id = $1 AND staff_session_id = $3"
        " AND (created_at AT TIME ZONE 'Asia/Tokyo')::date = $2",
        account_id,
        day,
        staff_session_id,
    )
    return count


async def open_of(conn: Connection, resident_id: UUID) -> list[ResidentSession]:
    """A resident's sessions that nobody has ended, the one that was used last first."""
    rows = await conn.fetch(
        f"SELECT {_COLUMNS} FROM resident_sessions WHERE resident_id = $1 AND state = 'open'"
        " ORDER BY last_seen_at DESC, session_id",
        resident_id,
    )
    return [_session(row) for row in rows]


async def open_at(conn: Connection, staff_session_id: UUID) -> ResidentSession | None:
    """Who is being helped by this session of staff now."""
    row = await conn.fetchrow(
        f"SELECT {_COLUMNS} FROM resident_sessions"
        " WHERE staff_session_id = $1 AND desk_id IS NOT NULL AND state = 'open'",
        staff_session_id,
    )
    return _session(row) if row else None


async def forget_sessions(conn: Connection, before: datetime) -> None:
    """Forget sessions that ended before ``before``; desks keep theirs as long as their proofs matter."""
    await conn.execute(
        "DELETE FROM resident_sessions WHERE state = 'ended' AND ended_at < $1 AND desk_id IS NULL",
        before,
    )
