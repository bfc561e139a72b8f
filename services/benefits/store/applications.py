"""Applications, the people they are for, and every step of them."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Connection, Record
from chassis.refusal import NotFound
from contracts.proof import Proof
from services.benefits.model.application import Application, State
from services.benefits.model.eligibility import Claim, Finding
from services.benefits.model.ledger import Transfer
from services.benefits.store.applicants import Applicant, claimed
from services.benefits.store.ledger import entering, values_of
from services.benefits.store.proofs import proven

#: The columns of a row of ``applications a``.
COLUMNS = """
       a.id, a.reference, a.measure_id, a.version, a.resident_id, a.person_id, a.unit_key, a.turn, a.resident_ref,
       a.proof_id, a.state, a.state_since, a.reason, a.message, a.answer_by, a.amount, a.lane, a.transfer_id,
       a.target_number, a.children, a.saved_service_id, a.statements, a.submitted_at, a.revision
"""


@dataclass(frozen=True, slots=True)
class Event:
    """A step of an application, with what was found."""

    revision: int
    act: str
    at: datetime
    actor: str
    approved_by: str | None = None
    version: int | None = None
    findings: tuple[Finding, ...] = ()
    reason: str | None = None
    message: str = ""


async def add_application(
    conn: Connection,
    application: Application,
    applicant: Applicant,
    claim: Claim,
    events: Sequence[Event],
    proof: Proof,
    reserving: Transfer | None,
) -> None:
    """Keep an application that was just handed in, in one statement with all that belongs to it.

    That is the reading of the card, the person, the first steps, and the transfer that reserves its yen, if any do.
    """
    kept = f", t AS ({entering(49)})" if reserving else ""
    await conn.execute(
        f"""
        WITH r AS (
            INSERT INTO proofs (id, resident_id, purpose, target, desk_id, staff_id, assertion_hash, asserted_at,
                   used_at)
            VALUES ($10, $41, $42, $43, $44, $45, $46, $47, $48)
        ), a AS (
            INSERT INTO applications (id, reference, measure_id, version, resident_id, person_id, unit_key, turn,
                   resident_ref, proof_id, state, state_since, reason, message, answer_by, amount, lane, transfer_id,
                   target_number, children, saved_service_id, statements, submitted_at, revision)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
                   $22, $23, $24)
        ), p AS (
            INSERT INTO applicants (application_id, name, name_kana, birth_on, sex, municipality_code, address, claim)
            VALUES ($1, $25, $26, $27, $28, $29, $30, $31)
        ){kept}
        INSERT INTO application_events (application_id, revision, act, at, actor, approved_by, version, findings,
               reason, message)
        SELECT $1, * FROM unnest($32::bigint[], $33::text[], $34::timestamptz[], $35::text[], $36::text[],
               $37::int[], $38::jsonb[], $39::text[], $40::text[])
        """,
        application.id,
        application.reference,
        application.measure_id,
        application.version,
        application.resident_id,
        application.person_id,
        application.unit_key,
        application.turn,
        application.resident_ref,
        application.proof_id,
        *_changing(application),
        application.target_number,
        application.children,
        application.saved_service_id,
        list(application.statements),
        application.submitted_at,
        application.revision,
        *asdict(applicant).values(),
        claimed(claim),
        *_columns_of(events),
        *proven(proof, application.submitted_at)[1:],
        *(values_of(reserving) if reserving else ()),
    )


async def save_application(conn: Connection, application: Application, event: Event) -> None:
    """Write down where an application is now, and the step that brought it there."""
    await conn.execute(
        "UPDATE applications SET state = $2, state_since = $3, reason = $4, message = $5, answer_by = $6, amount = $7,"
        "       lane = $8, transfer_id = $9, revision = $10 WHERE id = $1",
        application.id,
        *_changing(application),
        application.revision,
    )
    await add_events(conn, application.id, [event])


def _changing(application: Application) -> tuple[object, ...]:
    return (
        application.state,
        application.state_since,
        application.reason,
        application.message,
        application.answer_by,
        application.amount,
        application.lane,
        application.transfer_id,
    )


async def add_events(conn: Connection, application_id: UUID, events: Sequence[Event]) -> None:
    """Keep steps of an application beside those before them."""
    await conn.execute(
        """
        INSERT INTO application_events (application_id, revision, act, at, actor, approved_by, version, findings,
               reason, message)
        SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::int[],
               $8::jsonb[], $9::text[], $10::text[])
        """,
        application_id,
        *_columns_of(events),
    )


def _columns_of(events: Sequence[Event]) -> tuple[list[object], ...]:
    return (
        [event.revision for event in events],
        [event.act for event in events],
        [event.at for event in events],
        [event.actor for event in events],
        [event.approved_by for event in events],
        [event.version for event in events],
        [json.dumps([asdict(finding) for finding in event.findings]) for event in events],
        [event.reason for event in events],
        [event.message for event in events],
    )


async def application(
    conn: Connection, application_id: UUID, *, locked: bool = False
) -> Application:
    """An application, by its id; ``locked`` until the transaction ends."""
    query = f"SELECT {COLUMNS} FROM applications a WHERE a.id = $1"
    row = await conn.fetchrow(query + " FOR UPDATE" if locked else query, application_id)
    if row is None:
        raise unknown()
    return read_application(row)


async def several(conn: Connection, application_ids: list[UUID]) -> list[Application]:
    """Those of the applications that are there, in the order of their ids."""
    rows = await conn.fetch(
        f"SELECT {COLUMNS} FROM applications a WHERE a.id = ANY ($1) ORDER BY a.id",
        application_ids,
    )
    return [read_application(row) for row in rows]


async def living_turns(conn: Connection, measure_id: UUID, unit_key: str) -> list[int]:
    """Which of its turns a person, child or household has used."""
    rows = await conn.fetch(
        "SELECT turn FROM applications WHERE measure_id = $1 AND unit_key = $2"
        "   AND state NOT IN ('rejected', 'withdrawn', 'revoked')",
        measure_id,
        unit_key,
    )
    return [row["turn"] for row in rows]


async def own_applications(
    conn: Connection,
    resident_id: UUID,
    *,
    measure_id: UUID | None = None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Application]:
    """What a resident applied for, at all or to one measure, the latest first."""
    rows = await conn.fetch(
        f"SELECT {COLUMNS} FROM applications a WHERE a.resident_id = $1"
        "   AND ($2::timestamptz IS NULL OR (a.submitted_at, a.id) < ($2, $3))"
        "   AND ($5::uuid IS NULL OR a.measure_id = $5)"
        " ORDER BY a.submitted_at DESC, a.id DESC LIMIT $4",
        resident_id,
        *(after or (None, None)),
        limit,
        measure_id,
    )
    return [read_application(row) for row in rows]


async def events(conn: Connection, application_id: UUID) -> list[Event]:
    """Every step of an application."""
    rows = await conn.fetch(
        "SELECT revision, act, at, actor, approved_by, version, findings, reason, message"
        "  FROM application_events WHERE application_id = $1 ORDER BY revision",
        application_id,
    )
    return [
        Event(**{**dict(row), "findings": tuple(Finding(**f) for f in json.loads(row["findings"]))})
        for row in rows
    ]


def unknown() -> NotFound:
    """There is no such application, or not for the one who asks."""
    return NotFound("no-such-application", "この申込みは見つかりません。")


def read_application(row: Record | dict[str, Any]) -> Application:
    """An application from its row."""
    fields = {**dict(row), "state": State(row["state"]), "statements": tuple(row["statements"])}
    return Application(**fields)
