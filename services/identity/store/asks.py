"""What was asked at a public door and waits to be answered by mail."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.database import Connection


@dataclass(frozen=True, slots=True)
class Ask:
    """One question; ``content`` is sealed."""

    id: UUID
    kind: str
    content: str
    asked_at: datetime


async def add_ask(conn: Connection, ask: Ask) -> None:
    """Keep a question."""
    await conn.execute(
        "INSERT INTO asks (ask_id, kind, content, asked_at, due_at) VALUES ($1, $2, $3, $4, $4)",
        ask.id,
        ask.kind,
        ask.content,
        ask.asked_at,
    )


async def claim_ask(conn: Connection, now: datetime) -> Ask | None:
    """The question due longest, put off before it is tried: whoever dies over it leaves it for later."""
    row = await conn.fetchrow(
        """
        UPDATE asks SET attempts = attempts + 1,
                        due_at = $1 + least(interval '5 seconds' * 2 ^ least(attempts, 10), interval '10 minutes')
         WHERE ask_id = (SELECT ask_id FROM asks WHERE due_at <= $1 ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING ask_id AS id, kind, content, asked_at
        """,
        now,
    )
    return Ask(**dict(row)) if row else None


async def take_ask(conn: Connection, ask_id: UUID) -> bool:
    """The question is answered in this transaction; False if another copy has answered it."""
    taken = await conn.fetchval("DELETE FROM asks WHERE ask_id = $1 RETURNING true", ask_id)
    return bool(taken)


async def forget_asks(conn: Connection, before: datetime) -> None:
    """Forget questions that could not be answered for too long."""
    await conn.execute("DELETE FROM asks WHERE asked_at < $1", before)
