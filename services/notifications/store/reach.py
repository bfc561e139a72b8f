"""How far letters reached: what was intended is delivered, failed with its reason, or pending; always."""

from collections.abc import Sequence
from uuid import UUID

from chassis.database import Connection, Record


async def by_template(conn: Connection) -> list[Record]:
    """For each kind of letter: how many mails were meant, and where they are."""
    return await conn.fetch(
        """
        SELECT l.template, (array_agg(l.subject ORDER BY l.number DESC))[1] AS subject,
               sum(d.intended)::bigint AS intended, sum(d.delivered)::bigint AS delivered,
               sum(d.failed)::bigint AS failed, sum(d.pending)::bigint AS pending,
               sum(d.unknown)::bigint AS unknown
          FROM letters l
          JOIN (SELECT letter_id, count(*) AS intended,
                       count(*) FILTER (WHERE state = 'sent') AS delivered,
                       count(*) FILTER (WHERE state = 'failed') AS failed,
                       count(*) FILTER (WHERE state IN ('waiting', 'sending', 'unknown')) AS pending,
                       count(*) FILTER (WHERE state = 'unknown') AS unknown
                  FROM deliveries GROUP BY letter_id) d USING (letter_id)
         GROUP BY l.template ORDER BY l.template
        """
    )


async def of_announcements(conn: Connection, announcements: Sequence[UUID]) -> list[Record]:
    """For each announcement: its readers, by where they are. One statement, hence one instant."""
    return await conn.fetch(
        """
        SELECT t.announcement_id,
               CASE WHEN t.dropped IS NOT NULL THEN 'failed'
                    WHEN t.way = 'box' OR d.state = 'sent' THEN 'delivered'
                    WHEN d.state = 'failed' THEN 'failed'
                    ELSE 'pending' END AS state,
               coalesce(t.dropped, CASE WHEN d.state = 'failed' THEN d.reason END) AS reason,
               count(*) AS readers,
               count(*) FILTER (WHERE d.state = 'unknown') AS unknown,
               count(*) FILTER (WHERE d.repeated) AS repeated
          FROM tellings t LEFT JOIN deliveries d USING (delivery_id)
         WHERE t.announcement_id = ANY ($1)
         GROUP BY 1, 2, 3
        """,
        list(announcements),
    )
