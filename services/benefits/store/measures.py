"""What is kept of measures, their versions, and the lists of who may receive."""

from functools import lru_cache
from uuid import UUID

from chassis.database import Connection, Record
from chassis.refusal import NotFound
from contracts.registry import MeasureEntry, Target
from services.benefits.model.eligibility import OnList
from services.benefits.model.measure import Measure, State

#: The columns of a row of ``measures m``.
COLUMNS = "m.id, m.ledger, m.state, m.funded_yen, m.entry"


async def save_measure(conn: Connection, measure: Measure) -> None:
    """Keep what the register said last of a measure."""
    entry = measure.entry
    await conn.execute(
        """
        INSERT INTO measures (id, ledger, municipality_id, municipality_code, state, version, title, apply_from,
               apply_until, allocate_by, budget_yen, funded_yen, quota, largest_quota, entry)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, $14)
        ON CONFLICT (id) DO UPDATE
           SET municipality_id = $3, municipality_code = $4, state = $5, version = $6, title = $7, apply_from = $8,
               apply_until = $9, allocate_by = $10, budget_yen = $11, funded_yen = $12, quota = $13,
               largest_quota = greatest(measures.largest_quota, $13), entry = $14
        """,
        measure.id,
        measure.ledger,
        entry.municipality_id,
        entry.municipality_code,
        measure.state,
        entry.version,
        measure.title,
        entry.apply_from,
        entry.apply_until,
        entry.allocate_by,
        entry.budget_yen,
        measure.funded_yen,
        entry.quota,
        entry.model_dump_json(),
    )


async def add_version(conn: Connection, measure: Measure, said_at: object) -> None:
    """Keep a version beside those before it."""
    await conn.execute(
        "INSERT INTO measure_versions (measure_id, version, said_at, entry) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT DO NOTHING",
        measure.id,
        measure.entry.version,
        said_at,
        measure.entry.model_dump_json(),
    )


async def known_measure(conn: Connection, measure_id: UUID) -> Measure | None:
    """A measure, if anything was said of it."""
    row = await conn.fetchrow(f"SELECT {COLUMNS} FROM measures m WHERE id = $1", measure_id)
    return read_measure(row) if row else None


async def measure(conn: Connection, measure_id: UUID) -> Measure:
    """A measure, by its id."""
    found = await known_measure(conn, measure_id)
    if found is None:
        raise unknown()
    return found


def unknown() -> NotFound:
    """There is no such measure, or not for the one who asks."""
    return NotFound("no-such-measure", "この施策は見つかりません。")


async def measure_of(conn: Connection, measure_id: UUID, municipality_id: UUID) -> Measure:
    """A measure of one municipality; another's is not there."""
    found = await measure(conn, measure_id)
    if found.municipality_id != municipality_id:
        raise unknown()
    return found


async def measures_by_id(conn: Connection, measure_ids: set[UUID]) -> dict[UUID, Measure]:
    """Several measures, by their ids."""
    rows = await conn.fetch(
        f"SELECT {COLUMNS} FROM measures m WHERE id = ANY ($1)", list(measure_ids)
    )
    return {row["id"]: read_measure(row) for row in rows}


async def measures_of(conn: Connection, municipality_id: UUID) -> list[Measure]:
    """Every measure of a municipality, the latest first."""
    rows = await conn.fetch(
        f"SELECT {COLUMNS} FROM measures m WHERE municipality_id = $1 ORDER BY apply_from DESC, id LIMIT 200",
        municipality_id,
    )
    return [read_measure(row) for row in rows]


async def version_of(conn: Connection, measure_id: UUID, version: int) -> MeasureEntry:
    """What a measure said in one of its versions."""
    entry = await conn.fetchval(
        "SELECT entry FROM measure_versions WHERE measure_id = $1 AND version = $2",
        measure_id,
        version,
    )
    if entry is None:
        raise NotFound("no-such-version", "この版は見つかりません。")
    return _entry(entry)


async def add_targets(
    conn: Connection, list_id: UUID, measure_id: UUID, targets: tuple[Target, ...]
) -> None:
    """Keep lines of a list that does not count yet."""
    await conn.execute(
        "INSERT INTO target_lists (id, measure_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        list_id,
        measure_id,
    )
    await conn.execute(
        "INSERT INTO targets (list_id, number, amount_yen, children)"
        " SELECT $1, * FROM unnest($2::text[], $3::bigint[], $4::int[]) ON CONFLICT DO NOTHING",
        list_id,
        [target.number for target in targets],
        [target.amount_yen for target in targets],
        [target.children for target in targets],
    )


async def let_list_count(conn: Connection, list_id: UUID, measure_id: UUID) -> None:
    """From now on this list is the measure's."""
    await conn.execute(
        "UPDATE target_lists SET counts = false WHERE measure_id = $1 AND id <> $2 AND counts",
        measure_id,
        list_id,
    )
    await conn.execute(
        "INSERT INTO target_lists (id, measure_id, counts) VALUES ($1, $2, true)"
        " ON CONFLICT (id) DO UPDATE SET counts = true",
        list_id,
        measure_id,
    )


async def drop_list(conn: Connection, list_id: UUID) -> None:
    """A list that was replaced counts no more."""
    await conn.execute("UPDATE target_lists SET counts = false WHERE id = $1", list_id)


async def on_list(conn: Connection, measure_id: UUID, number: str) -> OnList | None:
    """The line of the measure's list with this number."""
    row = await conn.fetchrow(
        "SELECT t.number, t.amount_yen, t.children FROM target_lists l JOIN targets t ON t.list_id = l.id"
        " WHERE l.measure_id = $1 AND l.counts AND t.number = $2",
        measure_id,
        number,
    )
    return OnList(**dict(row)) if row else None


@lru_cache(maxsize=256)
def _entry(text: str) -> MeasureEntry:
    """What a measure says; read once, for it is asked for with every application and never changes in place."""
    return MeasureEntry.model_validate_json(text)


def read_measure(row: Record) -> Measure:
    """A measure from its row."""
    return Measure(
        id=row["id"],
        ledger=row["ledger"],
        state=State(row["state"]),
        entry=_entry(row["entry"]),
        funded_yen=row["funded_yen"],
    )
