"""Accounts of payment services, each tied to one resident: what is known of them, and how it changes."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Connection, Record
from chassis.refusal import NotFound
from contracts.proof import Proof
from services.benefits.model.link import Checked, Link
from services.benefits.store.proofs import proven, used

_COLUMNS = """
       l.id, l.payment_service_id, l.resident_id, l.checked, l.refusal, l.checked_at, l.stopped_at, l.revision,
       l.said_at
"""


async def link_account(
    conn: Connection, payment_service_id: UUID, digest: str, resident_id: UUID
) -> Link:
    """The account is this resident's from the first time on; the link may be somebody else's."""
    row = await conn.fetchrow(
        f"""
        INSERT INTO linked_accounts AS l (payment_service_id, account_digest, resident_id)
        VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
        RETURNING {_COLUMNS}
        """,
        payment_service_id,
        digest,
        resident_id,
    )
    found = _link(row) if row else await link_of_account(conn, payment_service_id, digest)
    assert found is not None
    return found


async def link_proven(
    conn: Connection, payment_service_id: UUID, digest: str, proof: Proof, now: datetime
) -> Link:
    """The same, and the proof that says so is used up; a second use is refused."""
    row = await conn.fetchrow(
        f"""
        WITH r AS (
            INSERT INTO proofs (id, resident_id, purpose, target, desk_id, staff_id, assertion_hash, asserted_at,
                   used_at)
            VALUES ($3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING
            RETURNING id
        ), l AS (
            INSERT INTO linked_accounts AS l (payment_service_id, account_digest, resident_id)
            VALUES ($1, $2, $4) ON CONFLICT DO NOTHING
            RETURNING {_COLUMNS}
        )
        SELECT (SELECT true FROM r) AS first_use, l.*
          FROM (SELECT * FROM l
                UNION ALL
                SELECT {_COLUMNS} FROM linked_accounts l WHERE payment_service_id = $1 AND account_digest = $2) AS l
         RIGHT JOIN (VALUES (true)) AS always ON true
        """,
        payment_service_id,
        digest,
        *proven(proof, now),
    )
    assert row is not None
    if not row["first_use"]:
        raise used()
    # Somebody was faster in this very moment: what that one kept is there for the next statement.
    found = _link(row) if row["id"] else await link_of_account(conn, payment_service_id, digest)
    assert found is not None
    return found


async def link_of_account(conn: Connection, payment_service_id: UUID, digest: str) -> Link | None:
    """The link of an account, if it is one."""
    row = await conn.fetchrow(
        f"SELECT {_COLUMNS} FROM linked_accounts l WHERE payment_service_id = $1 AND account_digest = $2",
        payment_service_id,
        digest,
    )
    return _link(row) if row else None


async def link_for_update(conn: Connection, link_id: UUID) -> Link:
    """The link, locked."""
    row = await conn.fetchrow(
        f"SELECT {_COLUMNS} FROM linked_accounts l WHERE l.id = $1 FOR UPDATE", link_id
    )
    if row is None:
        raise NotFound("link-unknown", "この受け取り先は見つかりません。")
    return _link(row)


async def link_of_order(conn: Connection, order_id: UUID) -> Link:
    """Where an order goes."""
    row = await conn.fetchrow(
        f"""
        SELECT {_COLUMNS}
          FROM orders o JOIN allocations a ON a.id = o.allocation_id
          JOIN linked_accounts l USING (payment_service_id, account_digest, resident_id)
         WHERE o.id = $1
        """,
        order_id,
    )
    assert row is not None, order_id
    return _link(row)


async def save_check(
    conn: Connection,
    link_ids: Iterable[UUID],
    checked: Checked,
    *,
    refusal: str | None = None,
    at: datetime | None,
) -> None:
    """Keep what the provider said of accounts, or that nobody was asked yet."""
    await conn.execute(
        """
        UPDATE linked_accounts l SET checked = $2, refusal = $3, checked_at = $4
          FROM (SELECT id FROM linked_accounts WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE) AS those
         WHERE l.id = those.id
        """,
        list(link_ids),
        checked,
        refusal,
        at,
    )


async def save_stop(conn: Connection, link: Link) -> None:
    """Keep whether a link is stopped, and that it was said."""
    await conn.execute(
        "UPDATE linked_accounts SET stopped_at = $2, revision = $3, said_at = $4 WHERE id = $1",
        link.id,
        link.stopped_at,
        link.revision,
        link.said_at,
    )


async def waiting_orders(conn: Connection, link_id: UUID, look_at: datetime | None) -> list[UUID]:
    """Orders to a link that were not sent are attended to then, or not at all; which those are."""
    rows = await conn.fetch(
        """
        WITH waiting AS (
            SELECT o.id FROM linked_accounts l
              JOIN allocations a USING (payment_service_id, account_digest, resident_id)
              JOIN orders o ON o.allocation_id = a.id
             WHERE l.id = $1 AND o.state IN ('reserved', 'queued')
             ORDER BY o.id FOR UPDATE OF o
        )
        UPDATE orders o SET look_at = $2, claimed_by = NULL, claimed_until = NULL
          FROM waiting WHERE o.id = waiting.id
        RETURNING o.id
        """,
        link_id,
        look_at,
    )
    return [row["id"] for row in rows]


async def party_of(conn: Connection, link_id: UUID) -> Record:
    """Whose service a link is of, and the last order that went there."""
    row = await conn.fetchrow(
        """
        SELECT s.provider_id, s.code, o.id AS order_id, o.municipality_id, o.measure_id
          FROM linked_accounts l
          JOIN payment_services s ON s.id = l.payment_service_id
          LEFT JOIN LATERAL (
               SELECT o.id, o.municipality_id, o.measure_id
                 FROM allocations a JOIN orders o ON o.allocation_id = a.id
                WHERE (a.payment_service_id, a.account_digest, a.resident_id)
                      = (l.payment_service_id, l.account_digest, l.resident_id)
                ORDER BY o.created_at DESC, o.id DESC LIMIT 1) o ON true
         WHERE l.id = $1
        """,
        link_id,
    )
    assert row is not None, link_id
    return row


def _link(row: Record) -> Link:
    return read_link([row[name] for name in Link.__slots__])


def read_link(columns: Sequence[Any]) -> Link:
    """A link from its columns, in the order of its fields."""
    link_id, service_id, resident_id, checked, *more = columns
    return Link(link_id, service_id, resident_id, Checked(checked), *more)
