"""Which edition of a notice stands on the site when: on two time axes, nothing is forgotten."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.database import Connection, Record


async def plan(
    conn: Connection,
    notice_id: UUID,
    edition: int,
    *,
    from_at: datetime,
    until_at: datetime | None,
    now: datetime,
) -> None:
    """An edition stands, or will stand, from one instant to another."""
    await conn.execute(
        """
        INSERT INTO notice_showings (notice_id, edition, from_at, until_at, known_from)
        VALUES ($1, $2, $3, $4, $5)
        """,
        notice_id,
        edition,
        from_at,
        until_at,
        now,
    )


async def unplan(conn: Connection, notice_id: UUID, now: datetime) -> None:
    """What was planned is not to be."""
    await conn.execute(
        """
        UPDATE notice_showings SET known_until = greatest($2, known_from)
         WHERE notice_id = $1 AND known_until IS NULL
        """,
        notice_id,
        now,
    )


async def cut(conn: Connection, notice_id: UUID, at: datetime, now: datetime) -> None:
    """What stands at ``at`` stands until then only; what was to follow is not to be."""
    await conn.execute(
        """
        WITH closed AS (
            UPDATE notice_showings SET known_until = greatest($3, known_from)
             WHERE notice_id = $1 AND known_until IS NULL AND (until_at IS NULL OR until_at > $2)
            RETURNING edition, from_at
        )
        INSERT INTO notice_showings (notice_id, edition, from_at, until_at, known_from)
        SELECT $1, edition, from_at, $2, $3 FROM closed WHERE from_at < $2
        """,
        notice_id,
        at,
        now,
    )


@dataclass(frozen=True, slots=True)
class Moment:
    """The instant whose site is wanted, and what was known of it when."""

    at: datetime
    #: Whether it is now; of the present, states decide with the clock.
    present: bool
    known_at: datetime | None = None


_SHOWN = """
    SELECT n.id, n.publish_at, n.take_down_at, n.amends_id, n.amendment, n.maintenance_id, n.version, n.origin,
           e.number AS edition, e.category, e.audience, e.texts, e.links
      FROM notices_shown($1, $2, $3) s
      JOIN notices n ON n.id = s.notice_id
      JOIN notice_editions e ON e.notice_id = s.notice_id AND e.number = s.edition
     WHERE e.audience = ANY($4::text[])
"""
_AMENDED = """
    SELECT a.amends_id, a.id, a.amendment, a.publish_at, ae.texts
      FROM notices_shown($1, $2, $3) s
      JOIN notices a ON a.id = s.notice_id
      JOIN notice_editions ae ON ae.notice_id = s.notice_id AND ae.number = s.edition
     WHERE ae.audience = ANY($4::text[]) AND a.amends_id IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which notices."""

    moment: Moment
    audiences: tuple[str, ...]
    category: str | None = None
    year: int | None = None
    after: tuple[datetime, UUID] | None = None
    limit: int = 20


async def page(conn: Connection, wanted: Wanted) -> list[Record]:
    """What stood or stands then, the newest first; one more than asked for where there is more.

    Each row knows how many there are, which notice it amends and which amends it.
    """
    at, last = wanted.after or (None, None)
    return await conn.fetch(
        f"""
        WITH shown AS ({_SHOWN}), amended AS ({_AMENDED}), wanted AS (
            SELECT *, count(*) OVER () AS total FROM shown
             WHERE ($5::text IS NULL OR category = $5)
               AND ($6::int IS NULL OR extract(year FROM publish_at AT TIME ZONE 'Asia/Tokyo') = $6)
        )
        SELECT w.*, o.texts AS amends_texts, o.id AS amends_shown, a.id AS amended_by,
               a.amendment AS amended_how, a.texts AS amended_texts
          FROM wanted w
          LEFT JOIN shown o ON o.id = w.amends_id
          LEFT JOIN amended a ON a.amends_id = w.id
         WHERE $7::timestamptz IS NULL OR (w.publish_at, w.id) < ($7, $8::uuid)
         ORDER BY w.publish_at DESC, w.id DESC
         LIMIT $9
        """,
        *_instant(wanted.moment),
        list(wanted.audiences),
        wanted.category,
        wanted.year,
        at,
        last,
        wanted.limit + 1,
    )


async def one(
    conn: Connection, moment: Moment, audiences: tuple[str, ...], notice_id: UUID
) -> Record | None:
    """One notice as it stood or stands then."""
    rows = await conn.fetch(
        f"""
        WITH shown AS ({_SHOWN}), amended AS ({_AMENDED})
        SELECT w.*, o.texts AS amends_texts, o.id AS amends_shown, a.id AS amended_by,
               a.amendment AS amended_how, a.texts AS amended_texts
          FROM shown w
          LEFT JOIN shown o ON o.id = w.amends_id
          LEFT JOIN amended a ON a.amends_id = w.id
         WHERE w.id = $5
        """,
        *_instant(moment),
        list(audiences),
        notice_id,
    )
    return rows[0] if rows else None


async def changed_at(conn: Connection, notice_ids: list[UUID]) -> dict[UUID, datetime]:
    """When the words of each notice were mended last, as far as they were."""
    rows = await conn.fetch(
        """
        SELECT notice_id, max(at) AS at FROM notice_steps
         WHERE notice_id = ANY($1::uuid[]) AND act = 'changed' GROUP BY notice_id
        """,
        notice_ids,
    )
    return {row["notice_id"]: row["at"] for row in rows}


async def next_change(conn: Connection, now: datetime) -> datetime | None:
    """When the site changes next by itself, as far as it is planned; what is overdue counts as now."""
    found: datetime | None = await conn.fetchval(
        """
        SELECT min(due) FROM (
            SELECT publish_at AS due FROM notices WHERE state = 'scheduled'
            UNION ALL
            SELECT take_down_at FROM notices WHERE state = 'published' AND take_down_at IS NOT NULL
        ) planned
        """
    )
    return max(found, now) if found else None


def _instant(moment: Moment) -> tuple[datetime, bool, datetime | None]:
    return moment.at, moment.present, moment.known_at
