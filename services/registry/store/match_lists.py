"""Matches as desks list them, and who may be matched with whom."""

from datetime import datetime
from uuid import UUID

from chassis.database import Connection, Record


async def page(
    conn: Connection,
    organisation_id: UUID | None,
    *,
    states: list[str] | None,
    fiscal_year: int | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Record]:
    """Matches of an organisation, or of all, what moved last first."""
    at, last = after or (None, None)
    return await conn.fetch(
        """
        SELECT m.id, m.fiscal_year, m.state, m.proposed_by, m.answer_by, m.state_since, m.version,
               m.municipality_id, coalesce(a.name, a.claimed_name) AS municipality_name,
               m.provider_id, coalesce(b.name, b.claimed_name) AS provider_name,
               (SELECT array_agg(p.details->>'name' ORDER BY p.code)
                  FROM match_services s JOIN payment_services p ON p.id = s.payment_service_id
                 WHERE s.match_id = m.id) AS services
          FROM matches m
          JOIN organisations a ON a.id = m.municipality_id
          JOIN organisations b ON b.id = m.provider_id
         WHERE ($1::uuid IS NULL OR $1 IN (m.municipality_id, m.provider_id))
           AND ($2::text[] IS NULL OR m.state = ANY($2))
           AND ($3::int IS NULL OR m.fiscal_year = $3)
           AND ($4::timestamptz IS NULL OR (m.state_since, m.id) < ($4, $5))
         ORDER BY m.state_since DESC, m.id DESC
         LIMIT $6
        """,
        organisation_id,
        states,
        fiscal_year,
        at,
        last,
        limit,
    )


async def offers(
    conn: Connection,
    municipality_id: UUID,
    *,
    fiscal_year: int,
    grant_type: str | None,
    kind: str | None,
    text: str | None,
    provider_id: UUID | None,
    after: str | None,
    limit: int,
) -> list[Record]:
    """Services of providers that take part in a year, with the match there is already."""
    return await conn.fetch(
        """
        SELECT p.id AS payment_service_id, p.code, p.details::text AS details, p.provider_id, o.name AS provider_name,
               o.code AS provider_number, m.id AS match_id, m.state AS match_state
          FROM payment_services p
          JOIN organisations o ON o.id = p.provider_id AND o.state = 'registered'
          JOIN participations t ON t.provider_id = o.id AND t.fiscal_year = $2 AND t.participating
          LEFT JOIN matches m ON m.municipality_id = $1 AND m.provider_id = o.id AND m.fiscal_year = $2
               AND m.state NOT IN ('declined', 'withdrawn', 'expired', 'ended')
         WHERE p.state = 'registered'
           AND ($3::text IS NULL OR jsonb_exists(p.details->'grant_types', $3))
           AND ($4::text IS NULL OR p.details->>'kind' = $4)
           AND ($5::text IS NULL OR strpos(fold((p.details->>'name') || ' ' || (p.details->>'name_kana') || ' '
                                                || p.code || ' ' || o.name), fold($5)) > 0)
           AND ($6::uuid IS NULL OR p.provider_id = $6)
           AND ($7::text IS NULL OR p.code > $7)
         ORDER BY p.code
         LIMIT $8
        """,
        municipality_id,
        fiscal_year,
        grant_type,
        kind,
        text,
        provider_id,
        after,
        limit,
    )


async def demands(
    conn: Connection,
    provider_id: UUID,
    *,
    fiscal_year: int,
    prefecture: str | None,
    kind: str | None,
    text: str | None,
    municipality_id: UUID | None,
    after: str | None,
    limit: int,
) -> list[Record]:
    """Registered municipalities with what they plan, and the match there is already."""
    return await conn.fetch(
        """
        SELECT o.id AS municipality_id, o.code, o.name, o.registered::text AS registered,
               (SELECT count(*) FROM matches x WHERE x.municipality_id = o.id AND x.fiscal_year = $2
                   AND x.state = 'active') AS partners,
               m.id AS match_id, m.state AS match_state
          FROM organisations o
          LEFT JOIN matches m ON m.municipality_id = o.id AND m.provider_id = $1 AND m.fiscal_year = $2
               AND m.state NOT IN ('declined', 'withdrawn', 'expired', 'ended')
         WHERE o.kind = 'municipality' AND o.state = 'registered'
           AND ($3::text IS NULL OR o.registered->>'prefecture_code' = $3)
           AND ($4::text IS NULL OR jsonb_exists(o.registered->'wanted_kinds', $4))
           AND ($5::text IS NULL OR strpos(fold(o.name || ' ' || o.code || ' ' || (o.registered->>'name_kana')),
                                           fold($5)) > 0)
           AND ($6::uuid IS NULL OR o.id = $6)
           AND ($7::text IS NULL OR o.code > $7)
         ORDER BY o.code
         LIMIT $8
        """,
        provider_id,
        fiscal_year,
        prefecture,
        kind,
        text,
        municipality_id,
        after,
        limit,
    )


async def names_of(conn: Connection, match_id: UUID) -> Record:
    """How both sides of a match are called."""
    found = await conn.fetchrow(
        """
        SELECT coalesce(a.name, a.claimed_name) AS municipality_name,
               coalesce(b.name, b.claimed_name) AS provider_name
          FROM matches m
          JOIN organisations a ON a.id = m.municipality_id
          JOIN organisations b ON b.id = m.provider_id
         WHERE m.id = $1
        """,
        match_id,
    )
    assert found is not None
    return found


async def contracts(
    conn: Connection, *, state: str | None, after: tuple[datetime, UUID] | None, limit: int
) -> list[Record]:
    """Everybody's contracts, what moved last first."""
    at, last = after or (None, None)
    return await conn.fetch(
        """
        SELECT c.id, c.match_id, m.fiscal_year, c.title, c.state, c.state_since, c.delayed_until, c.link_until,
               c.valid_until, coalesce(a.name, a.claimed_name) AS municipality_name,
               coalesce(b.name, b.claimed_name) AS provider_name,
               (SELECT count(*) FROM contract_oddities o WHERE o.contract_id = c.id) AS oddities
          FROM contracts c
          JOIN matches m ON m.id = c.match_id
          JOIN organisations a ON a.id = m.municipality_id
          JOIN organisations b ON b.id = m.provider_id
         WHERE ($1::text IS NULL OR c.state = $1)
           AND ($2::timestamptz IS NULL OR (c.state_since, c.id) < ($2, $3))
         ORDER BY c.state_since DESC, c.id DESC
         LIMIT $4
        """,
        state,
        at,
        last,
        limit,
    )
