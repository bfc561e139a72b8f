"""Contracts that carry a payment service, put where matching keeps them; and their end."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from chassis.clock import now
from chassis.database import Connection, Pool, transaction
from chassis.ids import new_id
from services.registry.commands.measure_cover import look_again

ALWAYS = (date(2016, 4, 1), date(2099, 3, 31))
KINDS = ("fixed", "purchase_rate", "charge_rate")


@dataclass(frozen=True)
class Carried:
    """A match whose contract carries a service."""

    match_id: UUID
    municipality_id: UUID


async def carry(
    conn: Connection,
    municipality_id: UUID,
    code: str,
    *,
    year: int,
    kinds: tuple[str, ...] = KINDS,
    days: tuple[date, date] = ALWAYS,
    also: tuple[str, ...] = (),
) -> Carried:
    """A concluded contract carries the service with this code, and others of the same provider."""
    match_id, contract_id = new_id(), new_id()
    row = await conn.fetchrow("SELECT id, provider_id FROM payment_services WHERE code = $1", code)
    assert row, code
    await conn.execute(
        "INSERT INTO matches (id, municipality_id, provider_id, fiscal_year, proposed_by, answer_by, fee_per_grant,"
        " funding, cutoff_days, created_at, state_since) VALUES ($1, $2, $3, $4, 'municipality', $5, 0, 'invoice', 0,"
        " $6, $6)",
        match_id,
        municipality_id,
        row["provider_id"],
        year,
        days[0],
        now(),
    )
    await conn.execute(
        "INSERT INTO match_services SELECT $1, id, $3 FROM payment_services WHERE code = ANY($2)",
        match_id,
        [code, *also],
        list(kinds),
    )
    await conn.execute(
        "INSERT INTO contracts (id, match_id, reference, title, body, valid_from, valid_until, created_at, state_since)"
        " VALUES ($1, $2, $3, 'x', 'x', $4, $5, $6, $6)",
        contract_id,
        match_id,
        f"MC-{match_id.hex[-10:].upper()}",
        *days,
        now(),
    )
    for step in ("accepted", "contract_preparing", "contract_out", "contracted"):
        await conn.execute("UPDATE matches SET state = $2 WHERE id = $1", match_id, step)
    await conn.execute(
        "UPDATE contracts SET state = 'ready', file = 'x', file_digest = repeat('0', 64) WHERE id = $1",
        contract_id,
    )
    for step in ("sending", "out"):
        await conn.execute(
            "UPDATE contracts SET state = $2, external_document_id = id::text WHERE id = $1",
            contract_id,
            step,
        )
    await conn.execute(
        "UPDATE contracts SET state = 'concluded', concluded_at = $2 WHERE id = $1",
        contract_id,
        now(),
    )
    return Carried(match_id, municipality_id)


async def drop(conn: Connection, carried: Carried, *, at: datetime | None = None) -> None:
    """The contract ends, and measures are looked at again."""
    await conn.execute(
        "UPDATE contracts SET state = 'ended' WHERE match_id = $1 AND state = 'concluded'",
        carried.match_id,
    )
    await conn.execute(
        "UPDATE matches SET state = 'ended' WHERE id = $1 AND state <> 'ended'", carried.match_id
    )
    await look_again(conn, carried.municipality_id, at or now())


async def carry_now(pool: Pool, municipality_id: UUID, code: str, **how: object) -> Carried:
    """… in a transaction of its own."""
    async with transaction(pool) as conn:
        return await carry(conn, municipality_id, code, **how)  # type: ignore[arg-type]
