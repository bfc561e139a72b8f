"""Keeps what an import has come to and says it, so that whoever waits for it need not look."""

from dataclasses import replace
from datetime import datetime

from chassis.database import Connection
from chassis.outbox import publish
from contracts.registry import ImportEnded, ImportRead
from services.registry.model.imports.progress import Import, ImportState
from services.registry.store.imports import files


async def tell(conn: Connection, before: Import, after: Import, now: datetime) -> None:
    """Reading is over, or bringing in is."""
    said = replace(after, revision=after.revision + 1)
    await files.save_import(conn, said)
    brought = before.state is ImportState.IMPORTING
    fields = {
        "import_id": said.id,
        "municipality_id": said.organisation_id,
        "rows_are": said.kind,
        "measure_id": said.measure_id,
        "member_id": said.member_id,
        "since": (said.confirmed_at if brought else None) or said.uploaded_at,
        "rows": said.rows_read,
        "reason": said.why_detail,
        "revision": said.revision,
        "occurred_at": now,
    }
    if brought:
        publish(conn, ImportEnded.model_validate(fields))
    else:
        publish(conn, ImportRead.model_validate({**fields, "faulty": said.rows_faulty}))
