"""Benefits says that nothing is left of a measure, or something is again; the register tells everybody."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from chassis.database import Connection
from contracts.registry import MeasureFreed, MeasureUsedUp, PublicMeasureFact
from services.registry.commands.measure_record import say
from services.registry.store import measures


async def used_up(conn: Connection, measure_id: UUID, at: datetime) -> None:
    """Nobody who applies now gets a place."""
    await _told(conn, measure_id, at, MeasureUsedUp)


async def freed(conn: Connection, measure_id: UUID, at: datetime) -> None:
    """A place is free again."""
    await _told(conn, measure_id, at, MeasureFreed)


async def _told(
    conn: Connection, measure_id: UUID, at: datetime, fact: type[PublicMeasureFact]
) -> None:
    if not await measures.has_begun(conn, measure_id):
        return
    found = await measures.measure_for_update(conn, measure_id)
    if found.entry is None:
        return
    used_up_at = at if fact is MeasureUsedUp else None
    told = replace(
        found, used_up_at=used_up_at, revision=found.revision + 1, said_at=found.moment(at)
    )
    # Nothing of the measure itself is another: no step, and whoever edits it goes on.
    await measures.save_use(conn, told)
    say(conn, fact, told)
