"""Lanes of a measure: where places of the quota and yen of the budget are taken, and given back."""

from dataclasses import dataclass
from uuid import UUID

from chassis.database import Connection
from services.benefits.model.ledger import LANES
from services.benefits.model.measure import Measure


@dataclass(frozen=True, slots=True)
class Place:
    """A place that was taken in a lane, with the accounts it is paid from."""

    lane: int
    available: int
    reserved: int
    #: Yen that other lanes have to bring first.
    short: int = 0


async def open_lanes(conn: Connection, measure: Measure) -> None:
    """The lanes of a measure and their accounts, once."""
    await conn.execute(
        "INSERT INTO accounts (ledger, kind, owner, lane)"
        " SELECT $1, kind, $2, lane FROM unnest(ARRAY['available', 'reserved']) AS kind,"
        "        generate_series(0, $3 - 1) AS lane ON CONFLICT DO NOTHING",
        measure.ledger,
        measure.id,
        LANES,
    )
    await conn.execute(
        "INSERT INTO lanes (measure_id, lane, available, reserved)"
        " SELECT $2, a.lane, a.id, r.id FROM accounts a JOIN accounts r USING (ledger, owner, lane)"
        "  WHERE a.ledger = $1 AND a.kind = 'available' AND r.kind = 'reserved' ON CONFLICT DO NOTHING",
        measure.ledger,
        measure.id,
    )


async def take_place(
    conn: Connection, measure_id: UUID, amount: int, *, first: int
) -> Place | None:
    """A place with ``amount`` yen behind it, in lane ``first`` if it can be; None when nothing is left."""
    row = await conn.fetchrow(
        "SELECT * FROM take_place($1, $2, $3)", measure_id, amount, first % LANES
    )
    return Place(**dict(row)) if row else None


async def give_back_place(conn: Connection, measure_id: UUID, lane: int) -> None:
    """A place is free again."""
    await conn.execute(
        "UPDATE lanes SET places = places + 1 WHERE measure_id = $1 AND lane = $2",
        measure_id,
        lane,
    )


async def yen_by_lane(conn: Connection, measure_id: UUID) -> list[tuple[Place, int]]:
    """Every lane with the yen promised to nobody there, all locked in their order."""
    await conn.execute(
        "SELECT FROM lanes WHERE measure_id = $1 ORDER BY lane FOR UPDATE", measure_id
    )
    rows = await conn.fetch(
        "SELECT l.lane, l.available, l.reserved, a.debits_posted - a.credits_posted - a.credits_pending AS yen"
        "  FROM lanes l JOIN accounts a ON a.id = l.available WHERE l.measure_id = $1 ORDER BY l.lane",
        measure_id,
    )
    return [(Place(row["lane"], row["available"], row["reserved"]), row["yen"]) for row in rows]


async def places_taken(conn: Connection, measure_id: UUID) -> int:
    """How many applications hold a place."""
    return int(
        await conn.fetchval(
            "SELECT count(*) FROM applications WHERE measure_id = $1 AND state IN"
            " ('awaiting_participation', 'in_review', 'returned', 'approved', 'completed', 'expired')",
            measure_id,
        )
    )


async def set_places(conn: Connection, measure_id: UUID, places: list[int] | None) -> None:
    """How many places each lane has from now on; None: as many as there are yen."""
    await conn.execute(
        "UPDATE lanes l SET places = ($2::bigint[])[l.lane + 1] WHERE l.measure_id = $1",
        measure_id,
        places,
    )
