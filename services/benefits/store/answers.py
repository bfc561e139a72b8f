"""What providers said of orders, as it came."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.database import Connection, Record


@dataclass(frozen=True, slots=True)
class Said:
    """An answer as it is kept."""

    id: UUID
    provider_id: UUID
    answer_key: str
    order_id: UUID | None
    order_ref: str
    source: str
    result: str
    amount: int | None
    resident_ref: str | None
    transaction_id: str | None
    code: str | None
    body: bytes
    verdict: str
    received_at: datetime


async def add_answer(conn: Connection, said: Said) -> bool:
    """Keep an answer; False when the provider had used its key before."""
    kept = await conn.fetchval(
        """
        INSERT INTO order_answers (id, provider_id, answer_key, order_id, order_ref, source, result, amount,
                                   resident_ref, transaction_id, code, body, body_hash, verdict, received_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, sha256($12), $13, $14)
        ON CONFLICT DO NOTHING
        RETURNING id
        """,
        said.id,
        said.provider_id,
        said.answer_key,
        said.order_id,
        said.order_ref,
        said.source,
        said.result,
        said.amount,
        said.resident_ref,
        said.transaction_id,
        said.code,
        said.body,
        said.verdict,
        said.received_at,
    )
    return kept is not None


async def used_keys(conn: Connection, keys: Collection[tuple[UUID, str]]) -> set[tuple[UUID, str]]:
    """Which of these keys of answers their providers have used before."""
    rows = await conn.fetch(
        """
        SELECT a.provider_id, a.answer_key
          FROM unnest($1::uuid[], $2::text[]) AS n(provider_id, answer_key)
          JOIN order_answers a USING (provider_id, answer_key)
        """,
        [provider_id for provider_id, _ in keys],
        [key for _, key in keys],
    )
    return {(row["provider_id"], row["answer_key"]) for row in rows}


async def answer(conn: Connection, provider_id: UUID, answer_key: str) -> Record | None:
    """The answer a provider gave under a key."""
    return await conn.fetchrow(
        "SELECT id, order_id, body_hash, verdict, result FROM order_answers WHERE provider_id = $1 AND answer_key = $2",
        provider_id,
        answer_key,
    )


async def answers_of(conn: Connection, order_id: UUID) -> list[Record]:
    """Everything that was said of an order, the first first."""
    return await conn.fetch(
        """
        SELECT id, source, result, amount, resident_ref, transaction_id, code, verdict, received_at,
               encode(body_hash, 'hex') AS body_hash
          FROM order_answers WHERE order_id = $1 ORDER BY received_at, id
        """,
        order_id,
    )
