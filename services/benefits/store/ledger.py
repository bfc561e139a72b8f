"""The ledger's rows: what is entered moves balances by itself, in the database."""

from collections.abc import Mapping
from uuid import UUID

from chassis.database import Connection
from services.benefits.model.ledger import AccountKind, Balance, Entry, Kind, Transfer

_INVARIANTS = (
    "i1_unequal_sums",
    "i2_balances_unlike_transfers",
    "i3_below_zero",
    "i4_resolved_twice_or_beyond",
    "i5_beyond_the_fund",
    "i6_beyond_the_cap",
    "i7_orders_unlike_the_ledger",
    "i8_promised_unlike_orders",
    "i8_reserved_unlike_entitlements",
    "i9_suspense_unlike_cases",
    "i10_owed_unlike_grants",
    "i11_broken_chain",
    "i13_without_two_people",
)


async def ledger_of(conn: Connection, measure_id: UUID) -> int:
    """The ledger of a measure; it is opened when it is first asked for."""
    found = await conn.fetchval("SELECT id FROM ledgers WHERE measure_id = $1", measure_id)
    if found is None:
        await conn.execute(
            "INSERT INTO ledgers (measure_id) VALUES ($1) ON CONFLICT DO NOTHING", measure_id
        )
        found = await conn.fetchval("SELECT id FROM ledgers WHERE measure_id = $1", measure_id)
    return int(found)


async def account(
    conn: Connection, ledger: int, kind: AccountKind, owner: UUID, lane: int = 0
) -> int:
    """The id of an account; it is opened when it is first asked for."""
    query = "SELECT id FROM accounts WHERE ledger = $1 AND kind = $2 AND owner = $3 AND lane = $4"
    place = (ledger, kind, owner, lane)
    found = await conn.fetchval(query, *place)
    if found is None:
        await conn.execute(
            "INSERT INTO accounts (ledger, kind, owner, lane) VALUES ($1, $2, $3, $4)"
            " ON CONFLICT DO NOTHING",
            *place,
        )
        found = await conn.fetchval(query, *place)
    return int(found)


def entering(first: int) -> str:
    """The statement that enters a transfer, its values from the ``first`` argument on; part of a larger one where
    what the transfer is for is written with it.
    """
    places = ", ".join(f"${number}" for number in range(first, first + 13))
    return f"""
        INSERT INTO transfers (id, ledger, kind, pending_id, reverses, debit_account, credit_account, amount, code,
               business_ref, actor, approved_by, request_hash)
        VALUES ({places}) RETURNING id
    """


def values_of(transfer: Transfer) -> tuple[object, ...]:
    """What ``entering`` takes."""
    return (
        transfer.id,
        transfer.ledger,
        transfer.kind,
        transfer.pending_id,
        transfer.reverses,
        transfer.debit,
        transfer.credit,
        transfer.amount,
        transfer.code,
        transfer.business_ref,
        transfer.actor,
        transfer.approved_by,
        transfer.request_hash,
    )


async def enter(conn: Connection, transfer: Transfer) -> bool:
    """Enter a transfer; False when its id is there already."""
    return await conn.fetchval(entering(1), *values_of(transfer)) is not None


async def resolve(
    conn: Connection,
    pending_id: UUID,
    *,
    transfer_id: UUID,
    kind: Kind,
    amount: int | None,
    actor: str,
) -> bool:
    """Post or void a promise as it was entered; False when it is resolved already, or was never entered.

    The hash is the one `Transfer.request_hash` makes of the same content.
    """
    entered = await conn.fetchval(
        """
        INSERT INTO transfers (id, ledger, kind, pending_id, debit_account, credit_account, amount, code,
               business_ref, actor, approved_by, request_hash)
        SELECT $2, p.ledger, $3::text, p.id, p.debit_account, p.credit_account, a.amount, p.code, p.business_ref, $5,
               p.approved_by, sha256(convert_to(format('[%s, "%s", "%s", "None", %s, %s, %s, %s, "%s"]', p.ledger,
               $3::text, p.id, p.debit_account, p.credit_account, a.amount, p.code, p.business_ref), 'UTF8'))
          FROM transfers p, LATERAL (SELECT coalesce($4::bigint, p.amount) AS amount) a
         WHERE p.id = $1
        RETURNING id
        """,
        pending_id,
        transfer_id,
        kind,
        amount,
        actor,
    )
    return entered is not None


