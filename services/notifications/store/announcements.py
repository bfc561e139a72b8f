"""Announcements: their words in each language, and how far they have spread."""

from datetime import datetime
from uuid import UUID

from chassis.database import Connection, Record
from services.notifications.model.announcement import Announcement
from services.notifications.model.writing import Writing


async def add_announcement(conn: Connection, made: Announcement) -> bool:
    """Write an announcement down; whether it is new."""
    added = await conn.fetchval(
        """
        INSERT INTO announcements (announcement_id, about, about_revision, kind, template, urgent, audience,
                                   facets, corrects, announced_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT DO NOTHING RETURNING true
        """,
        made.announcement_id,
        made.cause.about,
        made.cause.revision,
        made.kind,
        made.template,
        made.urgent,
        sorted(made.audience),
        made.said,
        made.corrects,
        made.cause.at,
    )
    return bool(added)


async def add_words(
    conn: Connection, made: Announcement, language: str, letter_id: UUID, words: Writing
) -> None:
    """What an announcement says in one language."""
    await conn.execute(
        """
        INSERT INTO announcement_texts (announcement_id, language, letter_id, subject, summary, address,
                                        written_in)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        """,
        made.announcement_id,
        language,
        letter_id,
        words.subject,
        words.summary,
        made.address,
        words.language,
    )
    await conn.execute(
        "UPDATE letters SET announcement_id = $2 WHERE letter_id = $1",
        letter_id,
        made.announcement_id,
    )


async def last_summaries(conn: Connection, about: str) -> dict[str, str]:
    """What was last announced about a subject, in one line for each language."""
    rows = await conn.fetch(
        """
        SELECT t.language, t.summary FROM announcement_texts t
         WHERE t.announcement_id = (SELECT announcement_id FROM announcements WHERE about = $1
                                     ORDER BY about_revision DESC LIMIT 1)
        """,
        about,
    )
    return {row["language"]: row["summary"] for row in rows}


async def spreading_for_update(conn: Connection) -> Record | None:
    """The next announcement that has not reached all its readers, locked; others' are left to them."""
    return await conn.fetchrow(
        """
        SELECT announcement_id, number, urgent, audience, facets, corrects, spread_to, announced_at
          FROM announcements a
         WHERE spread_at IS NULL
           -- A correction waits until what it corrects has spread: only then is it known who was told.
           AND NOT EXISTS (SELECT FROM announcements o
                            WHERE o.about = a.corrects AND o.number < a.number
                              AND o.spread_at IS NULL)
         ORDER BY urgent DESC, number LIMIT 1
           FOR UPDATE SKIP LOCKED
        """
    )


async def save_spread(
    conn: Connection, announcement_id: UUID, spread_to: UUID | None, at: datetime
) -> None:
    """Remember how far an announcement has come; without ``spread_to`` it has reached everybody."""
    await conn.execute(
        """
        UPDATE announcements SET spread_to = coalesce($2, spread_to),
                                 spread_at = CASE WHEN $2::uuid IS NULL THEN $3::timestamptz END
         WHERE announcement_id = $1
        """,
        announcement_id,
        spread_to,
        at,
    )


async def announcements(
    conn: Connection, *, about: str | None, before: int | None, limit: int
) -> list[Record]:
    """Announcements with their Japanese subject, newest first."""
    return await conn.fetch(
        """
        SELECT a.announcement_id, a.number, a.about, a.about_revision, a.kind, a.urgent, a.audience, a.facets,
               a.corrects, a.announced_at, a.spread_at, t.subject, t.summary, t.address,
               ARRAY(SELECT x.language FROM announcement_texts x
                      WHERE x.announcement_id = a.announcement_id AND x.written_in <> x.language
                      ORDER BY x.language) AS missing
          FROM announcements a JOIN announcement_texts t USING (announcement_id)
         WHERE t.language = 'ja' AND ($1::text IS NULL OR a.about = $1)
           AND ($2::bigint IS NULL OR a.number < $2)
         ORDER BY a.number DESC LIMIT $3
        """,
        about,
        before,
        limit,
    )
