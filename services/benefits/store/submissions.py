"""An application as it is handed in: what is read for it, and all that is written of it, in one statement each."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from chassis.database import Connection
from contracts.proof import Proof
from services.benefits.model.application import Application
from services.benefits.model.eligibility import Claim
from services.benefits.model.entitlement import Entitlement
from services.benefits.model.ledger import Transfer
from services.benefits.model.measure import Measure
from services.benefits.store.applicants import Applicant, claimed
from services.benefits.store.applications import Event, changing, columns_of
from services.benefits.store.entitlements import issuing, values_of_entitlement
from services.benefits.store.ledger import entering, values_of
from services.benefits.store.measures import COLUMNS, read_measure, unknown
from services.benefits.store.proofs import proven


@dataclass(frozen=True, slots=True)
class Submission:
    """An application that was just handed in, with all that belongs to it."""

    application: Application
    applicant: Applicant
    claim: Claim
    events: Sequence[Event]
    proof: Proof
    #: What reserves its yen, if any do.
    reserving: Transfer | None
    #: What it may receive, where it was approved at once.
    issued: Entitlement | None


async def measure_and_turns(
    conn: Connection, measure_id: UUID, unit_keys: Collection[str]
) -> tuple[Measure, list[tuple[str, int]]]:
    """A measure, and which of its turns persons, children or households have used."""
    rows = await conn.fetch(
        f"""
        SELECT {COLUMNS}, a.unit_key, a.turn
          FROM measures m
          LEFT JOIN applications a ON a.measure_id = m.id AND a.unit_key = ANY ($2)
               AND a.state NOT IN ('rejected', 'withdrawn', 'revoked')
         WHERE m.id = $1
        """,
        measure_id,
        list(unit_keys),
    )
    if not rows:
        raise unknown()
    used = [(row["unit_key"], row["turn"]) for row in rows if row["unit_key"] is not None]
    return read_measure(rows[0]), used


async def add_submission(conn: Connection, new: Submission) -> None:
    """Keep it: the reading of the card, the person, the first steps, its yen, and what it may receive."""
    made = new.application
    # What a statement does apart is done from the last to the first: accounts are locked for as short as can be.
    reserving = f"t AS ({entering(49)}), " if new.reserving else ""
    # Who may receive something at once has its yen reserved at once.
    issued = f", e AS ({issuing(62)})" if new.issued else ""
    await conn.execute(
        f"""
        WITH {reserving}r AS (
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
        ){issued}
        INSERT INTO application_events (application_id, revision, act, at, actor, approved_by, version, findings,
               reason, message)
        SELECT $1, * FROM unnest($32::bigint[], $33::text[], $34::timestamptz[], $35::text[], $36::text[],
               $37::int[], $38::jsonb[], $39::text[], $40::text[])
        """,
        *_row(made),
        *asdict(new.applicant).values(),
        claimed(new.claim),
        *columns_of(new.events),
        *proven(new.proof, made.submitted_at)[1:],
        *(values_of(new.reserving) if new.reserving else ()),
        *(values_of_entitlement(new.issued) if new.issued else ()),
    )


def _row(made: Application) -> tuple[object, ...]:
    return (
        made.id,
        made.reference,
        made.measure_id,
        made.version,
        made.resident_id,
        made.person_id,
        made.unit_key,
        made.turn,
        made.resident_ref,
        made.proof_id,
        *changing(made),
        made.target_number,
        made.children,
        made.saved_service_id,
        list(made.statements),
        made.submitted_at,
        made.revision,
    )
