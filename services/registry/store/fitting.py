"""Public measures a provider's services could be used in, with how far it has come with their municipality."""

from uuid import UUID

from chassis.database import Connection, Record

_FITTING = """
SELECT m.id AS measure_id, m.state, m.title, (m.entry->>'fiscal_year')::int AS fiscal_year,
       m.entry->'amount'->>'grant_type' AS grant_type, m.entry->>'apply_from' AS apply_from,
       m.entry->>'apply_until' AS apply_until, (m.entry->>'budget_yen')::bigint AS budget_yen,
       o.id AS municipality_id, o.code AS municipality_code, o.name AS municipality_name,
       o.registered->>'prefecture_code' AS prefecture_code,
       own.fitting, ARRAY(SELECT s.name FROM jsonb_to_recordset(m.entry->'services') AS s (provider_id uuid, name text)
              WHERE s.provider_id = $1 ORDER BY s.name) AS in_scope,
       k.id AS match_id, k.state AS match_state, c.id AS contract_id, c.state AS contract_state
  FROM measures m
  JOIN organisations o ON o.id = m.municipality_id AND o.state = 'registered'
 CROSS JOIN LATERAL (
       SELECT array_agg(p.details->>'name' ORDER BY p.code) AS fitting
         FROM payment_services p
        WHERE p.provider_id = $1 AND p.state = 'registered'
          AND jsonb_exists(p.details->'grant_types', m.entry->'amount'->>'grant_type')) own
  LEFT JOIN matches k ON k.municipality_id = o.id AND k.provider_id = $1
       AND k.fiscal_year = (m.entry->>'fiscal_year')::int
       AND k.state NOT IN ('declined', 'withdrawn', 'expired', 'ended')
  LEFT JOIN LATERAL (
       SELECT c.id, c.state FROM contracts c WHERE c.match_id = k.id ORDER BY c.created_at DESC, c.id DESC LIMIT 1
       ) c ON true
 WHERE m.state IN ('scheduled', 'open', 'paused') AND own.fitting IS NOT NULL
   AND (m.entry->>'fiscal_year')::int = $2
   AND ($3::text IS NULL OR o.registered->>'prefecture_code' = $3)
   AND ($4::text IS NULL OR m.entry->'amount'->>'grant_type' = $4)
   AND ($5::text IS NULL OR strpos(fold(m.title || ' ' || o.name || ' ' || o.code || ' '
                                        || (o.registered->>'name_kana')), fold($5)) > 0)
   AND ($6::text IS NULL OR (o.code, m.id) > ($6, $7::uuid))
 ORDER BY o.code, m.id
 LIMIT $8
"""


async def fitting(
    conn: Connection,
    provider_id: UUID,
    *,
    fiscal_year: int,
    prefecture: str | None,
    grant_type: str | None,
    text: str | None,
    after: tuple[str, UUID] | None,
    limit: int,
) -> list[Record]:
    """Measures of a year that grant in a way one of the provider's services can, by their municipality."""
    code, last = after or (None, None)
    return await conn.fetch(
        _FITTING, provider_id, fiscal_year, prefecture, grant_type, text, code, last, limit
    )
