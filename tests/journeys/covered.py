"""A contract in force for a municipality of the demo, found or put where matching keeps them."""

from typing import cast

import asyncpg

from chassis.database import Connection
from tests.registry.covering import carry
from tests.rig.stack import Stack


async def covered_service(stack: Stack, code: str, year: int) -> str:
    """The code of a payment service that contracts carry for the municipality in the year."""
    conn = await asyncpg.connect(stack.database_url("registry"))
    try:
        who = await conn.fetchval("SELECT id FROM organisations WHERE code = $1", code)
        sql = (
            "SELECT s.code FROM cover c JOIN payment_services s ON s.id = c.payment_service_id"
            " WHERE c.municipality_id = $1 AND c.fiscal_year = $2 AND c.grant_type = 'fixed' LIMIT 1"
        )
        found: str | None = await conn.fetchval(sql, who, year)
        if found is None:
            found = "hidamari-pay"
            async with conn.transaction():
                await carry(cast(Connection, conn), who, found, year=year)
        return found
    finally:
        await conn.close()
