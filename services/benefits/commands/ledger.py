"""Points are moved here and nowhere else: once for each business key, whoever tries how often.

What is promised is ``reserve``d and later ``post``ed or ``void``ed; what was moved for good is ``reverse``d. The
database keeps the balances, the limits and the chain (``0001_ledger.sql``).
"""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from chassis.database import Connection
from chassis.refusal import Conflict, NotFound
from services.benefits.model.ledger import AccountKind, Code, Kind, Transfer, transfer_id
from services.benefits.store import ledger as store


async def ledger_of(conn: Connection, measure_id: UUID) -> int:
    """The ledger of a measure."""
    return await store.ledger_of(conn, measure_id)


async def account(
    conn: Connection, ledger: int, kind: AccountKind | str, owner: UUID | str, lane: int = 0
) -> int:
    """The account of this kind and owner."""
    return await store.account(conn, ledger, AccountKind(kind), UUID(str(owner)), lane)


async def move(conn: Connection, transfer: Transfer) -> UUID:
    """Enter a transfer once; the same key with another content is a conflict."""
    if await store.enter(conn, transfer):
        return transfer.id
    if await store.hash_of(conn, transfer.id) != transfer.request_hash:
        raise _differs()
    return transfer.id


def _differs() -> Conflict:
    return Conflict(
        "transfer-differs",
        "同じ番号の記帳が、別の内容で残っています。事務局にお問い合わせください。",
    )


async def reserve(
    conn: Connection,
    *,
    key: str,
    ledger: int,
    debit: int,
    credit: int,
    amount: int,
    code: Code,
    business_ref: UUID,
    actor: str,
    approved_by: str | None = None,
) -> UUID:
    """Promise an amount; the answer is the id with which it is posted or voided."""
    promise = Transfer(
        key=key,
        ledger=ledger,
        debit=debit,
        credit=credit,
        amount=amount,
        code=code,
        business_ref=business_ref,
        actor=actor,
        approved_by=approved_by,
        kind=Kind.PENDING,
    )
    return await move(conn, promise)


async def post(
    conn: Connection, pending_id: UUID, *, amount: int | None = None, actor: str
) -> UUID:
    """Make a promise good, in whole or in part; the rest is free again."""
    return await _resolve(conn, pending_id, Kind.POST, amount, actor)


async def post_all(conn: Connection, pending_ids: Sequence[UUID], *, actor: str) -> None:
    """Make several promises good, each whole; one that is resolved already is a conflict."""
    posts = {pending_id: transfer_id(f"resolve/{pending_id}") for pending_id in pending_ids}
    if await store.post_all(conn, posts, actor=actor) < len(posts):
        raise _differs()


async def void(conn: Connection, pending_id: UUID, *, actor: str) -> UUID:
    """Let a promise go."""
    return await _resolve(conn, pending_id, Kind.VOID, None, actor)


async def reverse(
    conn: Connection,
    moved_id: UUID,
    *,
    key: str,
    amount: int | None = None,
    code: Code,
    actor: str,
    approved_by: str | None = None,
) -> UUID:
    """Take back what was moved, in whole or in part, never more than it was."""
    was = await _entered(conn, moved_id)
    back = replace(
        was,
        key=key,
        kind=Kind.REVERSAL,
        debit=was.credit,
        credit=was.debit,
        amount=was.amount if amount is None else amount,
        code=code,
        actor=actor,
        approved_by=approved_by or was.approved_by,
        pending_id=None,
        reverses=moved_id,
    )
    return await move(conn, back)


async def _resolve(
    conn: Connection, pending_id: UUID, kind: Kind, amount: int | None, actor: str
) -> UUID:
    # One key for both: whichever of post and void comes second finds the first.
    key = f"resolve/{pending_id}"
    resolution = transfer_id(key)
    if await store.resolve(
        conn, pending_id, transfer_id=resolution, kind=kind, amount=amount, actor=actor
    ):
        return resolution
    was = await _entered(conn, pending_id)
    amount = was.amount if amount is None else amount
    act = replace(was, key=key, kind=kind, amount=amount, actor=actor, pending_id=pending_id)
    return await move(conn, act)


async def _entered(conn: Connection, entered_id: UUID) -> Transfer:
    found = await store.entered(conn, entered_id)
    if found is None:
        raise NotFound("no-such-transfer", "この記帳は見つかりません。")
    return found
