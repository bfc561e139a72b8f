"""Who signed up for which session, in the order of arrival."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from chassis.database import Connection, Record
from chassis.refusal import NotFound

_COLUMNS = "id, session_id, number, organisation_id, member_id, state, signed_up_at, state_since"


@dataclass(frozen=True, slots=True)
class SignUp:
    """Somebody's sign-up for a session: ``seated``, ``waiting`` or ``withdrawn``."""

    id: UUID
    session_id: UUID
    #: The order of arrival.
    number: int
    organisation_id: UUID
    member_id: UUID
    state: str
    signed_up_at: datetime
    state_since: datetime


async def add_sign_up(
    conn: Connection,
    sign_up_id: UUID,
    session_id: UUID,
    *,
    organisation_id: UUID,
    member_id: UUID,
    state: str,
    at: datetime,
) -> SignUp:
    """Keep a sign-up under the next number; the session must be locked."""
    row = await conn.fetchrow(
        f"""
        INSERT INTO sign_ups ({_COLUMNS})
        SELECT $1, $2, coalesce(max(number), 0) + 1, $3, $4, $5, $6, $6
          FROM sign_ups WHERE session_id = $2
        RETURNING {_COLUMNS}
        """,
        sign_up_id,
        session_id,
        organisation_id,
        member_id,
        state,
        at,
    )
    assert row is not None
    return _sign_up(row)


async def set_state(conn: Connection, sign_up_id: UUID, state: str, at: datetime) -> None:
    """Seat somebody, or let them go."""
    await conn.execute(
        "UPDATE sign_ups SET state = $2, state_since = $3 WHERE id = $1", sign_up_id, state, at
    )


async def to_remind(conn: Connection, at: datetime, before: timedelta, limit: int) -> list[SignUp]:
    """Who is to be reminded of the session that comes next, which is locked; what another copy has is left to it.

    Who came within the time a reminder is sent before knows of it, and nobody is reminded of what has begun.
    """
    rows = await conn.fetch(
        f"""
        WITH near AS (
            SELECT s.id, s.starts_at FROM sessions s
             WHERE s.state IN ('published', 'registration_open', 'full', 'closed')
               AND s.starts_at > $1 AND s.starts_at <= $1 + $2::interval
               AND EXISTS (SELECT FROM sign_ups u WHERE u.session_id = s.id AND u.state = 'seated'
                              AND u.state_since <= s.starts_at - $2::interval
                              AND u.reminded_for IS DISTINCT FROM s.starts_at)
             ORDER BY s.starts_at, s.id LIMIT 1 FOR UPDATE SKIP LOCKED
        ), chosen AS (
            SELECT u.id, near.starts_at FROM sign_ups u JOIN near ON near.id = u.session_id
             WHERE u.state = 'seated' AND u.state_since <= near.starts_at - $2::interval
               AND u.reminded_for IS DISTINCT FROM near.starts_at
             ORDER BY u.number LIMIT $3
        )
        UPDATE sign_ups u SET reminded_for = chosen.starts_at FROM chosen
         WHERE u.id = chosen.id
            -- Another copy may have reminded them between what we saw and our lock.
           AND u.state = 'seated' AND u.reminded_for IS DISTINCT FROM chosen.starts_at
        RETURNING {", ".join(f"u.{name}" for name in _COLUMNS.split(", "))}
        """,
        at,
        before,
        limit,
    )
    return sorted(map(_sign_up, rows), key=lambda found: found.number)


async def sign_up(conn: Connection, sign_up_id: UUID) -> SignUp:
    """A sign-up, by its id."""
    row = await conn.fetchrow(f"SELECT {_COLUMNS} FROM sign_ups WHERE id = $1", sign_up_id)
    if row is None:
        raise NotFound("no-such-sign-up", "この申込みは見つかりません。")
    return _sign_up(row)


async def first_waiting(conn: Connection, session_id: UUID) -> SignUp | None:
    """Who has waited longest."""
    row = await conn.fetchrow(
        f"SELECT {_COLUMNS} FROM sign_ups WHERE session_id = $1 AND state = 'waiting'"
        " ORDER BY number LIMIT 1",
        session_id,
    )
    return _sign_up(row) if row else None


async def place_in_line(conn: Connection, found: SignUp) -> int | None:
    """How many wait up to and with this one; None for one who does not wait."""
    if found.state != "waiting":
        return None
    query = (
        "SELECT count(*) FROM sign_ups WHERE session_id = $1 AND state = 'waiting' AND number <= $2"
    )
    return int(await conn.fetchval(query, found.session_id, found.number))


async def sign_ups_of(conn: Connection, member_id: UUID) -> list[SignUp]:
    """What somebody signed up for, the latest first."""
    rows = await conn.fetch(
        f"SELECT {_COLUMNS} FROM sign_ups WHERE member_id = $1"
        " ORDER BY signed_up_at DESC, id LIMIT 100",
        member_id,
    )
    return [_sign_up(row) for row in rows]


async def sign_ups_for(
    conn: Connection, session_id: UUID, *, after: int, limit: int
) -> list[SignUp]:
    """Who signed up for a session, in the order of arrival."""
    rows = await conn.fetch(
        f"SELECT {_COLUMNS} FROM sign_ups WHERE session_id = $1 AND number > $2"
        " ORDER BY number LIMIT $3",
        session_id,
        after,
        limit,
    )
    return [_sign_up(row) for row in rows]


def _sign_up(row: Record) -> SignUp:
    return SignUp(**dict(row))
