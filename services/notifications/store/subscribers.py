"""Who wants to hear what."""

from datetime import datetime, time
from uuid import UUID

from chassis.database import Connection, Record


async def add_member(conn: Connection, member_id: UUID) -> bool:
    """A member is somebody who may subscribe; whether they are new. What was chosen before stays."""
    added = await conn.fetchval(
        """
        INSERT INTO subscribers (subscriber_id, audience)
        SELECT c.contact_id, o.organisation_kind
          FROM contacts c JOIN organisations o USING (organisation_id) WHERE c.contact_id = $1
        ON CONFLICT DO NOTHING RETURNING true
        """,
        member_id,
    )
    return bool(added)


async def add_reader(conn: Connection, subscriber_id: UUID, address: str, language: str) -> UUID:
    """The reader from outside with this address, made if there is none."""
    await conn.execute(
        """
        INSERT INTO subscribers (subscriber_id, audience, address, language)
        VALUES ($1, 'public', $2, $3) ON CONFLICT DO NOTHING
        """,
        subscriber_id,
        address,
        language,
    )
    found: UUID = await conn.fetchval(
        "SELECT subscriber_id FROM subscribers WHERE lower(address) = lower($1)", address
    )
    return found


async def subscriber(conn: Connection, subscriber_id: UUID) -> Record | None:
    """One subscriber, with the address mails go to."""
    return await conn.fetchrow(
        """
        SELECT s.subscriber_id, s.audience, s.language, s.by_mail, s.quiet_from, s.quiet_until, s.revision,
               coalesce(c.address, s.address) AS address
          FROM subscribers s LEFT JOIN contacts c ON c.contact_id = s.subscriber_id
         WHERE s.subscriber_id = $1
        """,
        subscriber_id,
    )


async def save_wishes(
    conn: Connection, subscriber_id: UUID, revision: int, *, language: str, by_mail: bool,
    quiet_from: time | None, quiet_until: time | None,
) -> bool:  # fmt: skip
    """How somebody wants to be told; False if somebody was faster."""
    saved = await conn.fetchval(
        """
        UPDATE subscribers SET language = $3, by_mail = $4, quiet_from = $5, quiet_until = $6,
                               revision = revision + 1
         WHERE subscriber_id = $1 AND revision = $2::bigint RETURNING true
        """,
        subscriber_id,
        revision,
        language,
        by_mail,
        quiet_from,
        quiet_until,
    )
    return bool(saved)


async def add_subscription(
    conn: Connection, subscription_id: UUID, subscriber_id: UUID, *, matching: str,
    facets: list[str], sorts: int, frequency: str, state: str, at: datetime,
) -> Record:  # fmt: skip
    """A subscription; where there is one to the same already, that one with the new frequency."""
    row = await conn.fetchrow(
        """
        INSERT INTO subscriptions AS s (subscription_id, subscriber_id, matching, facets, sorts, frequency, state,
                                        asked_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (subscriber_id, matching, facets)
        -- What a stranger asks for changes nothing that somebody has confirmed.
        DO UPDATE SET frequency = CASE WHEN s.state = 'open' AND excluded.state = 'asked' THEN s.frequency
                                       ELSE excluded.frequency END,
                      state = CASE WHEN 'open' IN (s.state, excluded.state) THEN 'open' ELSE 'asked' END,
                      asked_at = excluded.asked_at
        RETURNING subscription_id, state
        """,
        subscription_id,
        subscriber_id,
        matching,
        facets,
        sorts,
        frequency,
        state,
        at,
    )
    assert row is not None  # inserted or updated
    return row


async def hold_subscriptions(conn: Connection, subscriber_id: UUID) -> int:
    """How many subscriptions somebody has; nobody adds another before this transaction ends."""
    await conn.execute("SELECT FROM subscribers WHERE subscriber_id = $1 FOR UPDATE", subscriber_id)
    count: int = await conn.fetchval(
        "SELECT count(*) FROM subscriptions WHERE subscriber_id = $1", subscriber_id
    )
    return count


async def asked_since(conn: Connection, subscriber_id: UUID, since: datetime) -> int:
    """How many mails have asked a reader for a confirmation since an instant."""
    count: int = await conn.fetchval(
        """
        SELECT count(*) FROM letters l JOIN subscriptions u
            ON l.about = 'subscription/' || u.subscription_id::text
         WHERE u.subscriber_id = $1 AND l.written_at > $2
        """,
        subscriber_id,
        since,
    )
    return count


async def subscription(conn: Connection, subscription_id: UUID) -> Record | None:
    """One subscription."""
    return await conn.fetchrow(
        """
        SELECT u.subscription_id, u.subscriber_id, u.matching, u.facets, u.frequency, u.state, u.asked_at
          FROM subscriptions u WHERE u.subscription_id = $1
        """,
        subscription_id,
    )


async def subscriptions(conn: Connection, subscriber_id: UUID) -> list[Record]:
    """What somebody wants to hear of."""
    return await conn.fetch(
        """
        SELECT subscription_id, subscriber_id, matching, facets, frequency, state, asked_at
          FROM subscriptions WHERE subscriber_id = $1 ORDER BY asked_at, subscription_id
        """,
        subscriber_id,
    )


async def open_subscription(conn: Connection, subscription_id: UUID) -> None:
    """The reader has said that this is wanted."""
    await conn.execute(
        "UPDATE subscriptions SET state = 'open' WHERE subscription_id = $1", subscription_id
    )


async def change_frequency(conn: Connection, subscription_id: UUID, frequency: str) -> None:
    """From now on tell at another pace."""
    await conn.execute(
        "UPDATE subscriptions SET frequency = $2 WHERE subscription_id = $1",
        subscription_id,
        frequency,
    )


async def remove_subscription(conn: Connection, subscription_id: UUID) -> None:
    """From now on tell nothing of this."""
    await conn.execute("DELETE FROM subscriptions WHERE subscription_id = $1", subscription_id)


async def remove_subscriptions(conn: Connection, subscriber_id: UUID) -> None:
    """From now on tell nothing; the address of a reader from outside is forgotten with that."""
    await conn.execute("DELETE FROM subscriptions WHERE subscriber_id = $1", subscriber_id)
    await conn.execute(
        "DELETE FROM subscribers WHERE subscriber_id = $1 AND audience = 'public'", subscriber_id
    )


async def forget_unconfirmed(conn: Connection, before: datetime) -> None:
    """Forget what nobody confirmed, and the addresses that were typed for it."""
    await conn.execute("DELETE FROM subscriptions WHERE state = 'asked' AND asked_at < $1", before)
    await conn.execute(
        """
        DELETE FROM subscribers s WHERE s.audience = 'public'
           AND NOT EXISTS (SELECT FROM subscriptions u WHERE u.subscriber_id = s.subscriber_id)
        """
    )


async def words_wanted(conn: Connection) -> list[str]:
    """The words that somebody who confirmed wants to hear of."""
    rows = await conn.fetch(
        """
        SELECT DISTINCT facet FROM subscriptions, unnest(facets) AS facet
         WHERE state = 'open' AND facet LIKE 'word.%'
        """
    )
    return [row["facet"] for row in rows]
