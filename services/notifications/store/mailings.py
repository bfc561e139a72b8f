"""Letters to many organisations: what was asked, and how far each row is."""

from datetime import date, datetime
from uuid import UUID

from chassis.database import Connection, Record


async def used_for_update(conn: Connection, organisation_id: UUID, day: date) -> int:
    """How many letters an organisation had written on a day; nobody else counts before this transaction ends."""
    await conn.execute(
        "INSERT INTO letter_quotas (organisation_id, day, used) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING",
        organisation_id,
        day,
    )
    used: int = await conn.fetchval(
        "SELECT used FROM letter_quotas WHERE organisation_id = $1 AND day = $2 FOR UPDATE",
        organisation_id,
        day,
    )
    return used


async def used(conn: Connection, organisation_id: UUID, day: date) -> int:
    """How many letters an organisation had written on a day."""
    found: int | None = await conn.fetchval(
        "SELECT used FROM letter_quotas WHERE organisation_id = $1 AND day = $2",
        organisation_id,
        day,
    )
    return found or 0


async def save_used(conn: Connection, organisation_id: UUID, day: date, count: int) -> None:
    """Count letters of a day."""
    await conn.execute(
        "UPDATE letter_quotas SET used = $3 WHERE organisation_id = $1 AND day = $2",
        organisation_id,
        day,
        count,
    )


async def add_mailing(
    conn: Connection, mailing_id: UUID, *, organisation_id: UUID, asked_by: str, title: str,
    words: str, organisations: list[UUID], at: datetime,
) -> None:  # fmt: skip
    """Write down what was asked, with a row for each organisation."""
    await conn.execute(
        """
        INSERT INTO mailings (mailing_id, organisation_id, asked_by, title, words, rows, asked_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        """,
        mailing_id,
        organisation_id,
        asked_by,
        title,
        words,
        len(organisations),
        at,
    )
    await conn.execute(
        """
        INSERT INTO mailing_rows (mailing_id, row, organisation_id, state)
        SELECT $1, row, organisation_id, 'waiting'
          FROM unnest($2::uuid[]) WITH ORDINALITY AS o(organisation_id, row)
        """,
        mailing_id,
        organisations,
    )


async def waiting_for_update(conn: Connection, limit: int) -> list[Record]:
    """The next rows to be written, locked; another copy's are left to it."""
    return await conn.fetch(
        """
        SELECT r.mailing_id, r.row, r.organisation_id, m.title, m.words, m.asked_at, o.closed,
               (o.organisation_id IS NOT NULL) AS known
          FROM mailing_rows r JOIN mailings m USING (mailing_id)
          LEFT JOIN organisations o ON o.organisation_id = r.organisation_id
         WHERE r.state = 'waiting' ORDER BY m.number, r.row LIMIT $1
           FOR UPDATE OF r SKIP LOCKED
        """,
        limit,
    )


async def save_row(
    conn: Connection, mailing_id: UUID, row: int, state: str, letter_id: UUID | None
) -> None:
    """How a row ended."""
    await conn.execute(
        "UPDATE mailing_rows SET state = $3, letter_id = $4 WHERE mailing_id = $1 AND row = $2",
        mailing_id,
        row,
        state,
        letter_id,
    )


async def mailing(conn: Connection, mailing_id: UUID) -> Record | None:
    """One mailing, how far it is, and where its mails are."""
    return await conn.fetchrow(
        """
        SELECT m.mailing_id, m.organisation_id, m.title, m.words, m.rows, m.asked_by, m.asked_at,
               count(DISTINCT r.row) FILTER (WHERE r.state = 'waiting') AS waiting,
               count(DISTINCT r.row) FILTER (WHERE r.state = 'written') AS written,
               count(DISTINCT r.row) FILTER (WHERE r.state NOT IN ('waiting', 'written')) AS not_written,
               count(d.delivery_id) AS mails,
               count(d.delivery_id) FILTER (WHERE d.state = 'sent') AS delivered,
               count(d.delivery_id) FILTER (WHERE d.state = 'failed') AS failed,
               count(d.delivery_id) FILTER (WHERE d.state NOT IN ('sent', 'failed')) AS pending
          FROM mailings m JOIN mailing_rows r USING (mailing_id)
          LEFT JOIN deliveries d ON d.letter_id = r.letter_id
         WHERE m.mailing_id = $1 GROUP BY m.mailing_id
        """,
        mailing_id,
    )


async def mailing_rows(
    conn: Connection, mailing_id: UUID, *, after: int, limit: int
) -> list[Record]:
    """Rows of a mailing in their order, each with where its mails are."""
    return await conn.fetch(
        """
        SELECT r.row, r.organisation_id, o.name AS organisation_name, r.state, r.letter_id,
               ARRAY(SELECT d.state FROM deliveries d WHERE d.letter_id = r.letter_id ORDER BY d.number) AS mails
          FROM mailing_rows r LEFT JOIN organisations o USING (organisation_id)
         WHERE r.mailing_id = $1 AND r.row > $2::bigint ORDER BY r.row LIMIT $3
        """,
        mailing_id,
        after,
        limit,
    )
