"""Where the points of entitlements go."""

from uuid import UUID

from chassis.database import Connection, Record
from services.benefits.model.allocation import Account, Allocation
from services.benefits.model.entitlement import Entitlement
from services.benefits.model.ledger import Transfer
from services.benefits.model.order import Order
from services.benefits.store.ledger import entering, values_of


async def add_allocation(
    conn: Connection, new: Allocation, held: Entitlement, order: Order, promise: Transfer
) -> None:
    """Keep a choice, in one statement with all that follows from it; the database looks at its proof once more.

    That is the entitlement, which it holds, the order, and the promise of its yen.
    """
    # What a statement does apart is done from the last to the first: accounts are locked for as short as can be.
    await conn.execute(
        f"""
        WITH t AS ({entering(34)}), a AS (
            INSERT INTO allocations (id, entitlement_id, person_id, resident_id, payment_service_id,
                   payment_service_code, provider_id, account_sealed, account_digest, account_end, proof_id,
                   saved_service_id, chosen_by, revision, created_at, said_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
        ), e AS (
            UPDATE entitlements SET state = $17, state_since = $18, due = $19, due_at = $20, revision = $21
             WHERE id = $2
        )
        INSERT INTO orders (allocation_id, entitlement_id, person_id, payment_service_code, provider_id, id, measure_id,
               municipality_id, resident_ref, amount, state, version, revision, created_at, state_since, said_at,
               reservation_id, look_at)
        VALUES ($1, $2, $3, $6, $7, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $47)
        """,
        *_row(new),
        held.state,
        held.state_since,
        held.due,
        held.due_at,
        held.revision,
        order.id,
        order.measure_id,
        order.municipality_id,
        order.resident_ref,
        order.amount,
        order.state,
        order.version,
        order.revision,
        order.created_at,
        order.state_since,
        order.said_at,
        order.reservation_id,
        *values_of(promise),
        order.look_at,
    )


def _row(new: Allocation) -> tuple[object, ...]:
    return (
        new.id,
        new.entitlement_id,
        new.person_id,
        new.resident_id,
        new.payment_service_id,
        new.payment_service_code,
        new.provider_id,
        new.account.sealed,
        new.account.digest,
        new.account.end,
        new.proof_id,
        new.saved_service_id,
        new.chosen_by,
        new.revision,
        new.created_at,
        new.said_at,
    )


async def allocation_for_update(conn: Connection, allocation_id: UUID) -> Allocation:
    """The allocation, locked."""
    row = await conn.fetchrow(
        """
        SELECT id, entitlement_id, person_id, resident_id, payment_service_id, payment_service_code, provider_id,
               account_sealed, account_digest, account_end, proof_id, saved_service_id, chosen_by, revision,
               created_at, said_at
          FROM allocations WHERE id = $1 FOR UPDATE
        """,
        allocation_id,
    )
    assert row is not None, allocation_id
    found = dict(row)
    account = Account(*(found.pop(f"account_{part}") for part in ("sealed", "digest", "end")))
    return Allocation(account=account, **found)


async def save_said(conn: Connection, said: Allocation) -> None:
    """One more fact was said of it."""
    sql = "UPDATE allocations SET revision = $2, said_at = $3 WHERE id = $1"
    await conn.execute(sql, said.id, said.revision, said.said_at)


async def allocations_of(conn: Connection, entitlement_id: UUID) -> list[Record]:
    """Every choice for an entitlement with what proved it, the first first."""
    return await conn.fetch(
        """
        SELECT a.id, a.payment_service_code, a.provider_id, a.chosen_by, a.created_at, a.account_end,
               a.saved_service_id, p.assertion_hash, p.asserted_at, p.desk_id, p.staff_id
          FROM allocations a
          LEFT JOIN saved_services s ON s.id = a.saved_service_id
          LEFT JOIN proofs p ON p.id = coalesce(a.proof_id, s.proof_id)
         WHERE a.entitlement_id = $1
         ORDER BY a.created_at, a.id
        """,
        entitlement_id,
    )
