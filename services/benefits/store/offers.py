"""What a measure offers to receive its points in, and the accounts they are paid from."""

from dataclasses import dataclass
from uuid import UUID

from chassis.database import Connection
from chassis.refusal import NotFound
from services.benefits.model.entitlement import Entitlement
from services.benefits.store.entitlements import NAMES, read_entitlement

_ENTITLEMENT = ", ".join(f"e.{name}" for name in NAMES)


@dataclass(frozen=True, slots=True)
class Offer:
    """A payment service as a measure offers it."""

    payment_service_id: UUID
    provider_id: UUID
    municipality_id: UUID
    ledger: int
    #: The account in which the entitlement's yen lie.
    reserved: int
    #: The account in which they are owed to the provider, once it was opened.
    payable: int | None
    offered: bool
    change_allowed: bool


async def offered(
    conn: Connection, entitlement_id: UUID, code: str
) -> tuple[Entitlement, Offer | None]:
    """An entitlement, locked, and a payment service by its code, if it is one of the entitlement's measure."""
    row = await conn.fetchrow(
        f"""
        SELECT {_ENTITLEMENT}, o.*
          FROM entitlements e
          LEFT JOIN LATERAL (
               SELECT p.id AS payment_service_id, p.provider_id, m.municipality_id, m.ledger, l.reserved,
                      y.id AS payable, p.offered,
                      coalesce(m.entry ->> 'change_allowed', 'until_sent') = 'until_sent' AS change_allowed
                 FROM measures m
                 JOIN payment_services p ON p.code = $2
                 JOIN lanes l ON l.measure_id = m.id AND l.lane = e.lane
                 LEFT JOIN accounts y
                   ON (y.ledger, y.kind, y.owner, y.lane) = (m.ledger, 'payable', p.provider_id, l.lane)
                WHERE m.id = e.measure_id
                  AND EXISTS (SELECT FROM jsonb_array_elements(m.entry -> 'services') s
                               WHERE s ->> 'payment_service_id' = p.id::text)
               ) o ON true
         WHERE e.id = $1 FOR UPDATE OF e
        """,
        entitlement_id,
        code,
    )
    if row is None:
        raise NotFound("no-such-entitlement", "このポイントは見つかりません。")
    known = dict(row)
    own = read_entitlement({name: known.pop(name) for name in NAMES})
    return own, None if known["payment_service_id"] is None else Offer(**known)


async def reserved_account(conn: Connection, order_id: UUID) -> int:
    """The account an order was paid from."""
    found: int = await conn.fetchval(
        """
        SELECT t.credit_account FROM orders o JOIN transfers t ON t.id = o.reservation_id WHERE o.id = $1
        """,
        order_id,
    )
    return found


async def payable_account(conn: Connection, order_id: UUID) -> int:
    """The account in which an order is owed, once it is granted."""
    found: int = await conn.fetchval(
        """
        SELECT t.debit_account FROM orders o JOIN transfers t ON t.id = o.reservation_id WHERE o.id = $1
        """,
        order_id,
    )
    return found


async def owed(conn: Connection, ledger: int, provider_id: UUID) -> list[tuple[int, int]]:
    """The lanes in which yen are owed to a provider, and how many in each; by it, where they are less than none."""
    rows = await conn.fetch(
        """
        SELECT id, debits_posted - credits_posted - credits_pending AS yen FROM accounts
         WHERE ledger = $1 AND kind = 'payable' AND owner = $2 ORDER BY id
        """,
        ledger,
        provider_id,
    )
    return [(row["id"], row["yen"]) for row in rows]


async def available_account(conn: Connection, measure_id: UUID, amount: int) -> int | None:
    """A lane that can still pay an amount nobody was promised."""
    found: int | None = await conn.fetchval(
        """
        SELECT l.available FROM lanes l JOIN accounts a ON a.id = l.available
         WHERE l.measure_id = $1 AND a.debits_posted - a.credits_posted - a.credits_pending >= $2
         ORDER BY l.lane LIMIT 1
        """,
        measure_id,
        amount,
    )
    return found


async def post_of(conn: Connection, pending_id: UUID) -> UUID:
    """The transfer that made a promise good."""
    found: UUID = await conn.fetchval(
        "SELECT id FROM transfers WHERE pending_id = $1 AND kind = 'post'", pending_id
    )
    return found
