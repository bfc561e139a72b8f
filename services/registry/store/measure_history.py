"""Every step of a measure, and every version applicants can look up."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.database import Connection, Record
from chassis.refusal import NotFound
from contracts.registry import MeasureEntry
from services.registry.model.measure.form import MeasureForm

_VERSION = "number, entry, form, effective_at, changed, note, drafted_by, approved_by, confirmed_by"


@dataclass(frozen=True, slots=True)
class MeasureStep:
    """One step of a measure, and the text the other side got."""

    at: datetime
    act: str
    actor: str
    side: str
    message: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class MeasureVersion:
    """A version of a measure, whole, and who stood for it."""

    number: int
    entry: MeasureEntry
    #: As it was typed.
    form: MeasureForm
    effective_at: datetime
    changed: tuple[str, ...]
    note: str
    drafted_by: tuple[str, ...]
    approved_by: str | None
    confirmed_by: str


async def add_measure_step(conn: Connection, measure_id: UUID, step: MeasureStep) -> None:
    """Note a step."""
    await conn.execute(
        """
        INSERT INTO measure_steps (measure_id, at, act, actor, side, message, reason)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        """,
        measure_id,
        step.at,
        step.act,
        step.actor,
        step.side,
        step.message,
        step.reason,
    )


async def measure_steps(conn: Connection, measure_id: UUID) -> list[MeasureStep]:
    """Every step of a measure, the oldest first."""
    rows = await conn.fetch(
        """
        SELECT at, act, actor, side, message, reason
          FROM measure_steps
         WHERE measure_id = $1
         ORDER BY id
        """,
        measure_id,
    )
    return [MeasureStep(*row) for row in rows]


async def add_measure_version(conn: Connection, measure_id: UUID, version: MeasureVersion) -> None:
    """Keep a version for ever; the database lets it follow the one before."""
    await conn.execute(
        """
        INSERT INTO measure_versions (measure_id, number, entry, form, effective_at, changed, note, drafted_by,
                                      approved_by, confirmed_by)
        VALUES ($1, $2, $3::jsonb, $4::jsonb, $5, $6, $7, $8, $9, $10)
        """,
        measure_id,
        version.number,
        version.entry.model_dump_json(),
        version.form.model_dump_json(),
        version.effective_at,
        list(version.changed),
        version.note,
        list(version.drafted_by),
        version.approved_by,
        version.confirmed_by,
    )


async def measure_versions(conn: Connection, measure_id: UUID) -> list[MeasureVersion]:
    """Every version of a measure, the newest first."""
    rows = await conn.fetch(
        f"SELECT {_VERSION} FROM measure_versions WHERE measure_id = $1 ORDER BY number DESC",
        measure_id,
    )
    return [_version(row) for row in rows]


async def measure_version(conn: Connection, measure_id: UUID, number: int) -> MeasureVersion:
    """One version of a measure."""
    row = await conn.fetchrow(
        f"SELECT {_VERSION} FROM measure_versions WHERE measure_id = $1 AND number = $2",
        measure_id,
        number,
    )
    if row is None:
        raise NotFound("measure-version-unknown", "この版は見つかりません。")
    return _version(row)


def _version(row: Record) -> MeasureVersion:
    return MeasureVersion(
        number=row["number"],
        entry=MeasureEntry.model_validate_json(row["entry"]),
        form=MeasureForm.model_validate_json(row["form"]),
        effective_at=row["effective_at"],
        changed=tuple(row["changed"]),
        note=row["note"],
        drafted_by=tuple(row["drafted_by"]),
        approved_by=row["approved_by"],
        confirmed_by=row["confirmed_by"],
    )
