"""Measures (施策) from a file: each row becomes a draft, all of them in one transaction."""

from datetime import datetime

from chassis.database import Connection
from services.registry.commands.measure_drafts import begin
from services.registry.commands.measure_record import Acting
from services.registry.model.imports.drafts import sections_of
from services.registry.model.imports.progress import Import
from services.registry.store.imports import rows


async def bring_in_measures(conn: Connection, held: Import, now: datetime) -> None:
    """The rows that wait become drafts, begun by whoever said that they shall count."""
    acting = Acting(held.confirmed_by or "", "municipality", now)
    for _, row in await rows.rows_of(conn, held.id):
        await begin(conn, held.organisation_id, sections_of(row), acting)
