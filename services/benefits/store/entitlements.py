"""Entitlements, and what falls due for them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Connection, Record
from chassis.refusal import NotFound
from services.benefits.model.entitlement import Entitlement, State

#: The columns of an entitlement.
NAMES = (
    *(
        "id",
        "person_id",
        "resident_id",
        "measure_id",
        "application_id",
        "amount",
        "allocate_by",
        "lane",
    ),
    *(
        "posted_id",
        "saved_service_id",
        "state",
        "issued_at",
        "state_since",
        "due",
        "due_at",
        "revision",
    ),
)
_COLUMNS = ", ".join(NAMES)


def issuing(first: int) -> str:
    """The statement that keeps an entitlement, its values from the ``first`` argument on; part of a larger one where
    what it is issued for is written with it.
    """
    places = ", ".join(f"${number}" for number in range(first, first + len(NAMES)))
    return f"INSERT INTO entitlements ({_COLUMNS}) VALUES ({places})"


def values_of_entitlement(entitlement: Entitlement) -> tuple[object, ...]:
    """What ``issuing`` takes."""
    return tuple(getattr(entitlement, name) for name in NAMES)


async def add_entitlement(conn: Connection, entitlement: Entitlement) -> None:
    """Keep an entitlement that was just issued."""
    await conn.execute(issuing(1), *values_of_entitlement(entitlement))


async def save_entitlement(conn: Connection, entitlement: Entitlement) -> None:
    """Write down where an entitlement is now; the database lets it go only where it may."""
    await conn.execute(
        "UPDATE entitlements SET state = $2, state_since = $3, due = $4, due_at = $5, revision = $6 WHERE id = $1",
        entitlement.id,
        entitlement.state,
        entitlement.state_since,
        entitlement.due,
        entitlement.due_at,
        entitlement.revision,
    )


async def entitlement(
    conn: Connection, entitlement_id: UUID, *, locked: bool = False
) -> Entitlement:
    """An entitlement, by its id; ``locked`` until the transaction ends."""
    query = f"SELECT {_COLUMNS} FROM entitlements WHERE id = $1"
    row = await conn.fetchrow(query + " FOR UPDATE" if locked else query, entitlement_id)
    if row is None:
        raise NotFound("no-such-entitlement", "このポイントは見つかりません。")
    return read_entitlement(row)


async def of_application(
    conn: Connection, application_id: UUID, *, locked: bool = False
) -> Entitlement | None:
    """What was issued for an application."""
    query = f"SELECT {_COLUMNS} FROM entitlements WHERE application_id = $1"
    row = await conn.fetchrow(query + " FOR UPDATE" if locked else query, application_id)
    return read_entitlement(row) if row else None


async def of_applications(conn: Connection, application_ids: list[UUID]) -> dict[UUID, Entitlement]:
    """What was issued for several applications, by application."""
    rows = await conn.fetch(
        f"SELECT {_COLUMNS} FROM entitlements WHERE application_id = ANY ($1)", application_ids
    )
    return {row["application_id"]: read_entitlement(row) for row in rows}


async def own_entitlements(
    conn: Connection, resident_id: UUID, *, after: tuple[datetime, UUID] | None, limit: int
) -> list[Entitlement]:
    """What a resident may receive or has received, the latest first."""
    rows = await conn.fetch(
        f"SELECT {_COLUMNS} FROM entitlements WHERE resident_id = $1"
        "   AND ($2::timestamptz IS NULL OR (issued_at, id) < ($2, $3))"
        " ORDER BY issued_at DESC, id DESC LIMIT $4",
        resident_id,
        *(after or (None, None)),
        limit,
    )
    return [read_entitlement(row) for row in rows]


async def due_entitlement(conn: Connection, now: datetime) -> Entitlement | None:
    """An entitlement for which something is due; it is not locked."""
    row = await conn.fetchrow(
        f"SELECT {_COLUMNS} FROM entitlements WHERE state = 'issued' AND due_at <= $1"
        " ORDER BY due_at LIMIT 1",
        now,
    )
    return read_entitlement(row) if row else None


def read_entitlement(row: Record | dict[str, Any]) -> Entitlement:
    """An entitlement from its row."""
    return Entitlement(**{**dict(row), "state": State(row["state"])})
