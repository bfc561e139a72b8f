"""Organisations and the way of their registrations."""

from datetime import datetime
from uuid import UUID

from chassis.database import Connection, Record
from chassis.refusal import NotFound
from contracts.values import OrganisationKind
from services.registry.model.application import application_from
from services.registry.model.form import RegistrationForm
from services.registry.model.organisation import Organisation, State

_COLUMNS = """
       id, kind, source, account_open, claimed_code, claimed_name, state, reference, code, name, form,
       registered, correct_by, submissions, submitted_at, registered_on, effective_on, version, revision,
       created_at, state_since, said_at
"""


async def organisation(conn: Connection, organisation_id: UUID) -> Organisation:
    """The organisation as it is."""
    sql = f"SELECT {_COLUMNS} FROM organisations WHERE id = $1"
    return _found(await conn.fetchrow(sql, organisation_id))


async def organisation_for_update(conn: Connection, organisation_id: UUID) -> Organisation:
    """The organisation, locked until the transaction ends."""
    sql = f"SELECT {_COLUMNS} FROM organisations WHERE id = $1 FOR UPDATE"
    return _found(await conn.fetchrow(sql, organisation_id))


async def is_known(conn: Connection, organisation_id: UUID) -> bool:
    """Whether there is such an organisation."""
    sql = "SELECT EXISTS (SELECT FROM organisations WHERE id = $1)"
    return bool(await conn.fetchval(sql, organisation_id))


async def add_organisation(
    conn: Connection,
    organisation_id: UUID,
    *,
    kind: OrganisationKind,
    source: str,
    code: str,
    name: str,
    now: datetime,
) -> None:
    """Begin with an organisation; one that is there stays as it is, with its account open."""
    await conn.execute(
        """
        INSERT INTO organisations (id, kind, source, account_open, claimed_code, claimed_name, created_at, state_since)
        VALUES ($1, $2, $3, $3 = 'account', $4, $5, $6, $6)
        ON CONFLICT (id) DO UPDATE SET account_open = true
        """,
        organisation_id,
        kind,
        source,
        code,
        name,
        now,
    )


async def close_account(conn: Connection, organisation_id: UUID) -> None:
    """Nobody signs in for it any more; what is registered stays registered."""
    await conn.execute(
        "UPDATE organisations SET account_open = false WHERE id = $1", organisation_id
    )


async def save_organisation(conn: Connection, changed: Organisation) -> None:
    """Keep what an act made of an organisation."""
    await conn.execute(
        """
        UPDATE organisations
           SET state = $2, reference = $3, code = $4, name = $5, form = $6::jsonb, correct_by = $7,
               submissions = $8, submitted_at = $9, registered_on = $10, effective_on = $11,
               version = $12, revision = $13, state_since = $14, said_at = $15, registered = $16::jsonb
         WHERE id = $1
        """,
        changed.id,
        changed.state,
        changed.reference,
        changed.code,
        changed.name,
        changed.form.model_dump_json(),
        changed.correct_by,
        changed.submissions,
        changed.submitted_at,
        changed.registered_on,
        changed.effective_on,
        changed.version,
        changed.revision,
        changed.state_since,
        changed.said_at,
        changed.application.model_dump_json() if changed.application else None,
    )


async def last_reference(conn: Connection, fiscal_year: int, kind: OrganisationKind) -> int:
    """Take the next number of a fiscal year; answers the one before it. Others wait until we commit."""
    last = await conn.fetchval(
        """
        INSERT INTO reference_numbers AS r (fiscal_year, kind, last) VALUES ($1, $2, 1)
        ON CONFLICT (fiscal_year, kind) DO UPDATE SET last = r.last + 1
        RETURNING last - 1
        """,
        fiscal_year,
        kind,
    )
    return int(last)


async def registrations_of_entity(
    conn: Connection, kind: OrganisationKind, code: str, *, besides: UUID
) -> list[str]:
    """References of other registrations of the same legal entity, under way or in force."""
    rows = await conn.fetch(
        """
        SELECT reference
          FROM organisations
         WHERE kind = $1 AND code = $2 AND id <> $3
           AND state IN ('submitted', 'under_review', 'returned', 'registered', 'suspended')
         ORDER BY reference
        """,
        kind,
        code,
        besides,
    )
    return [row["reference"] for row in rows]


async def queue(
    conn: Connection,
    *,
    states: list[str],
    kind: str | None,
    text: str | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Record]:
    """Registrations in some states, the ones waiting longest first."""
    at, last = after or (None, None)
    return await conn.fetch(
        """
        SELECT id, kind, state, reference, coalesce(code, claimed_code) AS code,
               coalesce(name, claimed_name) AS name, submissions, submitted_at, correct_by, state_since
          FROM organisations
         WHERE state = ANY($1)
           AND ($2::text IS NULL OR kind = $2)
           AND ($3::text IS NULL
                OR strpos(fold(coalesce(name, claimed_name) || ' ' || coalesce(code, claimed_code)
                               || ' ' || coalesce(reference, '')), fold($3)) > 0)
           AND ($4::timestamptz IS NULL OR (state_since, id) > ($4, $5))
         ORDER BY state_since, id
         LIMIT $6
        """,
        states,
        kind,
        text,
        at,
        last,
        limit,
    )


async def queue_counts(conn: Connection) -> dict[str, int]:
    """How many registrations stand in each state."""
    rows = await conn.fetch("SELECT state, count(*) AS n FROM organisations GROUP BY state")
    return {row["state"]: row["n"] for row in rows}


async def organisation_by_code(conn: Connection, kind: OrganisationKind, code: str) -> UUID | None:
    """The organisation that was last registered under a code."""
    found: UUID | None = await conn.fetchval(
        """
        SELECT id
          FROM organisations
         WHERE kind = $1 AND code = $2 AND registered_on IS NOT NULL
         ORDER BY registered_on DESC, id DESC
         LIMIT 1
        """,
        kind,
        code,
    )
    return found


async def organisation_by_claim(conn: Connection, kind: OrganisationKind, code: str) -> UUID | None:
    """The organisation whose account was asked for with a code, or that holds it."""
    found: UUID | None = await conn.fetchval(
        """
        SELECT id
          FROM organisations
         WHERE kind = $1 AND $2 IN (code, claimed_code)
         ORDER BY account_open DESC, created_at
         LIMIT 1
        """,
        kind,
        code,
    )
    return found


def _found(row: Record | None) -> Organisation:
    if row is None:
        raise NotFound("organisation-unknown", "この団体は見つかりません。")
    return _organisation(row)


def _organisation(row: Record) -> Organisation:
    return Organisation(
        id=row["id"],
        kind=OrganisationKind(row["kind"]),
        source=row["source"],
        account_open=row["account_open"],
        claimed_code=row["claimed_code"],
        claimed_name=row["claimed_name"],
        state=State(row["state"]),
        reference=row["reference"],
        code=row["code"],
        name=row["name"],
        form=RegistrationForm.model_validate_json(row["form"]),
        application=application_from(row["registered"]) if row["registered"] else None,
        correct_by=row["correct_by"],
        submissions=row["submissions"],
        submitted_at=row["submitted_at"],
        registered_on=row["registered_on"],
        effective_on=row["effective_on"],
        version=row["version"],
        revision=row["revision"],
        created_at=row["created_at"],
        state_since=row["state_since"],
        said_at=row["said_at"],
    )
