"""Tries to send, and the copies of the job that make them."""

from datetime import datetime, timedelta
from uuid import UUID

from chassis.database import Connection, Record
from services.notifications.model.delivery import Delivery, Outcome


async def add_attempts(
    conn: Connection, mails: list[Delivery], sender_id: UUID, at: datetime
) -> None:
    """A row for each mail that is about to be tried; the primary key lets nobody else try it."""
    await conn.executemany(
        "INSERT INTO attempts (delivery_id, attempt, sender_id, asked_by, claimed_at)"
        " VALUES ($1, $2, $3, $4, $5)",
        [(m.delivery_id, m.attempts, sender_id, m.asked_by, at) for m in mails],
    )


async def mark_handed(conn: Connection, delivery_id: UUID, attempt: int, at: datetime) -> bool:
    """Leave to give the text to the server; False once somebody has declared the try dead."""
    marked = await conn.fetchval(
        """
        UPDATE attempts SET handed_at = $3
         WHERE delivery_id = $1 AND attempt = $2 AND handed_at IS NULL AND outcome IS NULL
        RETURNING true
        """,
        delivery_id,
        attempt,
        at,
    )
    return bool(marked)


async def end_attempt(
    conn: Connection, delivery_id: UUID, attempt: int, outcome: Outcome, answer: str, at: datetime
) -> bool:
    """Write down how a try ended; an answer that comes late replaces only not knowing."""
    ended = await conn.fetchval(
        """
        UPDATE attempts SET outcome = $3, answer = $4, finished_at = $5
         WHERE delivery_id = $1 AND attempt = $2 AND (outcome IS NULL OR outcome = 'unknown')
        RETURNING true
        """,
        delivery_id,
        attempt,
        outcome,
        answer,
        at,
    )
    return bool(ended)


async def give_up_attempt(
    conn: Connection, delivery_id: UUID, attempt: int, at: datetime
) -> Outcome | None:
    """Declare a try dead whose copy of the job is gone: not sent, or nobody knows."""
    outcome = await conn.fetchval(
        """
        UPDATE attempts
           SET outcome = CASE WHEN handed_at IS NULL THEN 'not_sent' ELSE 'unknown' END,
               finished_at = $3
         WHERE delivery_id = $1 AND attempt = $2 AND outcome IS NULL
        RETURNING outcome
        """,
        delivery_id,
        attempt,
        at,
    )
    return Outcome(outcome) if outcome else None


async def orphans(
    conn: Connection, sender_id: UUID, under_way: list[UUID], silence: timedelta
) -> list[Record]:
    """Tries nobody is at any more: of copies that fell silent, and of ``sender_id`` itself."""
    return await conn.fetch(
        """
        SELECT a.delivery_id, a.attempt
          FROM attempts a LEFT JOIN senders s USING (sender_id)
         WHERE a.outcome IS NULL
           AND CASE WHEN a.sender_id = $1
                    THEN a.delivery_id <> ALL ($2) AND a.claimed_at < clock_timestamp() - $3::interval
                    ELSE s.seen_at IS NULL OR s.seen_at < clock_timestamp() - $3::interval
               END
         ORDER BY a.claimed_at LIMIT 100
        """,
        sender_id,
        under_way,
        silence,
    )


async def alive(conn: Connection, sender_id: UUID) -> None:
    """Say that a copy of the job is there."""
    await conn.execute(
        """
        INSERT INTO senders (sender_id, seen_at) VALUES ($1, clock_timestamp())
        ON CONFLICT (sender_id) DO UPDATE SET seen_at = excluded.seen_at
        """,
        sender_id,
    )


async def forget_senders(conn: Connection) -> None:
    """Forget copies that are long gone and left nothing open."""
    await conn.execute(
        """
        DELETE FROM senders s
         WHERE s.seen_at < clock_timestamp() - interval '1 day'
           AND NOT EXISTS (SELECT FROM attempts a
                            WHERE a.sender_id = s.sender_id AND a.outcome IS NULL)
        """
    )


async def attempts_of(conn: Connection, delivery_id: UUID) -> list[Record]:
    """Every try of one mail."""
    return await conn.fetch(
        """
        SELECT attempt, asked_by, claimed_at, handed_at, finished_at, outcome, answer
          FROM attempts WHERE delivery_id = $1 ORDER BY attempt
        """,
        delivery_id,
    )
