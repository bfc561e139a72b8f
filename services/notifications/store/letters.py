"""Letters and who has read them."""

from datetime import datetime
from uuid import UUID

from chassis.database import Connection, Record
from services.notifications.model.letter import Box, Letter


async def add_letter(conn: Connection, letter: Letter) -> bool:
    """Write a letter down; whether it is new."""
    added = await conn.fetchval(
        """
        INSERT INTO letters (letter_id, about, about_revision, template, template_version, language,
                             organisation_id, member_id, subject, text, by_mail, sealed,
                             link_until, written_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        ON CONFLICT DO NOTHING RETURNING true
        """,
        letter.letter_id,
        letter.cause.about,
        letter.cause.revision,
        letter.template,
        letter.version,
        letter.language,
        letter.box.organisation_id,
        letter.box.member_id,
        letter.subject,
        letter.text,
        letter.by_mail,
        letter.sealed,
        letter.link_until,
        letter.cause.at,
    )
    return bool(added)


async def said_about(conn: Connection, letter_id: UUID) -> Record:
    """The letter's next revision, drawn under its lock, and what a fact about it needs."""
    row = await conn.fetchrow(
        """
        UPDATE letters SET revision = revision + 1 WHERE letter_id = $1
        RETURNING letter_id, revision, about, about_revision, template, link_until
        """,
        letter_id,
    )
    assert row is not None  # a delivery refers to it
    return row


async def content_of(conn: Connection, letter_id: UUID) -> Record:
    """What a letter says, and where its link is found."""
    row = await conn.fetchrow(
        "SELECT subject, text, language, about, template, sealed FROM letters WHERE letter_id = $1",
        letter_id,
    )
    assert row is not None  # a delivery refers to it
    return row


async def link_until(conn: Connection, letter_id: UUID) -> datetime | None:
    """When the link in a letter is dead; None for a letter without one."""
    found: datetime | None = await conn.fetchval(
        "SELECT link_until FROM letters WHERE letter_id = $1", letter_id
    )
    return found


async def unmailed(conn: Connection, organisation_id: UUID) -> list[Record]:
    """Letters to an organisation that had nobody to be mailed to."""
    return await conn.fetch(
        """
        SELECT l.letter_id, l.written_at FROM letters l
         WHERE l.organisation_id = $1 AND l.member_id IS NULL AND l.by_mail
           AND NOT EXISTS (SELECT FROM deliveries d WHERE d.letter_id = l.letter_id)
         ORDER BY l.number
        """,
        organisation_id,
    )


async def letters_in_box(
    conn: Connection,
    organisation_id: UUID | None,
    member_id: UUID,
    *,
    unread: bool,
    before: int | None,
    limit: int,
) -> list[Record]:
    """The letter box of a member, or of a resident who has no organisation, newest first."""
    return await conn.fetch(
        """
        SELECT l.letter_id, l.number, l.subject, l.template, l.about, l.written_at, r.read_at
          FROM letters l LEFT JOIN readings r ON r.letter_id = l.letter_id AND r.member_id = $2
         WHERE ((l.organisation_id = $1 AND l.member_id IS NULL) OR l.member_id = $2
                OR l.letter_id IN (SELECT letter_id FROM letter_readers WHERE member_id = $2))
           AND ($3::bigint IS NULL OR l.number < $3)
           AND (NOT $4 OR r.read_at IS NULL)
         ORDER BY l.number DESC LIMIT $5
        """,
        organisation_id,
        member_id,
        before,
        unread,
        limit,
    )


async def unread_in_box(conn: Connection, organisation_id: UUID | None, member_id: UUID) -> int:
    """How many letters a member has not read."""
    count: int = await conn.fetchval(
        """
        SELECT count(*) FROM letters l
         WHERE ((l.organisation_id = $1 AND l.member_id IS NULL) OR l.member_id = $2
                OR l.letter_id IN (SELECT letter_id FROM letter_readers WHERE member_id = $2))
           AND NOT EXISTS (SELECT FROM readings r
                            WHERE r.letter_id = l.letter_id AND r.member_id = $2)
        """,
        organisation_id,
        member_id,
    )
    return count


async def letter(conn: Connection, letter_id: UUID, member_id: UUID) -> Record | None:
    """One letter, and when this member read it."""
    return await conn.fetchrow(
        """
        SELECT l.letter_id, l.subject, l.template, l.about, l.written_at, l.text, l.language,
               l.organisation_id, coalesce(l.member_id, s.member_id) AS member_id, r.read_at
          FROM letters l LEFT JOIN readings r ON r.letter_id = l.letter_id AND r.member_id = $2
          LEFT JOIN letter_readers s ON s.letter_id = l.letter_id AND s.member_id = $2
         WHERE l.letter_id = $1
        """,
        letter_id,
        member_id,
    )


def box_of(row: Record) -> Box:
    """In whose box a letter lies."""
    return Box(organisation_id=row["organisation_id"], member_id=row["member_id"])


async def mark_read(conn: Connection, letter_id: UUID, member_id: UUID, at: datetime) -> None:
    """Remember when a member first read a letter."""
    await conn.execute(
        "INSERT INTO readings (letter_id, member_id, read_at) VALUES ($1, $2, $3)"
        " ON CONFLICT DO NOTHING",
        letter_id,
        member_id,
        at,
    )


async def forget_links(conn: Connection, at: datetime) -> None:
    """Throw away links that are dead."""
    await conn.execute(
        "UPDATE letters SET sealed = NULL WHERE sealed IS NOT NULL AND link_until <= $1", at
    )
