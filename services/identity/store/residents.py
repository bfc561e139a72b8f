"""Residents and the certificates they came with."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from chassis.database import Connection, Record
from services.identity.model.certificates import Use
from services.identity.model.residents import Resident

_COLUMNS = "resident_id, revision, registered_at, closed_at, called"


def resident_of(row: Record) -> Resident:
    """The resident a row holds."""
    return Resident(
        id=row["resident_id"],
        revision=row["revision"],
        registered_at=row["registered_at"],
        closed_at=row["closed_at"],
        called=row["called"],
    )


async def resident(conn: Connection, resident_id: UUID) -> Resident | None:
    """The resident of that id."""
    row = await conn.fetchrow(
        f"SELECT {_COLUMNS} FROM residents WHERE resident_id = $1", resident_id
    )
    return resident_of(row) if row else None


async def resident_for_update(conn: Connection, resident_id: UUID) -> Resident | None:
    """The resident of that id, locked."""
    row = await conn.fetchrow(
        f"SELECT {_COLUMNS} FROM residents WHERE resident_id = $1 FOR UPDATE", resident_id
    )
    return resident_of(row) if row else None


async def has_certificate(conn: Connection, resident_id: UUID, use: Use) -> bool:
    """Whether a certificate of that use was seen of the resident."""
    found: bool = await conn.fetchval(
        "SELECT EXISTS (SELECT FROM card_certificates WHERE resident_id = $1 AND use = $2)",
        resident_id,
        use,
    )
    return found


async def holder(conn: Connection, certificate: bytes) -> UUID | None:
    """Whose certificate it is, if it was seen before."""
    found: UUID | None = await conn.fetchval(
        "SELECT resident_id FROM card_certificates WHERE certificate = $1", certificate
    )
    return found


async def holders_for_update(conn: Connection, certificates: Iterable[bytes]) -> list[Resident]:
    """The residents any of these certificates belong to, locked, the oldest first."""
    rows = await conn.fetch(
        f"""
        SELECT {_COLUMNS} FROM residents
         WHERE resident_id IN (SELECT resident_id FROM card_certificates WHERE certificate = ANY($1::bytea[]))
         ORDER BY resident_id FOR UPDATE
        """,
        list(certificates),
    )
    return [resident_of(row) for row in rows]


async def one_at_a_time(conn: Connection, certificates: Iterable[bytes]) -> None:
    """Whoever else brings one of these certificates waits until this transaction is over."""
    await conn.execute(
        "SELECT pg_advisory_xact_lock(k) FROM (SELECT DISTINCT hashtextextended(encode(c, 'hex'), 0) AS k"
        " FROM unnest($1::bytea[]) c ORDER BY 1) locks",
        list(certificates),
    )


async def add_resident(conn: Connection, new: Resident) -> None:
    """Keep a new resident."""
    await conn.execute(
        "INSERT INTO residents (resident_id, revision, state, registered_at) VALUES ($1, $2, 'active', $3)",
        new.id,
        new.revision,
        new.registered_at,
    )


async def save_revision(conn: Connection, changed: Resident) -> None:
    """Keep a resident's new revision."""
    await conn.execute(
        "UPDATE residents SET revision = $2 WHERE resident_id = $1", changed.id, changed.revision
    )


async def note_called(conn: Connection, resident_id: UUID, sealed: str) -> None:
    """Keep how a resident is addressed."""
    await conn.execute(
        "UPDATE residents SET called = $2 WHERE resident_id = $1 AND state = 'active'",
        resident_id,
        sealed,
    )


async def close_resident(conn: Connection, resident: Resident, reason: str, at: datetime) -> None:
    """The resident acts no more."""
    await conn.execute(
        "UPDATE residents SET state = 'closed', revision = $2, closed_at = $3, close_reason = $4, called = NULL"
        " WHERE resident_id = $1",
        resident.id,
        resident.revision,
        at,
        reason,
    )


async def add_certificate(
    conn: Connection, resident_id: UUID, certificate: bytes, use: Use, at: datetime
) -> None:
    """Keep whose certificate it is."""
    await conn.execute(
        "INSERT INTO card_certificates (certificate, resident_id, use, first_at) VALUES ($1, $2, $3, $4)",
        certificate,
        resident_id,
        use,
        at,
    )
