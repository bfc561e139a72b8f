"""Calls to providers for orders, written down before they are made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.database import Connection, Record
from services.benefits.model.order import Order
from services.benefits.store.orders import columns_of, saving


@dataclass(frozen=True, slots=True)
class Attempt:
    """A call to a provider for an order."""

    order_id: UUID
    number: int
    act: str
    #: With the account sealed.
    request: bytes
    #: Of the bytes that are sent.
    request_hash: bytes
    begun_at: datetime
    outcome: str = "under_way"


async def add_attempts(
    conn: Connection, attempts: Sequence[Attempt], changed: Sequence[Order]
) -> None:
    """Write down calls before they are made, and what became of orders; what a dead process left open is unknown."""
    if later := [a for a in attempts if a.number > 1]:
        await conn.execute(
            """
            UPDATE order_attempts SET outcome = 'unknown', ended_at = $2
             WHERE order_id = ANY($1::uuid[]) AND outcome = 'under_way'
            """,
            [a.order_id for a in later],
            max(a.begun_at for a in later),
        )
    await conn.execute(
        f"""
        WITH o AS ({saving()})
        INSERT INTO order_attempts (order_id, number, act, request, request_hash, begun_at, outcome, ended_at)
        SELECT n.order_id, n.number, n.act, n.request, n.request_hash, n.begun_at, n.outcome,
               CASE n.outcome WHEN 'under_way' THEN NULL ELSE n.begun_at END
          FROM unnest($16::uuid[], $17::int[], $18::text[], $19::bytea[], $20::bytea[], $21::timestamptz[],
                      $22::text[])
               AS n(order_id, number, act, request, request_hash, begun_at, outcome)
        """,
        *columns_of(changed),
        [a.order_id for a in attempts],
        [a.number for a in attempts],
        [a.act for a in attempts],
        [a.request for a in attempts],
        [a.request_hash for a in attempts],
        [a.begun_at for a in attempts],
        [a.outcome for a in attempts],
    )


async def end_attempt(
    conn: Connection, order_id: UUID, number: int, *, outcome: str, answer: str, at: datetime
) -> None:
    """Write down how a call went."""
    await conn.execute(
        """
        UPDATE order_attempts SET outcome = $3, answer = left($4, 4000), ended_at = $5
         WHERE order_id = $1 AND number = $2 AND outcome = 'under_way'
        """,
        order_id,
        number,
        outcome,
        answer.replace("\x00", "\ufffd"),
        at,
    )


async def attempts_of(conn: Connection, order_id: UUID) -> list[Record]:
    """Every call for an order, the first first."""
    return await conn.fetch(
        """
        SELECT number, act, encode(request_hash, 'hex') AS request_hash, begun_at, ended_at, outcome, answer
          FROM order_attempts WHERE order_id = $1 ORDER BY number
        """,
        order_id,
    )
