"""Readings of a card that were used, each once."""

from datetime import datetime

from chassis.database import Connection, UniqueViolation
from chassis.refusal import Conflict
from contracts.proof import Proof


async def use_proof(conn: Connection, proof: Proof, now: datetime) -> None:
    """Write down that a proof was used; a second use is refused."""
    try:
        await conn.execute(
            "INSERT INTO proofs (id, resident_id, purpose, target, desk_id, staff_id, assertion_hash, asserted_at,"
            "       used_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            *proven(proof, now),
        )
    except UniqueViolation:
        raise used() from None


def proven(proof: Proof, now: datetime) -> tuple[object, ...]:
    """The row of a proof that is used at ``now``."""
    return (
        proof.proof_id,
        proof.resident_id,
        proof.purpose,
        proof.target,
        proof.desk_id,
        proof.staff_id,
        proof.assertion_hash,
        proof.asserted_at,
        now,
    )


def tells(why: UniqueViolation) -> bool:
    """Whether what was refused is a second use of a proof."""
    return why.constraint_name in ("proofs_pkey", "applications_proof_id_key")


def used() -> Conflict:
    """Somebody used this reading before."""
    return Conflict(
        "proof-used",
        "このカードの読み取りは、もう使われています。もう一度カードを読み取ってください。",
    )
