"""What letters call measures and payment services by."""

from uuid import UUID

from chassis.database import Connection


async def save_measure(
    conn: Connection, measure_id: UUID, municipality_id: UUID, title: str
) -> None:
    """Remember what a measure is called."""
    await conn.execute(
        """
        INSERT INTO measure_names (measure_id, municipality_id, title) VALUES ($1, $2, $3)
        ON CONFLICT (measure_id)
        DO UPDATE SET municipality_id = excluded.municipality_id, title = excluded.title
        """,
        measure_id,
        municipality_id,
        title,
    )


async def measure_title(conn: Connection, measure_id: UUID) -> str | None:
    """What a measure is called, if we have heard of it."""
    found: str | None = await conn.fetchval(
        "SELECT title FROM measure_names WHERE measure_id = $1", measure_id
    )
    return found


async def save_service(conn: Connection, service_id: UUID, code: str, name: str) -> None:
    """Remember what a payment service is called."""
    await conn.execute(
        """
        INSERT INTO payment_service_names (payment_service_id, code, name) VALUES ($1, $2, $3)
        ON CONFLICT (payment_service_id) DO UPDATE SET code = excluded.code, name = excluded.name
        """,
        service_id,
        code,
        name,
    )


async def service_name(conn: Connection, code: str) -> str | None:
    """What the payment service with this code is called, if we have heard of it."""
    found: str | None = await conn.fetchval(
        "SELECT name FROM payment_service_names WHERE code = $1 LIMIT 1", code
    )
    return found
