"""Contracts of matches with their signers."""

from datetime import date, datetime
from uuid import UUID

from chassis.database import Connection, Record
from chassis.refusal import NotFound
from contracts.values import OrganisationKind
from services.registry.model.agreement import Agreement, ContractState, Signer, Wanted

_COLUMNS = """
       id, match_id, state, reference, title, body, valid_from, valid_until, file_digest, external_document_id,
       wanted, reason, look_at, misses, delayed_until, mailed_at, link_until, link_expired_at, reminded_count,
       reminded_by_itself, concluded_at, ended_on, version, revision, created_at, state_since, said_at
"""


async def agreement(conn: Connection, contract_id: UUID) -> Agreement:
    """The contract as it is."""
    sql = f"SELECT {_COLUMNS} FROM contracts WHERE id = $1"
    return _found(await conn.fetchrow(sql, contract_id))


async def agreement_for_update(conn: Connection, contract_id: UUID) -> Agreement:
    """The contract, locked until the transaction ends."""
    sql = f"SELECT {_COLUMNS} FROM contracts WHERE id = $1 FOR UPDATE"
    return _found(await conn.fetchrow(sql, contract_id))


async def claimed_agreement(
    conn: Connection, contract_id: UUID, worker: UUID, at: datetime
) -> Agreement | None:
    """The contract, locked, if a worker still has the claim on it."""
    row = await conn.fetchrow(
        f"SELECT {_COLUMNS} FROM contracts WHERE id = $1 AND claimed_by = $2 AND claimed_until > $3 FOR UPDATE",
        contract_id,
        worker,
        at,
    )
    return None if row is None else _found(row)


async def living_for_update(conn: Connection, match_id: UUID) -> Agreement | None:
    """The contract of a match that is under way or in force, locked until the transaction ends."""
    row = await conn.fetchrow(
        f"""
        SELECT {_COLUMNS} FROM contracts
         WHERE match_id = $1 AND state NOT IN ('cancelled', 'rejected', 'ended')
           FOR UPDATE
        """,
        match_id,
    )
    return _found(row) if row else None


async def agreements_of(conn: Connection, match_id: UUID) -> list[Agreement]:
    """The contracts of a match, the newest first."""
    sql = f"SELECT {_COLUMNS} FROM contracts WHERE match_id = $1 ORDER BY created_at DESC, id DESC"
    return [_found(row) for row in await conn.fetch(sql, match_id)]


async def add_agreement(conn: Connection, new: Agreement) -> None:
    """Keep a new contract."""
    await conn.execute(
        """
        INSERT INTO contracts (id, match_id, state, reference, title, body, valid_from, valid_until,
                               version, revision, created_at, state_since)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        """,
        new.id,
        new.match_id,
        new.state,
        new.reference,
        new.title,
        new.body,
        new.valid_from,
        new.valid_until,
        new.version,
        new.revision,
        new.created_at,
        new.state_since,
    )


async def save_agreement(conn: Connection, changed: Agreement) -> None:
    """Keep what an act made of a contract."""
    await conn.execute(
        """
        UPDATE contracts
           SET state = $2, title = $3, body = $4, valid_from = $5, valid_until = $6, external_document_id = $7,
               wanted = $8, reason = $9, look_at = $10, misses = $11, delayed_until = $12, mailed_at = $13,
               link_until = $14, link_expired_at = $15, reminded_count = $16, reminded_by_itself = $17,
               concluded_at = $18, ended_on = $19, version = $20, revision = $21, state_since = $22, said_at = $23
         WHERE id = $1
        """,
        changed.id,
        changed.state,
        changed.title,
        changed.body,
        changed.valid_from,
        changed.valid_until,
        changed.external_document_id,
        changed.wanted,
        changed.reason,
        changed.look_at,
        changed.misses,
        changed.delayed_until,
        changed.mailed_at,
        changed.link_until,
        changed.link_expired_at,
        changed.reminded_count,
        changed.reminded_by_itself,
        changed.concluded_at,
        changed.ended_on,
        changed.version,
        changed.revision,
        changed.state_since,
        changed.said_at,
    )


