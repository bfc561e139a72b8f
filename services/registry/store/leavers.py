"""Matches with a side that is in the register no longer."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from chassis.database import Connection
from contracts.values import OrganisationKind
from services.registry.model.match import Match

#: In no register from a day on: it left, whatever form it has begun to type since.
_LEFT = "o.state NOT IN ('registered', 'suspended') AND o.effective_on <= $1"
_LIVING = "m.state NOT IN ('declined', 'withdrawn', 'expired', 'ended')"


@dataclass(frozen=True, slots=True)
class Leaver:
    """The side of a match that left, and since when."""

    side: OrganisationKind
    on: date


async def matches_left(conn: Connection, today: date, at: datetime, limit: int) -> list[UUID]:
    """Living matches one side of which has left by today, but for those the signing service has yet to answer for."""
    rows = await conn.fetch(
        f"""
        WITH gone AS MATERIALIZED (SELECT o.id FROM organisations o WHERE {_LEFT}),
        found AS (
            SELECT m.id FROM gone JOIN matches m ON m.municipality_id = gone.id WHERE {_LIVING}
             UNION
            SELECT m.id FROM gone JOIN matches m ON m.provider_id = gone.id WHERE {_LIVING}
        )
        SELECT id FROM found
         WHERE NOT EXISTS (
                   SELECT FROM contracts c
                    WHERE c.match_id = found.id
                      AND (c.state = 'sending' OR c.state IN ('out', 'bounced') AND c.wanted IS NOT NULL
                           OR c.state = 'ready' AND c.claimed_until > $2))
         ORDER BY id
         LIMIT $3
        """,
        today,
        at,
        limit,
    )
    return [row["id"] for row in rows]


async def who_left(conn: Connection, match: Match, today: date) -> Leaver | None:
    """The side of a match that left first; None if both are in the register."""
    row = await conn.fetchrow(
        f"""
        SELECT o.kind, o.effective_on FROM organisations o
         WHERE {_LEFT} AND o.id IN ($2, $3)
         ORDER BY o.effective_on, o.kind
         LIMIT 1
        """,
        today,
        match.municipality_id,
        match.provider_id,
    )
    return Leaver(OrganisationKind(row["kind"]), row["effective_on"]) if row else None
