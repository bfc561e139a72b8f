"""Opens cases for what cannot be true, with the money of it in suspense, and closes them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.database import Connection
from chassis.ids import new_id
from chassis.refusal import Conflict
from contracts.benefits import OrderDisputed
from services.benefits.commands import ledger
from services.benefits.commands.order_facts import say_order
from services.benefits.model.answer import CaseKind
from services.benefits.model.ledger import AccountKind, Code, Transfer
from services.benefits.model.order import Order
from services.benefits.model.saga import Money
from services.benefits.store import cases, offers, orders
from services.benefits.store.answers import Said
from services.benefits.store.cases import Case, add_case
from services.benefits.store.comparing import Beside
from services.benefits.store.statements import Statement

SERVICE = "service/benefits"
#: The grant takes the place of the one that was refused; or it is paid for besides.
ADOPTED, ACCEPTED, AGREED = "adopted", "accepted", "agreed"
#: What a line that agrees with us settles; a double or somebody else's grant it does not.
_SETTLED_BY_A_LINE = frozenset(
    {
        CaseKind.CONTRADICTION,
        CaseKind.AMOUNT,
        CaseKind.WRONG_PERSON,
        CaseKind.ODD_ANSWER,
        CaseKind.MISSING_THERE,
    }
)
_TAKEN_ON = (ADOPTED, ACCEPTED)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """What does not go together, and what said so."""

    kind: CaseKind
    words: str
    answer_id: UUID | None = None
    #: Tells one line or answer from another; the same thing is one case.
    mark: str = ""

    def about(self, order: Order) -> str:
        """The one name of this contradiction of an order."""
        return f"order/{order.id}/{self.kind}/{self.mark}"


async def suspend_and_say(
    conn: Connection, order: Order, found: Contradiction, at: datetime, *, money: Money
) -> Order:
    """Open the case of a contradiction once; what was granted all the same lies in suspense meanwhile."""
    moved = await _suspend(conn, order) if money is Money.SUSPEND else None
    case = Case(
        id=new_id(),
        kind=found.kind,
        about=found.about(order),
        order_id=order.id,
        provider_id=order.provider_id,
        municipality_id=order.municipality_id,
        measure_id=order.measure_id,
        answer_id=found.answer_id,
        owner="secretariat",
        assignee=None,
        suspended=order.amount if moved else 0,
        transfer_id=moved,
        words=found.words,
        state="open",
        opened_at=at,
    )
    if not await add_case(conn, case):
        return order
    said = say_order(conn, order, OrderDisputed, at, case_id=case.id, case_kind=case.kind)
    await orders.save_orders(conn, [said])
    return said


async def open_unknown(conn: Connection, said: Said) -> None:
    """Open the case of an answer for an order nobody gave this provider."""
    case = Case(
        id=new_id(),
        kind=CaseKind.UNKNOWN_ORDER,
        about=f"answer/{said.provider_id}/{said.answer_key}",
        order_id=None,
        provider_id=said.provider_id,
        municipality_id=None,
        measure_id=None,
        answer_id=said.id,
        owner="secretariat",
        assignee=None,
        suspended=0,
        transfer_id=None,
        words=f"{said.order_ref}: {said.result}",
        state="open",
        opened_at=said.received_at,
    )
    await add_case(conn, case)


async def open_missing_here(conn: Connection, of: Statement, beside: Beside, at: datetime) -> None:
    """Open the case of a line for an order nobody gave this provider."""
    mark = f"{of.statement_id}/{beside.line_id}"
    case = Case(
        id=new_id(),
        kind=CaseKind.MISSING_HERE,
        about=f"line/{of.provider_id}/{mark}",
        order_id=None,
        provider_id=of.provider_id,
        municipality_id=None,
        measure_id=None,
        answer_id=None,
        owner="provider",
        assignee=None,
        suspended=0,
        transfer_id=None,
        words=f"{beside.order_ref}: {beside.line.amount}",
        state="open",
        opened_at=at,
    )
    await add_case(conn, case)


async def agree(conn: Connection, order: Order, *, at: datetime) -> None:
    """Order and statement say the same: what somebody said otherwise in between is settled."""
    for case in await cases.open_cases_of(conn, order.id):
        if case.kind in _SETTLED_BY_A_LINE and case.transfer_id is None:
            await close(conn, case, AGREED, by=SERVICE, at=at)


async def close(
    conn: Connection,
    case: Case,
    resolution: str,
    *,
    by: str,
    at: datetime,
    approved_by: str | None = None,
) -> None:
    """Decide a case; what lay in suspense for it goes where the decision says."""
    if case.transfer_id is not None:
        await _settle_suspense(conn, case, resolution, by, approved_by)
    await cases.close_case(conn, case.id, resolution=resolution, by=by, at=at)


async def _settle_suspense(
    conn: Connection, case: Case, resolution: str, by: str, approved_by: str | None
) -> None:
    """Taken on: out of what was promised to the person, or out of the budget. Not granted: nothing is owed."""
    assert case.transfer_id is not None and case.measure_id is not None
    key = f"decide/{case.id}"
    if resolution not in _TAKEN_ON:
        await ledger.reverse(
            conn, case.transfer_id, key=key, code=Code.DECIDE, actor=by, approved_by=approved_by
        )
        return
    book = await ledger.ledger_of(conn, case.measure_id)
    suspense = await ledger.account(conn, book, AccountKind.SUSPENSE, case.measure_id)
    await ledger.move(
        conn,
        Transfer(
            key=key,
            ledger=book,
            debit=suspense,
            credit=await _paying(conn, case, resolution),
            amount=case.suspended,
            code=Code.DECIDE,
            business_ref=case.id,
            actor=by,
            approved_by=approved_by,
        ),
    )


async def _paying(conn: Connection, case: Case, resolution: str) -> int:
    assert case.order_id is not None and case.measure_id is not None
    if resolution == ADOPTED:
        return await offers.reserved_account(conn, case.order_id)
    found = await offers.available_account(conn, case.measure_id, case.suspended)
    if found is None:
        detail = "予算の残りが足りません。予算を増やしてから、もう一度お試しください。"
        raise Conflict("budget-short", detail)
    return found


async def _suspend(conn: Connection, order: Order) -> UUID:
    book = await ledger.ledger_of(conn, order.measure_id)
    payable = await offers.payable_account(conn, order.id)
    suspense = await ledger.account(conn, book, AccountKind.SUSPENSE, order.measure_id)
    return await ledger.move(
        conn,
        Transfer(
            key=f"dispute/{order.id}",
            ledger=book,
            debit=payable,
            credit=suspense,
            amount=order.amount,
            code=Code.DISPUTE,
            business_ref=order.id,
            actor=SERVICE,
        ),
    )