async def post_all(conn: Connection, posts: Mapping[UUID, UUID], *, actor: str) -> int:
    """Post promises whole, each under the id given beside it; how many were entered, the others being resolved already.

    They are entered lane by lane, so that two who post many wait for each other at the first lane and not crosswise.
    """
    rows = await conn.fetch(
        """
        INSERT INTO transfers (id, ledger, kind, pending_id, debit_account, credit_account, amount, code,
               business_ref, actor, approved_by, request_hash)
        SELECT n.id, p.ledger, 'post', p.id, p.debit_account, p.credit_account, p.amount, p.code, p.business_ref, $3,
               p.approved_by, sha256(convert_to(format('[%s, "post", "%s", "None", %s, %s, %s, %s, "%s"]', p.ledger,
               p.id, p.debit_account, p.credit_account, p.amount, p.code, p.business_ref), 'UTF8'))
          FROM unnest($1::uuid[], $2::uuid[]) AS n(pending_id, id) JOIN transfers p ON p.id = n.pending_id
         ORDER BY p.ledger, p.lane, p.id
        RETURNING id
        """,
        list(posts),
        list(posts.values()),
        actor,
    )
    return len(rows)


async def hash_of(conn: Connection, transfer_id: UUID) -> bytes | None:
    """The request hash under which a transfer was entered."""
    found: bytes | None = await conn.fetchval(
        "SELECT request_hash FROM transfers WHERE id = $1", transfer_id
    )
    return found


async def entered(conn: Connection, transfer_id: UUID) -> Transfer | None:
    """A transfer as it was entered, but for its key."""
    row = await conn.fetchrow(
        "SELECT ledger, kind, pending_id, reverses, debit_account AS debit, credit_account AS credit, amount, code,"
        "       business_ref, actor, approved_by FROM transfers WHERE id = $1",
        transfer_id,
    )
    if row is None:
        return None
    return Transfer(key="", **{**dict(row), "kind": Kind(row["kind"])})


async def balances(conn: Connection, ledger: int) -> dict[int, Balance]:
    """The balance of each account of a ledger."""
    rows = await conn.fetch(
        "SELECT id, debits_pending, debits_posted, credits_pending, credits_posted"
        "  FROM accounts WHERE ledger = $1",
        ledger,
    )
    return {row["id"]: Balance(*list(row)[1:]) for row in rows}


async def entries(conn: Connection, ledger: int) -> list[Entry]:
    """Every transfer of a ledger, in the order they were entered."""
    rows = await conn.fetch(
        "SELECT id, kind, debit_account, credit_account, amount, pending_id"
        "  FROM transfers WHERE ledger = $1 ORDER BY seq",
        ledger,
    )
    return [
        Entry(
            id=row["id"],
            kind=Kind(row["kind"]),
            debit=row["debit_account"],
            credit=row["credit_account"],
            amount=row["amount"],
            pending_id=row["pending_id"],
        )
        for row in rows
    ]


async def heads(conn: Connection) -> list[tuple[int, int, int, bytes]]:
    """The last link of every chain: ledger, lane, link, hash."""
    rows = await conn.fetch("SELECT ledger, lane, link, head FROM chains ORDER BY ledger, lane")
    return [tuple(row) for row in rows]


async def broken(conn: Connection) -> dict[str, int]:
    """How many rows break each invariant of the ledger; empty while all hold."""
    # A recount reads every row there is, which may take minutes.
    await conn.execute("SET LOCAL statement_timeout = '600s'")
    found = {
        name: await conn.fetchval(f"SELECT count(*) FROM {name}", timeout=600)
        for name in _INVARIANTS
    }
    return {name: count for name, count in found.items() if count}
