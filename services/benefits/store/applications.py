"""Applications, the people they are for, and every step of them."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Connection, Record
from chassis.refusal import NotFound
from services.benefits.model.application import Application, State
from services.benefits.model.eligibility import Finding

#: The columns of a row of ``applications a``.
COLUMNS = """
       a.id, a.reference, a.measure_id, a.version, a.resident_id, a.person_id, a.unit_key, a.turn, a.resident_ref,
       a.proof_id, a.state, a.state_since, a.reason, a.message, a.answer_by, a.amount, a.lane, a.transfer_id,
       a.target_number, a.children, a.saved_service_id, a.statements, a.submitted_at, a.revision
"""


@dataclass(frozen=True, slots=True)
class Event:
    """A step of an application, with what was found."""

    revision: int
    act: str
    at: datetime
    actor: str
    approved_by: str | None = None
    version: int | None = None
    findings: tuple[Finding, ...] = ()
    reason: str | None = None
    message: str = ""


async def save_application(conn: Connection, application: Application, event: Event) -> None:
    """Write down where an application is now, and the step that brought it there."""
    await conn.execute(
        "UPDATE applications SET state = $2, state_since = $3, reason = $4, message = $5, answer_by = $6, amount = $7,"
        "       lane = $8, transfer_id = $9, revision = $10 WHERE id = $1",
        application.id,
        *changing(application),
        application.revision,
    )
    await add_events(conn, application.id, [event])


def changing(application: Application) -> tuple[object, ...]:
    """What changes of an application in its life."""
    return (
        application.state,
        application.state_since,
        application.reason,
        application.message,
        application.answer_by,
        application.amount,
        application.lane,
        application.transfer_id,
    )


async def add_events(conn: Connection, application_id: UUID, events: Sequence[Event]) -> None:
    """Keep steps of an application beside those before them."""
    await conn.execute(
        """
        INSERT INTO application_events (application_id, revision, act, at, actor, approved_by, version, findings,
               reason, message)
        SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::int[],
               $8::jsonb[], $9::text[], $10::text[])
        """,
        application_id,
        *columns_of(events),
    )


def columns_of(events: Sequence[Event]) -> tuple[list[object], ...]:
    """Steps as the columns of several rows."""
    return (
        [event.revision for event in events],
        [event.act for event in events],
        [event.at for event in events],
        [event.actor for event in events],
        [event.approved_by for event in events],
        [event.version for event in events],
        [json.dumps([asdict(finding) for finding in event.findings]) for event in events],
        [event.reason for event in events],
        [event.message for event in events],
    )


async def application(
    conn: Connection, application_id: UUID, *, locked: bool = False
) -> Application:
    """An application, by its id; ``locked`` until the transaction ends."""
    query = f"SELECT {COLUMNS} FROM applications a WHERE a.id = $1"
    row = await conn.fetchrow(query + " FOR UPDATE" if locked else query, application_id)
    if row is None:
        raise unknown()
    return read_application(row)


async def several(conn: Connection, application_ids: list[UUID]) -> list[Application]:
    """Those of the applications that are there, in the order of their ids."""
    rows = await conn.fetch(
        f"SELECT {COLUMNS} FROM applications a WHERE a.id = ANY ($1) ORDER BY a.id",
        application_ids,
    )
    return [read_application(row) for row in rows]


async def own_applications(
    conn: Connection,
    resident_id: UUID,
    *,
    measure_id: UUID | None = None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Application]:
    """What a resident applied for, at all or to one measure, the latest first."""
    rows = await conn.fetch(
        f"SELECT {COLUMNS} FROM applications a WHERE a.resident_id = $1"
        "   AND ($2::timestamptz IS NULL OR (a.submitted_at, a.id) < ($2, $3))"
        "   AND ($5::uuid IS NULL OR a.measure_id = $5)"
        " ORDER BY a.submitted_at DESC, a.id DESC LIMIT $4",
        resident_id,
        *(after or (None, None)),
        limit,
        measure_id,
    )
    return [read_application(row) for row in rows]


async def events(conn: Connection, application_id: UUID) -> list[Event]:
    """Every step of an application."""
    rows = await conn.fetch(
        "SELECT revision, act, at, actor, approved_by, version, findings, reason, message"
        "  FROM application_events WHERE application_id = $1 ORDER BY revision",
        application_id,
    )
    return [
        Event(**{**dict(row), "findings": tuple(Finding(**f) for f in json.loads(row["findings"]))})
        for row in rows
    ]


def unknown() -> NotFound:
    """There is no such application, or not for the one who asks."""
    return NotFound("no-such-application", "この申込みは見つかりません。")


def read_application(row: Record | dict[str, Any]) -> Application:
    """An application from its row."""
    fields = {**dict(row), "state": State(row["state"]), "statements": tuple(row["statements"])}
    return Application(**fields)
