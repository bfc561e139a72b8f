"""Months are closed by themselves; provider and municipality confirm, approve, invoice and pay in turns."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

from chassis.database import Connection
from chassis.refusal import Conflict, Forbidden
from contracts.values import OrganisationKind
from services.benefits.commands import ledger
from services.benefits.model.ledger import AccountKind, Code, Transfer
from services.benefits.model.settlement import Settlement, SettlementState, month_of
from services.benefits.store import offers, settlements

_SELF = "service/benefits"
#: How many days back months are looked at: once by each process, and afterwards.
_EVERYTHING, _LATELY = 400, 40


async def close_months(
    conn: Connection, today: date, now: datetime, *, everything: bool = True
) -> bool:
    """Close what is over, with its statement; whether there was anything."""
    days = _EVERYTHING if everything else _LATELY
    since = month_of(today - timedelta(days=days))
    begun = await settlements.close_months(conn, month_of(today), since, now)
    for settlement_id in begun:
        for state in (SettlementState.CLOSED, SettlementState.STATEMENT_ISSUED):
            await settlements.add_step(conn, settlement_id, state, _SELF, now)
    return bool(begun)


async def step(
    conn: Connection,
    before: Settlement,
    becomes: SettlementState,
    by: OrganisationKind,
    *,
    actor: str,
    at: datetime,
) -> Settlement:
    """One side brings a settlement one step on; the last step pays."""
    after = before.moved(becomes, by)
    paid = None
    if becomes is SettlementState.PAID and after.total != 0:
        paid = await _pay(conn, after, actor)
    await settlements.save_settlement(conn, after, at, paid=paid)
    await settlements.add_step(conn, after.id, becomes, actor, at)
    return after


async def _pay(conn: Connection, settlement: Settlement, actor: str) -> UUID:
    """What was owed is paid, or paid back: said by another person than the one who approved it."""
    approver = next(
        row["actor"]
        for row in await settlements.steps_of(conn, settlement.id)
        if row["state"] == SettlementState.APPROVED_BY_MUNICIPALITY
    )
    if approver == actor:
        detail = "支払いの記録は、精算を承認した方とは別の方が行ってください。"
        raise Forbidden("same-person", detail)
    book = await ledger.ledger_of(conn, settlement.measure_id)
    settled = await ledger.account(conn, book, AccountKind.SETTLED, settlement.provider_id)
    left, first = settlement.total, None
    for lane, part in _parts(await offers.owed(conn, book, settlement.provider_id), left):
        into, out_of = (settled, lane) if part > 0 else (lane, settled)
        paid = await ledger.move(
            conn,
            Transfer(
                key=f"settle/{settlement.id}/{lane}",
                ledger=book,
                debit=into,
                credit=out_of,
                amount=abs(part),
                code=Code.SETTLE,
                business_ref=settlement.id,
                actor=actor,
                approved_by=approver,
            ),
        )
        left, first = left - part, first or paid
    if left or first is None:
        detail = "支払う額が、付与された額より多くなっています。事務局にお問い合わせください。"
        raise Conflict("settlement-beyond-owed", detail)
    return first


def _parts(owed: list[tuple[int, int]], total: int) -> Iterator[tuple[int, int]]:
    """Which lanes a total is paid from; what is to be paid back goes into one of them."""
    if total < 0:
        yield owed[0][0], total
        return
    for lane, yen in owed:
        if (part := min(yen, total)) > 0:
            yield lane, part
            total -= part
