"""Who looks at the signing service for which contract, what was tried there, and when it rests."""

from datetime import datetime
from uuid import UUID

from chassis.database import Connection, Record
from services.registry.model.signing import Act, Tried


async def claim(
    conn: Connection, worker: UUID, *, at: datetime, until: datetime, limit: int
) -> list[UUID]:
    """Take contracts that are due; nobody else gets them before ``until``."""
    rows = await conn.fetch(
        """
        UPDATE contracts SET claimed_by = $1, claimed_until = $3
         WHERE id IN (SELECT id FROM contracts
                       WHERE look_at <= $2 AND (claimed_until IS NULL OR claimed_until <= $2)
                       ORDER BY look_at LIMIT $4 FOR UPDATE SKIP LOCKED)
        RETURNING id
        """,
        worker,
        at,
        until,
        limit,
    )
    return [row["id"] for row in rows]


async def extend(conn: Connection, contract_id: UUID, worker: UUID, until: datetime) -> None:
    """Keep a claim for longer."""
    await conn.execute(
        "UPDATE contracts SET claimed_until = $3 WHERE id = $1 AND claimed_by = $2",
        contract_id,
        worker,
        until,
    )


async def let_go(conn: Connection, contract_id: UUID, worker: UUID) -> None:
    """Whoever comes next may take it."""
    await conn.execute(
        "UPDATE contracts SET claimed_by = NULL, claimed_until = NULL WHERE id = $1 AND claimed_by = $2",
        contract_id,
        worker,
    )


async def look_again(conn: Connection, document_id: str, at: datetime) -> bool:
    """A document of the signing service is looked at soon; whether we know it."""
    done = await conn.execute(
        """
        UPDATE contracts
           SET look_at = CASE WHEN look_at <= $2 AND coalesce(claimed_until <= $2, true) THEN look_at ELSE $2 END
         WHERE external_document_id = $1 AND state IN ('ready', 'sending', 'out', 'bounced')
        """,
        document_id,
        at,
    )
    return bool(done != "UPDATE 0")


async def begin_attempt(conn: Connection, contract_id: UUID, act: Act, at: datetime) -> int:
    """Write down that something is being tried; what a dead process left open is unknown."""
    await conn.execute(
        """
        UPDATE contract_attempts SET outcome = 'unknown', ended_at = $2
         WHERE contract_id = $1 AND outcome = 'under_way'
        """,
        contract_id,
        at,
    )
    number = await conn.fetchval(
        """
        INSERT INTO contract_attempts (contract_id, number, act, begun_at)
        SELECT $1, coalesce(max(number), 0) + 1, $2, $3 FROM contract_attempts WHERE contract_id = $1
        RETURNING number
        """,
        contract_id,
        act,
        at,
    )
    return int(number)


async def end_attempt(
    conn: Connection, contract_id: UUID, number: int, *, outcome: str, answer: str, at: datetime
) -> None:
    """Write down how it went."""
    await conn.execute(
        """
        UPDATE contract_attempts SET outcome = $3, answer = left($4, 500), ended_at = $5
         WHERE contract_id = $1 AND number = $2
        """,
        contract_id,
        number,
        outcome,
        answer,
        at,
    )


async def last_try(conn: Connection, contract_id: UUID, act: Act) -> Tried | None:
    """The last try of an act."""
    row = await conn.fetchrow(
        """
        SELECT begun_at, ended_at, outcome
          FROM contract_attempts WHERE contract_id = $1 AND act = $2
         ORDER BY number DESC LIMIT 1
        """,
        contract_id,
        act,
    )
    return Tried(*row) if row else None


async def reminders(conn: Connection, contract_id: UUID) -> int:
    """How many reminders were answered well."""
    sql = "SELECT count(*) FROM contract_attempts WHERE contract_id = $1 AND act = 'remind' AND outcome = 'done'"
    return int(await conn.fetchval(sql, contract_id))


async def attempts_of(conn: Connection, contract_id: UUID) -> list[Record]:
    """Everything that was tried, the first first."""
    return await conn.fetch(
        """
        SELECT number, act, begun_at, ended_at, outcome, answer
          FROM contract_attempts WHERE contract_id = $1 ORDER BY number
        """,
        contract_id,
    )


async def add_oddity(
    conn: Connection, contract_id: UUID, *, asked: str, answer: str, at: datetime
) -> None:
    """Keep an answer that makes no sense, as it came."""
    await conn.execute(
        "INSERT INTO contract_oddities (contract_id, at, asked, answer) VALUES ($1, $2, $3, left($4, 4000))",
        contract_id,
        at,
        asked,
        answer,
    )


async def oddities_of(conn: Connection, contract_id: UUID) -> list[Record]:
    """Answers that made no sense, the first first."""
    return await conn.fetch(
        "SELECT at, asked, answer FROM contract_oddities WHERE contract_id = $1 ORDER BY id",
        contract_id,
    )


async def keep_window(
    conn: Connection,
    window_id: UUID,
    *,
    system: str,
    starts_at: datetime,
    ends_at: datetime,
    over: bool,
) -> None:
    """Keep a maintenance window as it was said last."""
    await conn.execute(
        """
        INSERT INTO maintenance_windows (id, system, starts_at, ends_at, over) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (id) DO UPDATE
           SET system = excluded.system, starts_at = excluded.starts_at, ends_at = excluded.ends_at,
               over = excluded.over
        """,
        window_id,
        system,
        starts_at,
        ends_at,
        over,
    )


async def resting_until(conn: Connection, system: str, at: datetime) -> datetime | None:
    """Until when a system rests, if it does."""
    found: datetime | None = await conn.fetchval(
        "SELECT max(ends_at) FROM maintenance_windows"
        " WHERE system = $1 AND NOT over AND starts_at <= $2 AND ends_at > $2",
        system,
        at,
    )
    return found


async def next_window(conn: Connection, system: str, at: datetime) -> Record | None:
    """The window of a system that is on, or comes next."""
    return await conn.fetchrow(
        "SELECT starts_at, ends_at FROM maintenance_windows"
        " WHERE system = $1 AND NOT over AND ends_at > $2 ORDER BY starts_at LIMIT 1",
        system,
        at,
    )


async def wake_the_delayed(conn: Connection, at: datetime) -> None:
    """Contracts that wait for the signing service are looked at now."""
    await conn.execute(
        "UPDATE contracts SET look_at = $1 WHERE delayed_until IS NOT NULL AND look_at > $1", at
    )
