"""Digests: windows that are closed once, and one digest for each person and window, ever."""

from datetime import datetime
from uuid import UUID

from chassis.database import Connection, Record
from services.notifications.store.quiet import due


async def is_open(conn: Connection, frequency: str, ends_at: datetime) -> bool:
    """Whether a window still takes what is told; it cannot be closed before this transaction ends."""
    await conn.execute(
        "INSERT INTO digest_windows (frequency, ends_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        frequency,
        ends_at,
    )
    closed_at = await conn.fetchval(
        "SELECT closed_at FROM digest_windows WHERE frequency = $1 AND ends_at = $2 FOR SHARE",
        frequency,
        ends_at,
    )
    return closed_at is None


async def close_windows(conn: Connection, at: datetime) -> None:
    """Close every window whose end has come; waits for those who are still telling into it."""
    await conn.execute(
        "UPDATE digest_windows SET closed_at = $1 WHERE ends_at <= $1 AND closed_at IS NULL", at
    )


async def closed_for_update(conn: Connection) -> Record | None:
    """The oldest closed window whose digests are not all written, locked; others' are left to them."""
    return await conn.fetchrow(
        """
        SELECT frequency, ends_at FROM digest_windows
         WHERE closed_at IS NOT NULL AND made_at IS NULL
         ORDER BY ends_at LIMIT 1 FOR UPDATE SKIP LOCKED
        """
    )


async def finish_window(conn: Connection, frequency: str, ends_at: datetime, at: datetime) -> None:
    """Every digest of a window is written."""
    await conn.execute(
        "UPDATE digest_windows SET made_at = $3 WHERE frequency = $1 AND ends_at = $2",
        frequency,
        ends_at,
        at,
    )


async def due_readers(
    conn: Connection, frequency: str, ends_at: datetime, limit: int
) -> list[Record]:
    """Readers of a window who have no digest yet, grouped by what they are told and in which language."""
    return await conn.fetch(
        """
        WITH next AS (
            SELECT DISTINCT subscriber_id FROM tellings
             WHERE frequency = $1 AND window_ends_at = $2 AND delivery_id IS NULL AND dropped IS NULL
             ORDER BY subscriber_id LIMIT $3
        ), each AS (
            SELECT t.subscriber_id, max(t.language) AS language,
                   array_agg(t.announcement_id ORDER BY a.number) AS announcements
              FROM next JOIN tellings t USING (subscriber_id) JOIN announcements a USING (announcement_id)
             WHERE t.frequency = $1 AND t.window_ends_at = $2 AND t.delivery_id IS NULL AND t.dropped IS NULL
             GROUP BY t.subscriber_id
        )
        SELECT language, announcements, array_agg(subscriber_id) AS readers FROM each
         GROUP BY language, announcements
        """,
        frequency,
        ends_at,
        limit,
    )


async def words_of(conn: Connection, announcements: list[UUID], language: str) -> list[Record]:
    """One line and an address for each of some announcements, in their order."""
    return await conn.fetch(
        """
        SELECT t.summary, t.address FROM unnest($1::uuid[]) WITH ORDINALITY AS n(announcement_id, place)
          JOIN announcement_texts t USING (announcement_id)
         WHERE t.language = $2 ORDER BY n.place
        """,
        announcements,
        language,
    )


async def add_digests(
    conn: Connection, frequency: str, ends_at: datetime, letter_id: UUID, readers: list[UUID],
    at: datetime,
) -> None:  # fmt: skip
    """A digest and its mail for each of some readers of the same letter."""
    await conn.execute(
        f"""
        WITH made AS (
            INSERT INTO digests (subscriber_id, frequency, window_ends_at, letter_id, delivery_id)
            SELECT r, $1, $2, $3, md5($3::uuid::text || r::text)::uuid FROM unnest($4::uuid[]) r
            RETURNING subscriber_id, delivery_id
        ), told AS (
            UPDATE tellings t SET delivery_id = m.delivery_id FROM made m
             WHERE t.subscriber_id = m.subscriber_id AND t.frequency = $1 AND t.window_ends_at = $2
               AND t.delivery_id IS NULL AND t.dropped IS NULL
        ), boxed AS (
            INSERT INTO letter_readers (member_id, letter_id)
            SELECT m.subscriber_id, $3 FROM made m JOIN contacts o ON o.contact_id = m.subscriber_id
        )
        INSERT INTO deliveries (delivery_id, letter_id, contact_id, name, address, state, reason, due_at, send_by,
                                queued_at, finished_at, wide)
        SELECT c.delivery_id, $3, c.subscriber_id, coalesce(o.name, ''), c.address,
               CASE WHEN c.address IS NULL THEN 'failed' ELSE 'waiting' END,
               CASE WHEN c.address IS NULL THEN 'address' END,
               CASE WHEN c.address IS NOT NULL THEN h.due_at END,
               h.due_at + interval '72 hours', $5, CASE WHEN c.address IS NULL THEN $5::timestamptz END, true
          FROM (SELECT m.*, s.quiet_from, s.quiet_until, coalesce(k.address, s.address) AS address
                  FROM made m LEFT JOIN subscribers s USING (subscriber_id)
                  LEFT JOIN contacts k ON k.contact_id = m.subscriber_id) c
          LEFT JOIN contacts o ON o.contact_id = c.subscriber_id
          CROSS JOIN LATERAL (SELECT {due("$5", "false")} AS due_at) h
        """,
        frequency,
        ends_at,
        letter_id,
        readers,
        at,
    )
