"""Mails: what is due, what is under way, how it ended."""

from datetime import datetime
from uuid import UUID

from chassis.database import Connection, Record
from chassis.refusal import NotFound
from services.notifications.model.delivery import Delivery, Reason, State

_COLUMNS = """
    d.delivery_id, d.letter_id, d.contact_id, d.name, d.address, d.state, d.reason, d.answer,
    d.attempts, d.asked_by, d.due_at, d.send_by, d.queued_at, d.finished_at, d.wide, d.repeated
"""


async def add_delivery(conn: Connection, mail: Delivery) -> None:
    """Put a mail in line."""
    await conn.execute(
        """
        INSERT INTO deliveries (delivery_id, letter_id, contact_id, name, address, state, due_at,
                                send_by, queued_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """,
        mail.delivery_id,
        mail.letter_id,
        mail.contact_id,
        mail.name,
        mail.address,
        mail.state,
        mail.due_at,
        mail.send_by,
        mail.queued_at,
    )


async def due_for_update(
    conn: Connection, at: datetime, limit: int, crowded: list[str]
) -> list[Delivery]:
    """Mails whose turn it is, locked, but for ``crowded`` domains; what another copy has is left to it."""
    rows = await conn.fetch(
        f"""
        SELECT {_COLUMNS} FROM deliveries d
         WHERE d.state = 'waiting' AND NOT d.wide AND d.due_at <= $1
           AND coalesce(d.domain, '') <> ALL ($3::text[])
         ORDER BY d.due_at LIMIT $2
           FOR UPDATE SKIP LOCKED
        """,
        at,
        limit,
        crowded,
    )
    return [delivery_of(row) for row in rows]


async def delivery_for_update(conn: Connection, delivery_id: UUID) -> Delivery:
    """One mail, locked until the transaction ends."""
    row = await conn.fetchrow(
        f"SELECT {_COLUMNS} FROM deliveries d WHERE d.delivery_id = $1 FOR UPDATE", delivery_id
    )
    if row is None:
        raise NotFound("no-such-delivery", "このメールは見つかりません。")
    return delivery_of(row)


async def save_delivery(conn: Connection, mail: Delivery) -> None:
    """Write down where a mail is now."""
    await conn.execute(
        """
        UPDATE deliveries
           SET state = $2, reason = $3, answer = $4, attempts = $5, asked_by = $6, due_at = $7,
               send_by = $8, finished_at = $9, repeated = $10
         WHERE delivery_id = $1
        """,
        mail.delivery_id,
        mail.state,
        mail.reason,
        mail.answer,
        mail.attempts,
        mail.asked_by,
        mail.due_at,
        mail.send_by,
        mail.finished_at,
        mail.repeated,
    )


async def deliveries(
    conn: Connection, *, states: list[str] | None, template: str | None, before: int | None,
    limit: int,
) -> list[Record]:  # fmt: skip
    """Mails for the secretariat's list, newest first."""
    return await conn.fetch(
        f"""
        SELECT {_COLUMNS}, d.number, l.subject, l.template, l.about, l.link_until,
               l.organisation_id, o.name AS organisation_name,
               (l.organisation_id IS NULL AND l.member_id IS NOT NULL)
                   OR l.about LIKE 'address/%' AS to_resident
          FROM deliveries d JOIN letters l USING (letter_id)
          LEFT JOIN organisations o ON o.organisation_id = l.organisation_id
         WHERE ($1::text[] IS NULL OR d.state = ANY($1))
           AND ($2::text IS NULL OR l.template = $2)
           AND ($3::bigint IS NULL OR d.number < $3)
         ORDER BY d.number DESC LIMIT $4
        """,
        states,
        template,
        before,
        limit,
    )


async def delivery(conn: Connection, delivery_id: UUID) -> Record:
    """One mail for the secretariat."""
    row = await conn.fetchrow(
        f"""
        SELECT {_COLUMNS}, d.number, l.subject, l.template, l.about, l.link_until,
               l.organisation_id, o.name AS organisation_name,
               (l.organisation_id IS NULL AND l.member_id IS NOT NULL)
                   OR l.about LIKE 'address/%' AS to_resident
          FROM deliveries d JOIN letters l USING (letter_id)
          LEFT JOIN organisations o ON o.organisation_id = l.organisation_id
         WHERE d.delivery_id = $1
        """,
        delivery_id,
    )
    if row is None:
        raise NotFound("no-such-delivery", "このメールは見つかりません。")
    return row


async def forget_addresses(conn: Connection, before: datetime) -> None:
    """Forget where people without an account were written to."""
    await conn.execute(
        """
        UPDATE deliveries SET address = NULL, name = ''
         WHERE (contact_id IS NULL OR wide) AND address IS NOT NULL AND finished_at < $1
        """,
        before,
    )


def delivery_of(row: Record) -> Delivery:
    """A mail, as it is stored."""
    return Delivery(
        delivery_id=row["delivery_id"],
        letter_id=row["letter_id"],
        contact_id=row["contact_id"],
        name=row["name"],
        address=row["address"],
        state=State(row["state"]),
        reason=Reason(row["reason"]) if row["reason"] else None,
        answer=row["answer"],
        attempts=row["attempts"],
        asked_by=row["asked_by"],
        due_at=row["due_at"],
        send_by=row["send_by"],
        queued_at=row["queued_at"],
        finished_at=row["finished_at"],
        wide=row["wide"],
        repeated=row["repeated"],
    )
