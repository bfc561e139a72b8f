"""Who may act for which child."""

from datetime import date, datetime
from uuid import UUID

from chassis.database import Connection, Record, UniqueViolation
from services.identity.model.family import Representation, already_asked

_COLUMNS = """representation_id, representative_id, child_id, state, municipality_code, child, requested_at, until_on"""


def _representation(row: Record) -> Representation:
    return Representation(
        id=row["representation_id"],
        representative_id=row["representative_id"],
        child_id=row["child_id"],
        state=row["state"],
        municipality_code=row["municipality_code"],
        child=row["child"],
        requested_at=row["requested_at"],
        until_on=row["until_on"],
    )


async def add_representation(conn: Connection, r: Representation) -> None:
    """Keep what a representative asked for."""
    try:
        async with conn.transaction():
            await conn.execute(
                "INSERT INTO representations (representation_id, representative_id, child_id, state,"
                " municipality_code, child, requested_at, until_on)"
                " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                r.id,
                r.representative_id,
                r.child_id,
                r.state,
                r.municipality_code,
                r.child,
                r.requested_at,
                r.until_on,
            )
    except UniqueViolation:
        raise already_asked() from None


async def confirmed(
    conn: Connection, representative_id: UUID, child_id: UUID, day: date
) -> Representation | None:
    """The confirmed relation between the two, if it holds on that day."""
    row = await conn.fetchrow(
        f"SELECT {_COLUMNS} FROM representations"
        " WHERE representative_id = $1 AND child_id = $2 AND state = 'confirmed' AND until_on >= $3",
        representative_id,
        child_id,
        day,
    )
    return _representation(row) if row else None


async def family_of(conn: Connection, representative_id: UUID) -> list[Representation]:
    """Everybody a resident acts for or asked to act for."""
    rows = await conn.fetch(
        f"SELECT {_COLUMNS} FROM representations WHERE representative_id = $1"
        " ORDER BY representation_id LIMIT 50",
        representative_id,
    )
    return [_representation(row) for row in rows]


async def asked_of(conn: Connection, municipality_code: str) -> list[Representation]:
    """What a municipality is asked to confirm, the oldest first."""
    rows = await conn.fetch(
        f"SELECT {_COLUMNS} FROM representations WHERE municipality_code = $1 AND state = 'requested'"
        " ORDER BY representation_id LIMIT 200",
        municipality_code,
    )
    return [_representation(row) for row in rows]


async def representation_for_update(
    conn: Connection, representation_id: UUID
) -> Representation | None:
    """One relation, locked."""
    row = await conn.fetchrow(
        f"SELECT {_COLUMNS} FROM representations WHERE representation_id = $1 FOR UPDATE",
        representation_id,
    )
    return _representation(row) if row else None


async def decide(
    conn: Connection, representation_id: UUID, state: str, member_id: UUID, at: datetime
) -> None:
    """A municipality confirmed or refused."""
    await conn.execute(
        "UPDATE representations SET state = $2, decided_by = $3, decided_at = $4 WHERE representation_id = $1",
        representation_id,
        state,
        member_id,
        at,
    )
