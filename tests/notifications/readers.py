"""Readers, news for them, and what became of both."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from uuid import UUID, uuid4

from chassis.clock import now
from chassis.database import Connection, Pool, reading, transaction
from contracts.scheduling import MaintenanceAnnounced, MaintenanceChanged
from services.notifications.commands import announcements, following
from services.notifications.commands.letters import Desk
from services.notifications.model.announcement import Announcement
from services.notifications.model.facets import Matching
from services.notifications.model.letter import Cause
from services.notifications.model.reach import Reach
from services.notifications.model.timing import Frequency
from services.notifications.store import reach, subscribers

WINDOW = UUID("0198f0c2-0000-7000-8000-0000000000aa")

_CROWD = 2_000


def wish(
    *facets: str, frequency: Frequency = Frequency.AT_ONCE, matching: Matching = Matching.ANY
) -> following.Wish:
    """What somebody wants to hear of; maintenance unless it says otherwise."""
    return following.Wish.of(matching, list(facets) or ["kind:maintenance"], frequency)


async def reader(
    conn: Connection, wanted: following.Wish | None = None, *, language: str = "ja",
    quiet: tuple[time, time] | None = None, address: str | None = None,
) -> UUID:  # fmt: skip
    """A reader from outside whose subscription is confirmed."""
    to = address or f"hana+{uuid4().hex}@reader.example"
    one = await subscribers.add_reader(conn, uuid4(), to, language)
    await following.follow(conn, one, wanted or wish(), now())
    if quiet:
        begin, end = quiet
        await subscribers.save_wishes(
            conn, one, 1, language=language, by_mail=True, quiet_from=begin, quiet_until=end
        )
    return one


async def crowd(conn: Connection, count: int, domains: Sequence[str], *, first: int = 1) -> None:
    """So many readers who want to hear of maintenance at once, in one statement."""
    await conn.execute(
        """
        WITH made AS (
            INSERT INTO subscribers (subscriber_id, audience, address)
            SELECT md5('reader' || n)::uuid, 'public', 'r' || n || '@' || ($2::text[])[1 + n % cardinality($2::text[])]
              FROM generate_series($3::int, $3::int + $1::int - 1) n RETURNING subscriber_id
        )
        INSERT INTO subscriptions (subscription_id, subscriber_id, matching, facets, sorts, frequency, state, asked_at)
        SELECT gen_random_uuid(), subscriber_id, 'any', '{kind:maintenance}', 1, 'at_once', 'open', now() FROM made
        """,
        count,
        list(domains),
        first,
    )


async def crowds(pool: Pool, count: int, domains: Sequence[str]) -> None:
    """The same for any number, in transactions of a size that ends in time."""
    for first in range(1, count + 1, _CROWD):
        async with transaction(pool) as conn:
            await crowd(conn, min(_CROWD, count - first + 1), domains, first=first)


def announced(revision: int = 1, *, hours: int = 100) -> MaintenanceAnnounced:
    """A window is planned."""
    begin = now() + timedelta(hours=hours)
    return MaintenanceAnnounced(
        maintenance_id=WINDOW,
        revision=revision,
        system="portal",
        starts_at=begin,
        ends_at=begin + timedelta(hours=3),
    )


def moved(revision: int = 2) -> MaintenanceChanged:
    """It is moved."""
    begin = now() + timedelta(hours=200)
    return MaintenanceChanged(
        maintenance_id=WINDOW,
        revision=revision,
        system="portal",
        starts_at=begin,
        ends_at=begin + timedelta(hours=3),
        changed=("starts_at", "ends_at"),
    )


async def spread(conn: Connection, at: datetime | None = None, *, limit: int = 1000) -> None:
    """Tell everybody who is to be told."""
    while await announcements.spread(conn, at or now(), limit=limit):
        pass


async def reached(conn: Connection, revision: int = 1) -> Reach:
    """How far the news about the window came."""
    one = await conn.fetchval(
        "SELECT announcement_id FROM announcements WHERE about = $1 AND about_revision = $2",
        f"maintenance/{WINDOW}",
        revision,
    )
    return Reach.of(await reach.of_announcements(conn, [one]))


async def told(conn: Connection, revision: int = 1) -> set[UUID]:
    """Who was told of it."""
    rows = await conn.fetch(
        "SELECT subscriber_id FROM tellings JOIN announcements USING (announcement_id)"
        " WHERE about_revision = $1",
        revision,
    )
    return {row["subscriber_id"] for row in rows}


def news(desk: Desk, *, languages: Sequence[str] = ("ja",), urgent: bool = False) -> Announcement:
    """A notice with its own words."""
    return Announcement(
        cause=Cause(f"notice/{uuid4()}", 1, now()),
        kind="notice",
        template="notice",
        address="/notices",
        values={code: {"title": "新しい要領", "words": f"words in {code}"} for code in languages},
        urgent=urgent,
    )


async def settle(pool: Pool) -> None:
    """Let no pause be waited for."""
    async with transaction(pool) as conn:
        await conn.execute(
            "UPDATE deliveries SET due_at = queued_at WHERE state = 'waiting' AND due_at > now()"
        )


async def sample(pool: Pool, revision: int = 1) -> Reach:
    """The reach at this instant."""
    async with reading(pool) as conn:
        return await reached(conn, revision)
