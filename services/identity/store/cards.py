"""What cards were asked to sign, and what was proven by it."""

from datetime import datetime
from uuid import UUID

from chassis.database import Connection, Record
from contracts.proof import Proof
from services.identity.model.assertions import Challenge, Purpose
from services.identity.model.residents import ResidentSession

_COLUMNS = (
    """challenge_id, purpose, target, nonce, session_id, desk_id, made_at, expires_at, used_at"""
)


def _challenge(row: Record) -> Challenge:
    return Challenge(
        id=row["challenge_id"],
        purpose=Purpose(row["purpose"]),
        target=row["target"],
        nonce=row["nonce"],
        session_id=row["session_id"],
        desk_id=row["desk_id"],
        made_at=row["made_at"],
        expires_at=row["expires_at"],
        used_at=row["used_at"],
    )


async def add_challenge(conn: Connection, c: Challenge) -> None:
    """Keep a new challenge."""
    await conn.execute(
        "INSERT INTO card_challenges (challenge_id, purpose, target, nonce, session_id, desk_id, made_at, expires_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        c.id,
        c.purpose,
        c.target,
        c.nonce,
        c.session_id,
        c.desk_id,
        c.made_at,
        c.expires_at,
    )


async def challenge(conn: Connection, challenge_id: UUID) -> Challenge | None:
    """The challenge of that id."""
    row = await conn.fetchrow(
        f"SELECT {_COLUMNS} FROM card_challenges WHERE challenge_id = $1", challenge_id
    )
    return _challenge(row) if row else None


async def challenge_for_update(conn: Connection, challenge_id: UUID) -> Challenge | None:
    """The challenge of that id, locked: of two who answer at once, one is second."""
    row = await conn.fetchrow(
        f"SELECT {_COLUMNS} FROM card_challenges WHERE challenge_id = $1 FOR UPDATE", challenge_id
    )
    return _challenge(row) if row else None


async def use_challenge(
    conn: Connection, challenge_id: UUID, assertion: bytes, at: datetime
) -> None:
    """The challenge was answered by this reading."""
    await conn.execute(
        "UPDATE card_challenges SET used_at = $2, assertion = $3 WHERE challenge_id = $1",
        challenge_id,
        at,
        assertion,
    )


async def add_proof(conn: Connection, proof: Proof, session: ResidentSession) -> None:
    """Keep what was proven, where and with whose help."""
    await conn.execute(
        """
        INSERT INTO card_proofs (proof_id, resident_id, purpose, target, session_id, desk_id, terminal, staff_id,
                                 assertion, asserted_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """,
        proof.proof_id,
        proof.resident_id,
        proof.purpose,
        proof.target,
        session.id,
        session.desk.id if session.desk else None,
        session.desk.terminal if session.desk else None,
        session.desk.staff_id if session.desk else None,
        bytes.fromhex(proof.assertion_hash),
        proof.asserted_at,
    )


async def forget_challenges(conn: Connection, before: datetime) -> None:
    """Forget challenges made before ``before``; what they proved is kept as a proof."""
    await conn.execute("DELETE FROM card_challenges WHERE made_at < $1", before)
