"""What contracts in force carry: the view ``cover``, one row a match, service and way of granting."""

from collections.abc import Collection
from datetime import date
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
          FROM cover c
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
    rows = await conn.fetch(
        """
        SELECT DISTINCT payment_service_id, match_id
          FROM cover
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