async def keep_file(conn: Connection, contract_id: UUID, content: bytes, digest: str) -> None:
    """Keep the PDF that is signed; from then on the text stays."""
    await conn.execute(
        "UPDATE contracts SET file = $2, file_digest = $3 WHERE id = $1",
        contract_id,
        content,
        digest,
    )


async def keep_certificate(conn: Connection, contract_id: UUID, content: bytes) -> None:
    """Keep what the signing service gives for a concluded document."""
    await conn.execute("UPDATE contracts SET certificate = $2 WHERE id = $1", contract_id, content)


async def file_of(conn: Connection, contract_id: UUID, *, certificate: bool = False) -> bytes:
    """The PDF, or the certificate."""
    column = "certificate" if certificate else "file"
    found = await conn.fetchval(f"SELECT {column} FROM contracts WHERE id = $1", contract_id)
    if found is None:
        raise NotFound("file-unknown", "このファイルは、まだありません。")
    return bytes(found)


async def set_signers(conn: Connection, contract_id: UUID, signers: tuple[Signer, ...]) -> None:
    """Who signs, in order, in place of whoever was named before."""
    await conn.execute("DELETE FROM contract_signers WHERE contract_id = $1", contract_id)
    await conn.executemany(
        """
        INSERT INTO contract_signers (contract_id, place, side, name, organisation, mail)
        VALUES ($1, $2, $3, $4, $5, $6)
        """,
        [(contract_id, s.place, s.side, s.name, s.organisation, s.mail) for s in signers],
    )


async def save_signer(conn: Connection, contract_id: UUID, signer: Signer) -> None:
    """How far a signer has come."""
    await conn.execute(
        """
        UPDATE contract_signers SET state = $3, opened_at = $4, agreed_at = $5
         WHERE contract_id = $1 AND place = $2
        """,
        contract_id,
        signer.place,
        signer.state,
        signer.opened_at,
        signer.agreed_at,
    )


async def signers_of(conn: Connection, contract_id: UUID) -> tuple[Signer, ...]:
    """Who signs, in order."""
    rows = await conn.fetch(
        """
        SELECT place, side, name, organisation, mail, state, opened_at, agreed_at
          FROM contract_signers WHERE contract_id = $1 ORDER BY place
        """,
        contract_id,
    )
    return tuple(Signer(r[0], OrganisationKind(r[1]), *tuple(r)[2:]) for r in rows)


async def drop_draft(conn: Connection, match_id: UUID, now: datetime) -> None:
    """A contract that was only being written is given up with its match."""
    await conn.execute(
        """
        UPDATE contracts SET state = 'cancelled', state_since = $2, version = version + 1
         WHERE match_id = $1 AND state = 'drafting'
        """,
        match_id,
        now,
    )


async def since_of(conn: Connection, match_id: UUID) -> date | None:
    """From when the concluded contract of a match holds."""
    found: date | None = await conn.fetchval(
        "SELECT valid_from FROM contracts WHERE match_id = $1 AND state = 'concluded'", match_id
    )
    return found


async def is_claimed(conn: Connection, contract_id: UUID, at: datetime) -> bool:
    """Whether somebody is at the signing service for it."""
    sql = "SELECT coalesce(claimed_until > $2, false) FROM contracts WHERE id = $1"
    return bool(await conn.fetchval(sql, contract_id, at))


async def over(conn: Connection, today: date, limit: int) -> list[UUID]:
    """Contracts in force whose last day has passed."""
    rows = await conn.fetch(
        "SELECT id FROM contracts WHERE state = 'concluded' AND valid_until < $1 ORDER BY valid_until LIMIT $2",
        today,
        limit,
    )
    return [row["id"] for row in rows]


def _found(row: Record | None) -> Agreement:
    if row is None:
        raise NotFound("contract-unknown", "この契約は見つかりません。")
    found = dict(row)
    found["state"] = ContractState(found["state"])
    found["wanted"] = Wanted(found["wanted"]) if found["wanted"] else None
    return Agreement(**found)
