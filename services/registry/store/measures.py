"""Measures on their way and in public."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis.database import Connection, Record
from chassis.refusal import NotFound
from contracts.registry import MeasureEntry
from services.registry.model.measure.form import MeasureForm
from services.registry.model.measure.measure import Measure
from services.registry.model.measure.state import Edition, State

_COLUMNS = """
       id, municipality_id, state, edition, form, proposed, entry, published_version, drafted_by, approved_by,
       handed_in_at, opened_at, ended_at, reason, message, effective_at, version, revision, created_at,
       state_since, said_at, used_up_at
"""
_SAME = (
    "id", "municipality_id", "published_version", "approved_by", "handed_in_at", "opened_at",
    "ended_at", "reason", "message", "effective_at", "version", "revision", "created_at",
    "state_since", "said_at", "used_up_at",
)  # fmt: skip


async def measure(conn: Connection, measure_id: UUID) -> Measure:
    """The measure as it is."""
    sql = f"SELECT {_COLUMNS} FROM measures WHERE id = $1"
    return _found(await conn.fetchrow(sql, measure_id))


async def measure_for_update(conn: Connection, measure_id: UUID) -> Measure:
    """The measure, locked until the transaction ends."""
    sql = f"SELECT {_COLUMNS} FROM measures WHERE id = $1 FOR UPDATE"
    return _found(await conn.fetchrow(sql, measure_id))


async def has_begun(conn: Connection, measure_id: UUID) -> bool:
    """Whether there is such a measure."""
    sql = "SELECT EXISTS (SELECT FROM measures WHERE id = $1)"
    return bool(await conn.fetchval(sql, measure_id))


async def measures_under_cover(conn: Connection, municipality_id: UUID) -> list[Measure]:
    """Every measure of a municipality that stands or falls with its contracts, locked.

    Those about to be confirmed are among them, so that none slips into public past us.
    """
    rows = await conn.fetch(
        f"""
        SELECT {_COLUMNS}
          FROM measures
         WHERE municipality_id = $1 AND state NOT IN ('closed', 'settling', 'completed', 'cancelled')
         ORDER BY id
           FOR UPDATE
        """,
        municipality_id,
    )
    return [_measure(row) for row in rows]


async def next_due(
    conn: Connection, now: datetime, *, after: tuple[datetime, UUID] | None
) -> tuple[datetime, UUID] | None:
    """When the next measure that goes on by itself by now was due, and which it is."""
    at, last = after or (None, None)
    row = await conn.fetchrow(
        """
        SELECT due_at, id
          FROM measures
         WHERE due_at <= $1 AND ($2::timestamptz IS NULL OR (due_at, id) > ($2, $3))
         ORDER BY due_at, id
         LIMIT 1
        """,
        now,
        at,
        last,
    )
    return (row["due_at"], row["id"]) if row else None


async def due_measure_for_update(
    conn: Connection, measure_id: UUID, now: datetime
) -> Measure | None:
    """A measure, locked, if it still is due and no other copy of this process has it in hand."""
    row = await conn.fetchrow(
        f"SELECT {_COLUMNS} FROM measures WHERE id = $1 AND due_at <= $2 FOR UPDATE SKIP LOCKED",
        measure_id,
        now,
    )
    return _measure(row) if row else None


async def add_measure(conn: Connection, begun: Measure) -> None:
    """Begin with a measure."""
    await conn.execute(
        """
        INSERT INTO measures (id, municipality_id, title, form, drafted_by, created_at, state_since)
        VALUES ($1, $2, $3, $4::jsonb, $5, $6, $6)
        """,
        begun.id,
        begun.municipality_id,
        begun.title,
        begun.form.model_dump_json(),
        list(begun.drafted_by),
        begun.created_at,
    )


async def save_measure(conn: Connection, changed: Measure) -> None:
    """Keep what an act made of a measure."""
    entry = changed.entry
    await conn.execute(
        """
        UPDATE measures
           SET state = $2, edition = $3, title = $4, form = $5::jsonb, proposed = $6::jsonb, entry = $7::jsonb,
               published_version = $8, budget_yen = $9, most_yen = $10, drafted_by = $11, approved_by = $12,
               handed_in_at = $13, opened_at = $14, ended_at = $15, reason = $16, message = $17, due_at = $18,
               effective_at = $19, version = $20, revision = $21, state_since = $22, said_at = $23
         WHERE id = $1
        """,
        changed.id,
        changed.state,
        changed.edition,
        changed.title,
        changed.form.model_dump_json(),
        changed.proposed.model_dump_json() if changed.proposed else None,
        entry.model_dump_json() if entry else None,
        changed.published_version,
        entry.budget_yen if entry else None,
        entry.amount.most_yen if entry else None,
        list(changed.drafted_by),
        changed.approved_by,
        changed.handed_in_at,
        changed.opened_at,
        changed.ended_at,
        changed.reason,
        changed.message,
        changed.due_at,
        changed.effective_at,
        changed.version,
        changed.revision,
        changed.state_since,
        changed.said_at,
    )


async def save_use(conn: Connection, told: Measure) -> None:
    """Keep whether anything is left of a measure, and that it was said."""
    await conn.execute(
        "UPDATE measures SET used_up_at = $2, revision = $3, said_at = $4 WHERE id = $1",
        told.id,
        told.used_up_at,
        told.revision,
        told.said_at,
    )


async def own_measures(
    conn: Connection,
    municipality_id: UUID,
    *,
    states: Sequence[str],
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Measure]:
    """Measures of a municipality in some states, the newest first."""
    at, last = after or (None, None)
    rows = await conn.fetch(
        f"""
        SELECT {_COLUMNS}
          FROM measures
         WHERE municipality_id = $1 AND state = ANY($2)
           AND ($3::timestamptz IS NULL OR (created_at, id) < ($3, $4))
         ORDER BY created_at DESC, id DESC
         LIMIT $5
        """,
        municipality_id,
        list(states),
        at,
        last,
        limit,
    )
    return [_measure(row) for row in rows]


async def own_counts(conn: Connection, municipality_id: UUID) -> dict[str, int]:
    """How many measures of a municipality stand in each state."""
    rows = await conn.fetch(
        "SELECT state, count(*) AS n FROM measures WHERE municipality_id = $1 GROUP BY state",
        municipality_id,
    )
    return {row["state"]: row["n"] for row in rows}


async def waiting_measures(
    conn: Connection, *, after: tuple[datetime, UUID] | None, limit: int
) -> list[tuple[Measure, str, str]]:
    """Measures the secretariat has to look at, with code and name of whose they are; longest waiting first."""
    at, last = after or (None, None)
    rows = await conn.fetch(
        """
        SELECT m.*, o.code AS whose_code, o.name AS whose_name
          FROM measures m
          JOIN organisations o ON o.id = m.municipality_id
         WHERE (m.state = 'approved' OR m.edition = 'approved')
           AND ($1::timestamptz IS NULL OR (m.handed_in_at, m.id) > ($1, $2))
         ORDER BY m.handed_in_at, m.id
         LIMIT $3
        """,
        at,
        last,
        limit,
    )
    return [(_measure(row), row["whose_code"], row["whose_name"]) for row in rows]


def _found(row: Record | None) -> Measure:
    if row is None:
        raise NotFound("measure-unknown", "この施策は見つかりません。")
    return _measure(row)


def _measure(row: Record) -> Measure:
    return Measure(
        **{name: row[name] for name in _SAME},
        state=State(row["state"]),
        edition=Edition(row["edition"]) if row["edition"] else None,
        form=MeasureForm.model_validate_json(row["form"]),
        proposed=_entry(row["proposed"]),
        entry=_entry(row["entry"]),
        drafted_by=tuple(row["drafted_by"]),
    )


def _entry(kept: str | None) -> MeasureEntry | None:
    return MeasureEntry.model_validate_json(kept) if kept else None
