"""The two ways out: how much goes by each, and what was measured of them."""

from datetime import datetime

from chassis.database import Connection, Record
from services.notifications.model.routes import Measured, Route, Share


async def add_measured(conn: Connection, route: Route, seen: Measured, at: datetime) -> None:
    """Add what a copy saw of a way since it last said so."""
    await conn.execute(
        """
        INSERT INTO route_minutes AS r (route, minute, tries, failures, seconds)
        VALUES ($1, date_trunc('minute', $2::timestamptz), $3, $4, $5)
        ON CONFLICT (route, minute) DO UPDATE
            SET tries = r.tries + excluded.tries, failures = r.failures + excluded.failures,
                seconds = r.seconds + excluded.seconds
        """,
        route,
        at,
        seen.tries,
        seen.failures,
        seen.seconds,
    )


async def measured(conn: Connection, since: datetime) -> dict[Route, Measured]:
    """What all copies saw of each way since an instant."""
    rows = await conn.fetch(
        """
        SELECT route, sum(tries)::bigint AS tries, sum(failures)::bigint AS failures, sum(seconds) AS seconds
          FROM route_minutes WHERE minute >= $1 GROUP BY route
        """,
        since,
    )
    found = {
        Route(row["route"]): Measured(row["tries"], row["failures"], row["seconds"]) for row in rows
    }
    return {route: found.get(route, Measured()) for route in Route}


async def share(conn: Connection) -> Record:
    """How much goes by the second way, since when and why."""
    row = await conn.fetchrow("SELECT secondary_percent, decided_at, why FROM mail_share")
    assert row is not None  # the migration put it there
    return row


async def share_before(conn: Connection, before: datetime) -> Record | None:
    """The share, locked, if nobody decided about it since ``before``."""
    return await conn.fetchrow(
        "SELECT secondary_percent FROM mail_share WHERE decided_at < $1 FOR UPDATE SKIP LOCKED",
        before,
    )


async def save_share(conn: Connection, made: Share, at: datetime) -> None:
    """Decide for all copies; a share that is another one is remembered."""
    await conn.execute(
        """
        WITH changed AS (
            INSERT INTO mail_share_changes (secondary_percent, decided_at, why)
            SELECT $1, $2, $3 FROM mail_share WHERE secondary_percent <> $1
        )
        UPDATE mail_share SET secondary_percent = $1, decided_at = $2, why = $3
        """,
        made.percent,
        at,
        made.why,
    )


async def changes(conn: Connection, limit: int) -> list[Record]:
    """The last changes of the share, newest first."""
    return await conn.fetch(
        "SELECT secondary_percent, decided_at, why FROM mail_share_changes ORDER BY number DESC LIMIT $1",
        limit,
    )


async def forget_minutes(conn: Connection, before: datetime) -> None:
    """Forget what was measured long ago."""
    await conn.execute("DELETE FROM route_minutes WHERE minute < $1", before)
