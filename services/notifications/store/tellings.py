"""Who is told of an announcement, and how: sets of readers at a time, however many there are."""

from datetime import datetime
from uuid import UUID

from chassis.database import Connection, Record
from services.notifications.store.quiet import due

#: Readers whose subscriptions are about the announcement, with the quickest way any of them names.
_BY_FACETS = """
    SELECT s.subscriber_id, s.audience, s.language, s.by_mail, s.quiet_from, s.quiet_until, m.frequency,
           coalesce(c.address, s.address) AS address, coalesce(c.name, '') AS name
      FROM subscribers s
      CROSS JOIN LATERAL (
          SELECT (array_agg(u.frequency ORDER BY array_position(ARRAY['at_once', 'daily', 'weekly'], u.frequency)))[1]
                 AS frequency
            FROM subscriptions u
           WHERE u.subscriber_id = s.subscriber_id AND u.state = 'open' AND u.facets && $2::text[]
             AND (u.matching = 'any'
                  OR u.sorts = (SELECT count(DISTINCT split_part(f, ':', 1)) FROM unnest(u.facets) f
                                 WHERE f = ANY ($2::text[])))
      ) m
      LEFT JOIN contacts c ON c.contact_id = s.subscriber_id
     WHERE m.frequency IS NOT NULL AND s.subscriber_id > $3 AND s.audience = ANY ($4::text[])
       AND (s.audience = 'public' OR c.contact_id IS NOT NULL)
"""

#: Readers who were told before: not those who were never reached, nor those who want nothing any more.
_BY_CORRECTION = """
    SELECT s.subscriber_id, s.audience, s.language, s.by_mail, s.quiet_from, s.quiet_until, m.frequency,
           coalesce(c.address, s.address) AS address, coalesce(c.name, '') AS name
      FROM subscribers s
      CROSS JOIN LATERAL (
          SELECT t.frequency FROM tellings t JOIN announcements o USING (announcement_id)
            LEFT JOIN deliveries d USING (delivery_id)
           WHERE t.subscriber_id = s.subscriber_id AND o.about = ANY ($2::text[]) AND o.number < $4
             AND t.dropped IS NULL AND d.state IS DISTINCT FROM 'failed'
           ORDER BY o.number DESC LIMIT 1
      ) m
      LEFT JOIN contacts c ON c.contact_id = s.subscriber_id
     WHERE s.subscriber_id > $3 AND (s.audience = 'public' OR c.contact_id IS NOT NULL)
"""

#: What is put right, and what that had put right before: who missed the last correction has read what it was about.
_CHAIN = """
WITH RECURSIVE chain AS (
    SELECT $1::text AS about
    UNION
    SELECT a.corrects FROM chain JOIN announcements a USING (about) WHERE a.corrects IS NOT NULL
)
SELECT array_agg(about) FROM chain
"""

#: A set is told in one transaction with how far it came, so nobody is met twice: the key would refuse it. Nothing is
#: joined to what was told just now, because the planner cannot know how many that are.
#: `ends` has the window each frequency is told in; what is urgent waits for none.
_TELL = """
WITH readers AS ({readers} ORDER BY s.subscriber_id LIMIT $5),
chosen AS (
    SELECT r.*, CASE WHEN r.by_mail THEN 'mail' ELSE 'box' END AS way,
           CASE WHEN $9 OR NOT r.by_mail THEN NULL
                WHEN r.frequency = 'daily' THEN $7::timestamptz
                WHEN r.frequency = 'weekly' THEN $8::timestamptz END AS window_ends_at,
           x.letter_id, md5(x.letter_id::text || r.subscriber_id::text)::uuid AS mail_id
      FROM readers r JOIN announcement_texts x ON x.announcement_id = $1 AND x.language = r.language
), told AS (
    INSERT INTO tellings (announcement_id, subscriber_id, language, way, frequency, window_ends_at, delivery_id)
    SELECT $1, subscriber_id, language, way,
           CASE WHEN window_ends_at IS NULL THEN 'at_once' ELSE frequency END, window_ends_at,
           CASE WHEN way = 'mail' AND window_ends_at IS NULL THEN mail_id END
      FROM chosen
), mailed AS (
    INSERT INTO deliveries (delivery_id, letter_id, contact_id, name, address, state, due_at, send_by, queued_at,
                            wide)
    SELECT c.mail_id, c.letter_id, c.subscriber_id, c.name, c.address, 'waiting', h.due_at,
           h.due_at + interval '72 hours', $6, true
      FROM chosen c CROSS JOIN LATERAL (SELECT {due} AS due_at) h
     WHERE c.way = 'mail' AND c.window_ends_at IS NULL
), boxed AS (
    INSERT INTO letter_readers (member_id, letter_id)
    SELECT c.subscriber_id, c.letter_id FROM chosen c
     WHERE c.audience <> 'public' AND c.window_ends_at IS NULL
)
SELECT count(*) AS readers, (array_agg(subscriber_id ORDER BY subscriber_id DESC))[1] AS last FROM readers
"""


async def tell(
    conn: Connection, row: Record, at: datetime, ends: dict[str, datetime], *, limit: int
) -> Record:
    """Tell the next ``limit`` readers of an announcement; how many there were, and the last of them."""
    correction = row["corrects"] is not None
    about = await conn.fetchval(_CHAIN, row["corrects"]) if correction else row["facets"]
    whom = row["number"] if correction else row["audience"]
    readers = _BY_CORRECTION if correction else _BY_FACETS
    told = await conn.fetchrow(
        _TELL.format(readers=readers, due=due("$6", "$9")),
        row["announcement_id"],
        about,
        row["spread_to"],
        whom,
        limit,
        at,
        ends["daily"],
        ends["weekly"],
        row["urgent"],
    )
    assert told is not None  # a count always has a row
    return told


async def drop(conn: Connection, subscriber_id: UUID, at: datetime) -> None:
    """Whatever was not told yet is told no more, because the reader wants to hear nothing any more."""
    await conn.execute(
        """
        UPDATE tellings SET dropped = 'stopped'
         WHERE subscriber_id = $1 AND delivery_id IS NULL AND way = 'mail' AND dropped IS NULL
        """,
        subscriber_id,
    )
    await conn.execute(
        """
        UPDATE deliveries SET state = 'failed', reason = 'stopped', due_at = NULL, finished_at = $2
         WHERE contact_id = $1 AND wide AND state = 'waiting'
        """,
        subscriber_id,
        at,
    )
