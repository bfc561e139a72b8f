"""The whole chain of a grant: every entry and fact that belongs to it."""

from collections.abc import Sequence
from uuid import UUID

from chassis.database import Connection, Record


async def entries_about(conn: Connection, refs: Sequence[UUID]) -> list[Record]:
    """Every ledger entry about these things, and about what resolves or reverses it, in its order."""
    return await conn.fetch(
        """
        WITH about AS (
            SELECT id FROM transfers WHERE business_ref = ANY($1::uuid[])
        )
        SELECT t.id, t.kind, d.kind AS debit, c.kind AS credit, t.amount, t.code, t.actor, t.approved_by,
               t.created_at, encode(t.row_hash, 'hex') AS row_hash
          FROM transfers t
          JOIN accounts d ON d.id = t.debit_account
          JOIN accounts c ON c.id = t.credit_account
         WHERE t.id IN (SELECT id FROM about)
            OR t.pending_id IN (SELECT id FROM about) OR t.reverses IN (SELECT id FROM about)
         ORDER BY t.seq
        """,
        list(refs),
    )


async def facts_about(conn: Connection, subjects: Sequence[str]) -> list[Record]:
    """Every fact that was said about these subjects; each letter was written because of one of them."""
    return await conn.fetch(
        "SELECT event_id, type, subject, revision, recorded_at, actor FROM events"
        " WHERE subject = ANY($1::text[]) ORDER BY recorded_at, seq",
        list(subjects),
    )


async def reads_about(conn: Connection, application_id: UUID) -> list[Record]:
    """Who looked at the application, when and why."""
    return await conn.fetch(
        "SELECT at, actor, organisation_id, what, why FROM reads WHERE application_id = $1 ORDER BY id",
        application_id,
    )


async def evidence_about(conn: Connection, application_id: UUID) -> list[Record]:
    """What was handed in, without its content."""
    return await conn.fetch(
        """
        SELECT code, name, media_type, size, sha256, state, handed_in_at FROM evidence
         WHERE application_id = $1 ORDER BY handed_in_at, id
        """,
        application_id,
    )
