"""Sessions and the counters at their door."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from chassis.database import Connection, Record
from services.identity.model.sessions import Session, SessionState
from services.identity.model.tries import Tries

_COLUMNS = """session_id, member_id, account_id, state, amr, created_at, last_seen_at, ends_at, notice, wrong_codes"""


def session_of(row: Record) -> Session:
    """The session a row holds."""
    return Session(
        id=row["session_id"],
        member_id=row["member_id"],
        account_id=row["account_id"],
        state=SessionState(row["state"]),
        amr=tuple(row["amr"]),
        created_at=row["created_at"],
        last_seen_at=row["last_seen_at"],
        ends_at=row["ends_at"],
        notice=row["notice"],
        wrong_codes=row["wrong_codes"],
    )


async def add_session(
    conn: Connection, s: Session, token_hash: bytes, address: str, user_agent: str
) -> None:
    """Keep a new session."""
    await conn.execute(
        """
        INSERT INTO sessions (session_id, member_id, account_id, token_hash, state, amr, created_at, last_seen_at,
                              ends_at, address, user_agent, notice)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        """,
        s.id,
        s.member_id,
        s.account_id,
        token_hash,
        s.state,
        list(s.amr),
        s.created_at,
        s.last_seen_at,
        s.ends_at,
        address,
        user_agent,
        s.notice,
    )


async def session_by_token(conn: Connection, token_hash: bytes) -> Session | None:
    """The session of that cookie."""
    row = await conn.fetchrow(f"SELECT {_COLUMNS} FROM sessions WHERE token_hash = $1", token_hash)
    return session_of(row) if row else None


async def session(conn: Connection, session_id: UUID) -> Session | None:
    """The session of that id."""
    row = await conn.fetchrow(f"SELECT {_COLUMNS} FROM sessions WHERE session_id = $1", session_id)
    return session_of(row) if row else None


async def see_session(conn: Connection, session_id: UUID, at: datetime) -> None:
    """Somebody is still there."""
    await conn.execute(
        "UPDATE sessions SET last_seen_at = $2 WHERE session_id = $1 AND state <> 'ended' AND last_seen_at < $2",
        session_id,
        at,
    )


async def step_up(
    conn: Connection, session_id: UUID, token_hash: bytes | None, at: datetime
) -> None:
    """The second factor was shown: the session is open, under a new cookie if one is given."""
    await conn.execute(
        """
        UPDATE sessions
           SET state = 'open', amr = ARRAY['pwd', 'otp'], token_hash = coalesce($2, token_hash), last_seen_at = $3,
               wrong_codes = 0
         WHERE session_id = $1 AND state <> 'ended'
        """,
        session_id,
        token_hash,
        at,
    )


async def count_wrong_code(conn: Connection, session_id: UUID) -> int:
    """One more wrong code; how many there were."""
    count: int = await conn.fetchval(
        "UPDATE sessions SET wrong_codes = wrong_codes + 1 WHERE session_id = $1 AND state <> 'ended'"
        " RETURNING wrong_codes",
        session_id,
    )
    return count


async def end_sessions(
    conn: Connection,
    reason: str,
    at: datetime,
    *,
    member_id: UUID | None = None,
    account_id: UUID | None = None,
    session_id: UUID | None = None,
    spare: UUID | None = None,
) -> list[UUID]:
    """End the sessions of a member, of an account, or one; all but ``spare``. Answers which."""
    rows = await conn.fetch(
        """
        UPDATE sessions SET state = 'ended', ended_at = $2, end_reason = $1
         WHERE state <> 'ended' AND (member_id = $3 OR account_id = $4 OR session_id = $5)
           AND session_id IS DISTINCT FROM $6
        RETURNING session_id
        """,
        reason,
        at,
        member_id,
        account_id,
        session_id,
        spare,
    )
    return [row["session_id"] for row in rows]


async def sessions_over(
    conn: Connection, idle_since: datetime, now: datetime, limit: int
) -> list[Session]:
    """Sessions that time has ended, locked; other copies take others."""
    rows = await conn.fetch(
        f"SELECT {_COLUMNS} FROM sessions WHERE state <> 'ended' AND (last_seen_at <= $1 OR ends_at <= $2)"
        " ORDER BY last_seen_at LIMIT $3 FOR UPDATE SKIP LOCKED",
        idle_since,
        now,
        limit,
    )
    return [session_of(row) for row in rows]


async def forget_sessions(conn: Connection, before: datetime) -> None:
    """Forget sessions that ended before ``before``."""
    await conn.execute("DELETE FROM sessions WHERE state = 'ended' AND ended_at < $1", before)


async def tries_for_update(
    conn: Connection, keys: Iterable[bytes], now: datetime
) -> dict[bytes, Tries]:
    """The counters with these keys, locked in the order of their keys; new ones are made."""
    rows = await conn.fetch(
        """
        INSERT INTO tries AS t (key, failures, failed_at)
        SELECT k, 0, $2 FROM unnest($1::bytea[]) k ORDER BY k
        ON CONFLICT (key) DO UPDATE SET failures = t.failures
        RETURNING t.key, t.failures, t.failed_at, t.turn_at
        """,
        sorted(keys),
        now,
    )
    return {row["key"]: Tries(**dict(row)) for row in rows}


async def save_tries(conn: Connection, tries: Sequence[Tries]) -> None:
    """Keep locked counters."""
    await conn.execute(
        """
        UPDATE tries t SET failures = n.failures, failed_at = n.failed_at, turn_at = n.turn_at
          FROM unnest($1::bytea[], $2::int[], $3::timestamptz[], $4::timestamptz[])
               AS n(key, failures, failed_at, turn_at)
         WHERE t.key = n.key
        """,
        [t.key for t in tries],
        [t.failures for t in tries],
        [t.failed_at for t in tries],
        [t.turn_at for t in tries],
    )


async def forgive(conn: Connection, cleared: list[bytes], eased: list[bytes]) -> None:
    """The knock was the owner's: clear these counters, and take the one failure counted before off those."""
    await conn.execute(
        """
        WITH locked AS (SELECT key FROM tries WHERE key = ANY($1::bytea[] || $2::bytea[]) ORDER BY key FOR UPDATE)
        UPDATE tries t SET failures = CASE WHEN t.key = ANY($1::bytea[]) THEN 0 ELSE greatest(t.failures - 1, 0) END
          FROM locked WHERE t.key = locked.key
        """,
        cleared,
        eased,
    )


async def forget_tries(conn: Connection, before: datetime) -> None:
    """Forget counters nobody moved since ``before``."""
    await conn.execute("DELETE FROM tries WHERE failed_at < $1", before)


async def session_for_update(conn: Connection, session_id: UUID) -> Session | None:
    """The session of that id, locked."""
    row = await conn.fetchrow(
        f"SELECT {_COLUMNS} FROM sessions WHERE session_id = $1 FOR UPDATE", session_id
    )
    return session_of(row) if row else None


async def set_notice(conn: Connection, session_id: UUID, notice: str) -> None:
    """Something to be told on the session's first page."""
    await conn.execute(
        "UPDATE sessions SET notice = $2 WHERE session_id = $1 AND state <> 'ended'",
        session_id,
        notice,
    )


async def address_of(conn: Connection, session_id: UUID) -> str:
    """From where the session was opened."""
    found: str | None = await conn.fetchval(
        "SELECT address FROM sessions WHERE session_id = $1", session_id
    )
    return found or ""
