"""Who looked at a resident's data, when and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.database import Connection


@dataclass(frozen=True, slots=True)
class Read:
    """One look at one application."""

    id: int
    application_id: UUID
    reference: str
    municipality_name: str
    what: str
    why: str
    at: datetime


async def add_read(
    conn: Connection,
    *,
    application_id: UUID,
    organisation_id: UUID | None,
    actor: str,
    what: str,
    why: str,
    at: datetime,
) -> None:
    """Write down that somebody looks."""
    await conn.execute(
        "INSERT INTO reads (resident_id, application_id, organisation_id, actor, what, why, at)"
        " SELECT resident_id, id, $2, $3, $4, $5, $6 FROM applications WHERE id = $1",
        application_id,
        organisation_id,
        actor,
        what,
        why,
        at,
    )


async def add_list_reads(
    conn: Connection,
    application_ids: Sequence[UUID],
    *,
    organisation_id: UUID,
    actor: str,
    why: str,
    at: datetime,
) -> None:
    """Write down that somebody takes a list these stand in."""
    await conn.execute(
        "INSERT INTO reads (resident_id, application_id, organisation_id, actor, what, why, at)"
        " SELECT resident_id, id, $2, $3, 'list', $4, $5 FROM applications WHERE id = ANY ($1)",
        application_ids,
        organisation_id,
        actor,
        why,
        at,
    )


async def reads_of(
    conn: Connection, resident_id: UUID, *, before: int | None, limit: int
) -> list[Read]:
    """Who looked at what of a resident, the latest first."""
    rows = await conn.fetch(
        "SELECT r.id, r.application_id, a.reference, m.entry ->> 'municipality_name' AS municipality_name,"
        "       r.what, r.why, r.at"
        "  FROM reads r JOIN applications a ON a.id = r.application_id JOIN measures m ON m.id = a.measure_id"
        " WHERE r.resident_id = $1 AND ($2::bigint IS NULL OR r.id < $2) ORDER BY r.id DESC LIMIT $3",
        resident_id,
        before,
        limit,
    )
    return [Read(**dict(row)) for row in rows]
