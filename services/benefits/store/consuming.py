"""What a grant does to the entitlement and its application: read and written together, for both move in every grant."""

import json
from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass
from uuid import UUID

from chassis.database import Connection, Record
from chassis.refusal import NotFound
from services.benefits.model.application import Application
from services.benefits.model.entitlement import Entitlement
from services.benefits.model.order import Order
from services.benefits.store.answers import Said
from services.benefits.store.applications import COLUMNS, Event, read_application
from services.benefits.store.entitlements import NAMES, read_entitlement
from services.benefits.store.orders import columns_of, saving

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
    return _both(row)


async def all_locked(
    conn: Connection, entitlement_ids: Sequence[UUID]
) -> dict[UUID, tuple[Application, Entitlement]]:
    """Several of them, by entitlement, locked in the order of the applications' ids."""
    rows = await conn.fetch(
        f"SELECT {COLUMNS}, {_TOGETHER} FROM entitlements e JOIN applications a ON a.id = e.application_id"
        " WHERE e.id = ANY($1::uuid[]) ORDER BY a.id FOR UPDATE OF a, e",
        entitlement_ids,
    )
    return {row["e_id"]: _both(row) for row in rows}


def _both(row: Record) -> tuple[Application, Entitlement]:
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


@dataclass(frozen=True, slots=True)
class Grant:
    """What is to be kept of a grant: the answer that says so, and where that brought everything."""

    said: Said
    order: Order
    application: Application
    entitlement: Entitlement
    event: Event


async def add_grants(conn: Connection, grants: Sequence[Grant]) -> None:
    """Keep several grants, in one statement; an answer's key that was used before is an error."""
    said = zip(*(astuple(g.said) for g in grants), strict=True)
    await conn.execute(
        f"""
        WITH s AS (
            INSERT INTO order_answers (id, provider_id, answer_key, order_id, order_ref, source, result, amount,
                   resident_ref, transaction_id, code, body, verdict, received_at, body_hash)
            SELECT n.*, sha256(n.body)
              FROM unnest($17::uuid[], $18::uuid[], $19::text[], $20::uuid[], $21::text[], $22::text[], $23::text[],
                          $24::bigint[], $25::text[], $26::text[], $27::text[], $28::bytea[], $29::text[],
                          $30::timestamptz[])
                   AS n(id, provider_id, answer_key, order_id, order_ref, source, result, amount, resident_ref,
                        transaction_id, code, body, verdict, received_at)
        ), o AS ({saving(31)}), n AS (
            SELECT * FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[], $5::timestamptz[], $6::bigint[],
                                 $7::uuid[], $8::text[], $9::timestamptz[], $10::bigint[], $11::text[], $12::text[],
                                 $13::jsonb[], $14::text[], $15::text[], $16::timestamptz[])
                     AS n(entitlement_id, state, since, due, due_at, revision, application_id, a_state, a_since,
                          a_revision, act, actor, findings, reason, message, answer_by)
        ), e AS (
            UPDATE entitlements e
               SET state = n.state, state_since = n.since, due = n.due, due_at = n.due_at, revision = n.revision
              FROM n WHERE e.id = n.entitlement_id
        ), a AS (
            UPDATE applications a
               SET state = n.a_state, state_since = n.a_since, revision = n.a_revision, reason = n.reason,
                   message = n.message, answer_by = n.answer_by
              FROM n WHERE a.id = n.application_id
        )
        INSERT INTO application_events (application_id, revision, act, at, actor, findings)
        SELECT application_id, a_revision, act, a_since, actor, findings FROM n
        """,
        *_columns(grants),
        *(list(column) for column in said),
        *columns_of([g.order for g in grants]),
    )


def _columns(grants: Sequence[Grant]) -> tuple[list[object], ...]:
    return (
        [g.entitlement.id for g in grants],
        [g.entitlement.state for g in grants],
        [g.entitlement.state_since for g in grants],
        [g.entitlement.due for g in grants],
        [g.entitlement.due_at for g in grants],
        [g.entitlement.revision for g in grants],
        [g.application.id for g in grants],
        [g.application.state for g in grants],
        [g.application.state_since for g in grants],
        [g.application.revision for g in grants],
        [g.event.act for g in grants],
        [g.event.actor for g in grants],
        [json.dumps([asdict(finding) for finding in g.event.findings]) for g in grants],
        [g.application.reason for g in grants],
        [g.application.message for g in grants],
        [g.application.answer_by for g in grants],
    )
