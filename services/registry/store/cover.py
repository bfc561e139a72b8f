"""What contracts in force carry: the view ``cover``, one row a match, service, way of granting and stretch of days.

``contract_cover`` is what they promise, whether or not the two sides stand in the register on a day.
"""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from chassis.database import Connection
from contracts.values import GrantType
from services.registry.model.measure.judging import Covered


async def covered_services(
    conn: Connection, municipality_id: UUID, fiscal_year: int | None
) -> dict[str, Covered]:
    """The services a municipality may name in a measure of a year, by their code."""
    rows = await conn.fetch(
        """
        SELECT c.payment_service_id, s.code, s.details->>'name' AS name, c.provider_id, o.name AS provider_name,
               c.match_id, c.fiscal_year, array_agg(DISTINCT c.grant_type) AS grant_types
          FROM contract_cover c
          JOIN payment_services s ON s.id = c.payment_service_id
          JOIN organisations o ON o.id = c.provider_id
         WHERE c.municipality_id = $1 AND c.fiscal_year = $2
         GROUP BY c.payment_service_id, s.code, s.details->>'name', c.provider_id, o.name, c.match_id, c.fiscal_year
         ORDER BY s.code
        """,
        municipality_id,
        fiscal_year,
    )
    return {
        row["code"]: Covered(
            **{name: row[name] for name in Covered.__slots__ if name != "grant_types"},
            grant_types=frozenset(GrantType(g) for g in row["grant_types"]),
        )
        for row in rows
    }


async def carried(
    conn: Connection, municipality_id: UUID, grant_type: GrantType, on: date
) -> set[tuple[UUID, UUID]]:
    """Which services by which match may grant in this way on a day."""
    return await _on("cover", conn, municipality_id, grant_type, on)


async def promised(
    conn: Connection, municipality_id: UUID, grant_type: GrantType, on: date
) -> set[tuple[UUID, UUID]]:
    """Which services by which match a contract is there for on a day, though one may rest."""
    return await _on("contract_cover", conn, municipality_id, grant_type, on)


async def _on(
    view: str, conn: Connection, municipality_id: UUID, grant_type: GrantType, on: date
) -> set[tuple[UUID, UUID]]:
    rows = await conn.fetch(
        f"""
        SELECT DISTINCT payment_service_id, match_id
          FROM {view}
         WHERE municipality_id = $1 AND grant_type = $2 AND $3 BETWEEN valid_from AND valid_until
        """,
        municipality_id,
        grant_type,
        on,
    )
    return {(row["payment_service_id"], row["match_id"]) for row in rows}


async def registered_codes(conn: Connection, codes: Collection[str]) -> set[str]:
    """Which of some service codes stand in the register."""
    rows = await conn.fetch(
        "SELECT code FROM payment_services WHERE code = ANY($1) AND state = 'registered'",
        list(codes),
    )
    return {row["code"] for row in rows}


#: The day a measure has to be carried on: the one it opens on, or this one.
_DAY = """greatest($1::date, CASE WHEN m.opened_at IS NULL
                  THEN ((m.entry->>'apply_from')::timestamptz AT TIME ZONE 'Asia/Tokyo')::date END)"""


def _named(view: str) -> str:
    """Rows of a view that stand for a service ``s`` of a measure on its day."""
    return f"""
        SELECT FROM {view} c
         WHERE c.match_id = (s->>'match_id')::uuid
           AND c.payment_service_id = (s->>'payment_service_id')::uuid
           AND c.municipality_id = m.municipality_id
           AND c.grant_type = m.entry->'amount'->>'grant_type'
           AND {_DAY} BETWEEN c.valid_from AND c.valid_until
    """


_SERVICES = "SELECT FROM jsonb_array_elements(m.entry->'services') s WHERE"
#: Looked at are those alone with a living match whose service, or whose municipality, is not in the register today.
_WITHOUT_COVER = f"""
WITH away AS MATERIALIZED (
    SELECT p.id FROM payment_services p
     WHERE NOT EXISTS (SELECT FROM listed l
                        WHERE l.list = 'payment-services' AND l.subject_id = p.id AND l.known_to = 'infinity'
                          AND l.valid_from <= $1 AND l.valid_to > $1)
), absent AS MATERIALIZED (
    SELECT o.id FROM organisations o
     WHERE o.kind = 'municipality' AND o.effective_on IS NOT NULL
       AND NOT EXISTS (SELECT FROM listed l
                        WHERE l.list = 'municipalities' AND l.subject_id = o.id AND l.known_to = 'infinity'
                          AND l.valid_from <= $1 AND l.valid_to > $1)
), looked_at AS MATERIALIZED (
    SELECT id FROM absent
     UNION
    SELECT k.municipality_id
      FROM away
      JOIN match_services ms ON ms.payment_service_id = away.id
      JOIN matches k ON k.id = ms.match_id AND k.state IN ('contracted', 'active')
)
SELECT DISTINCT m.municipality_id
  FROM looked_at
  JOIN measures m ON m.municipality_id = looked_at.id AND m.state IN ('scheduled', 'open')
 WHERE NOT EXISTS ({_SERVICES} EXISTS ({_named("cover")}))
    OR EXISTS ({_SERVICES} NOT EXISTS ({_named("contract_cover")}))
 LIMIT $2
"""
_CARRIED_AGAIN = f"""
SELECT m.id
  FROM measures m
 WHERE m.state = 'paused' AND m.reason = 'registration_suspended'
   AND (m.entry->>'apply_until')::timestamptz > $2
   AND EXISTS ({_SERVICES} EXISTS ({_named("cover")}))
 ORDER BY m.id
 LIMIT $3
"""


async def without_cover(conn: Connection, today: date, limit: int) -> list[UUID]:
    """Municipalities with a public measure that lost what carried it, or one of its services, with the register."""
    rows = await conn.fetch(_WITHOUT_COVER, today, limit)
    return [row["municipality_id"] for row in rows]


async def carried_again(conn: Connection, today: date, now: datetime, limit: int) -> list[UUID]:
    """Measures that rest for a registration that counts again."""
    return [row["id"] for row in await conn.fetch(_CARRIED_AGAIN, today, now, limit)]
