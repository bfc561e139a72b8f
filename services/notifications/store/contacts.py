"""Who can be written to."""

from collections.abc import Iterable
from uuid import UUID

from chassis.database import Connection, Record
from contracts.principal import Role
from contracts.values import OrganisationKind
from services.notifications.model.letter import Contact


async def hold_readers(conn: Connection, organisation_id: UUID) -> None:
    """Until this transaction ends, who can be written to at an organisation does not change."""
    await conn.execute(
        "SELECT pg_advisory_xact_lock_shared(hashtextextended($1::uuid::text, 0))", organisation_id
    )


async def hold_letters(conn: Connection, organisation_id: UUID) -> None:
    """Until this transaction ends, nobody else writes to an organisation or changes its readers."""
    await conn.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended($1::uuid::text, 0))", organisation_id
    )


async def save_organisation(
    conn: Connection, organisation_id: UUID, kind: OrganisationKind, name: str
) -> None:
    """Remember what an organisation is and is called."""
    await conn.execute(
        """
        INSERT INTO organisations (organisation_id, organisation_kind, name) VALUES ($1, $2, $3)
        ON CONFLICT (organisation_id)
        DO UPDATE SET organisation_kind = excluded.organisation_kind, name = excluded.name
        """,
        organisation_id,
        kind,
        name,
    )


async def close_organisation(conn: Connection, organisation_id: UUID) -> None:
    """From now on nobody there is written to."""
    await conn.execute(
        "UPDATE organisations SET closed = true WHERE organisation_id = $1", organisation_id
    )
    await conn.execute(
        "DELETE FROM subscribers WHERE subscriber_id IN"
        " (SELECT contact_id FROM contacts WHERE organisation_id = $1)",
        organisation_id,
    )
    await conn.execute("DELETE FROM contacts WHERE organisation_id = $1", organisation_id)


async def organisation_name(conn: Connection, organisation_id: UUID) -> str | None:
    """What an organisation is called, if we have heard of it."""
    found: str | None = await conn.fetchval(
        "SELECT name FROM organisations WHERE organisation_id = $1", organisation_id
    )
    return found


async def organisations_of(conn: Connection, kind: OrganisationKind) -> list[UUID]:
    """The open organisations of a kind."""
    rows = await conn.fetch(
        "SELECT organisation_id FROM organisations"
        " WHERE organisation_kind = $1 AND NOT closed ORDER BY organisation_id",
        kind,
    )
    return [row["organisation_id"] for row in rows]


async def save_contact(conn: Connection, contact: Contact) -> None:
    """Remember how to write to somebody."""
    await conn.execute(
        """
        INSERT INTO contacts (contact_id, organisation_id, roles, name, address)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (contact_id) DO UPDATE
            SET roles = excluded.roles, name = excluded.name, address = excluded.address
        """,
        contact.contact_id,
        contact.organisation_id,
        sorted(contact.roles),
        contact.name,
        contact.address,
    )


async def save_roles(conn: Connection, contact_id: UUID, roles: Iterable[Role]) -> None:
    """Remember what somebody may do."""
    await conn.execute(
        "UPDATE contacts SET roles = $2 WHERE contact_id = $1", contact_id, sorted(roles)
    )


async def forget_contact(conn: Connection, contact_id: UUID) -> None:
    """Write to somebody no longer."""
    await conn.execute("DELETE FROM subscribers WHERE subscriber_id = $1", contact_id)
    await conn.execute("DELETE FROM contacts WHERE contact_id = $1", contact_id)


async def contacts_of(conn: Connection, organisation_id: UUID) -> list[Contact]:
    """Everybody who can be written to in an organisation."""
    rows = await conn.fetch(
        "SELECT contact_id, organisation_id, roles, name, address FROM contacts"
        " WHERE organisation_id = $1 ORDER BY contact_id",
        organisation_id,
    )
    return [_contact(row) for row in rows]


def _contact(row: Record) -> Contact:
    return Contact(
        contact_id=row["contact_id"],
        organisation_id=row["organisation_id"],
        roles=frozenset(Role(r) for r in row["roles"]),
        name=row["name"],
        address=row["address"],
    )
