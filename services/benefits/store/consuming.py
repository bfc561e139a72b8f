"""What a grant does to the entitlement and its application: read and written together, for both move in every grant."""

import json
from dataclasses import asdict
from uuid import UUID

from chassis.database import Connection
from chassis.refusal import NotFound
from services.benefits.model.application import Application
from services.benefits.model.entitlement import Entitlement
from services.benefits.store.applications import COLUMNS, Event, read_application
from services.benefits.store.entitlements import NAMES, read_entitlement

_TOGETHER = ", ".join(f"e.{name} AS e_{name}" for name in NAMES)


async def locked(conn: Connection, entitlement_id: UUID) -> tuple[Application, Entitlement]:
    """An entitlement and the application it is of, the application locked first."""
    row = await conn.fetchrow(
        f"SELECT {COLUMNS}, {_TOGETHER} FROM entitlements e JOIN applications a ON a.id = e.application_id"
        " WHERE e.id = $1 FOR UPDATE OF a, e",
        entitlement_id,
    )
    if row is None:
        raise NotFound("no-such-entitlement", "このポイントは見つかりません。")
    own = {name: value for name, value in row.items() if not name.startswith("e_")}
    return read_application(own), read_entitlement({name: row[f"e_{name}"] for name in NAMES})


async def save(
    conn: Connection, application: Application, entitlement: Entitlement, event: Event
) -> None:
    """Write down where both are now, and the step that brought the application there."""
    await conn.execute(
        """
        WITH e AS (
            UPDATE entitlements SET state = $2, state_since = $3, due = $4, due_at = $5, revision = $6 WHERE id = $1
        ), a AS (
            UPDATE applications
               SET state = $8, state_since = $9, revision = $10, reason = $14, message = $15, answer_by = $16
             WHERE id = $7
        )
        INSERT INTO application_events (application_id, revision, act, at, actor, findings)
        VALUES ($7, $10, $11, $9, $12, $13::jsonb)
        """,
        entitlement.id,
        entitlement.state,
        entitlement.state_since,
        entitlement.due,
        entitlement.due_at,
        entitlement.revision,
        application.id,
        application.state,
        application.state_since,
        application.revision,
        event.act,
        event.actor,
        json.dumps([asdict(finding) for finding in event.findings]),
        application.reason,
        application.message,
        application.answer_by,
    )
