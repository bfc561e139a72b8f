"""What is heard of an order is applied here and nowhere else: state, money, entitlement and facts at once."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from chassis.database import Connection
from contracts.benefits import (
    AllocationFailed,
    AllocationWithdrawn,
    OrderAccepted,
    OrderCancelled,
    OrderCancelRequested,
    OrderGranted,
    OrderRejected,
    OrderReversalFailed,
    OrderReversed,
    OrderUnknown,
    OrderWrittenOff,
)
from services.benefits.commands import entitlements, entitling, ledger
from services.benefits.commands.cases import Contradiction, suspend_and_say
from services.benefits.commands.order_facts import say_allocation, say_order
from services.benefits.model.answer import CaseKind
from services.benefits.model.entitlement import end_of
from services.benefits.model.order import Order, Step
from services.benefits.model.saga import Input, Money, OrderState, Verdict
from services.benefits.store import allocations, orders

SERVICE = "service/benefits"


@dataclass(frozen=True, slots=True)
class Heard:
    """What came along with an input."""

    at: datetime
    actor: str = SERVICE
    granted_on: date | None = None
    transaction_id: str | None = None
    code: str = ""
    answer_id: UUID | None = None


async def hear(conn: Connection, order: Order, what: Input, heard: Heard) -> Step:
    """Do what the table says; the order is locked, and kept as it then is."""
    step = order.heard(what, heard.at)
    if step.cell.verdict is Verdict.IGNORE:
        return step
    if step.cell.verdict is Verdict.CONFLICT:
        kind = CaseKind.LATE_GRANT if step.money is Money.SUSPEND else CaseKind.CONTRADICTION
        contradiction = Contradiction(kind, f"{order.state} + {what}", heard.answer_id)
        after = await suspend_and_say(conn, order, contradiction, heard.at, money=step.money)
        return replace(step, after=after)
    after = await _FOLLOWS.get(step.after.state, _nothing)(conn, step, heard)
    await orders.save_orders(conn, [after])
    # Last, so that accounts are locked for as short as can be.
    await _move_money(conn, step, heard)
    return replace(step, after=after)


async def _move_money(conn: Connection, step: Step, heard: Heard) -> None:
    reservation = step.before.reservation_id
    assert reservation is not None
    if step.money is Money.POST:
        await ledger.post(conn, reservation, actor=heard.actor)
    elif step.money is Money.VOID:
        await ledger.void(conn, reservation, actor=heard.actor)
    elif step.money is Money.REVERSE:
        await entitling.take_back(conn, step.before, actor=heard.actor, at=heard.at)


async def _nothing(conn: Connection, step: Step, heard: Heard) -> Order:
    return step.after


async def _accepted(conn: Connection, step: Step, heard: Heard) -> Order:
    return say_order(conn, step.after, OrderAccepted, heard.at)


async def _granted(conn: Connection, step: Step, heard: Heard) -> Order:
    """Granted, be it that it is wanted back: then the reversal follows."""
    after = step.after
    if step.money is Money.POST:
        await entitlements.consume(
            conn,
            after.entitlement_id,
            after,
            granted=after.amount,
            service=after.payment_service_code,
            now=heard.at,
        )
        after = say_granted(conn, after, heard)
    wanted_back = after.state is OrderState.TOO_LATE
    return replace(after, look_at=heard.at if wanted_back else None)


def say_granted(conn: Connection, after: Order, heard: Heard) -> Order:
    """Say that the order was granted; the order as it is to be kept."""
    after = replace(after, granted_on=heard.granted_on, transaction_id=heard.transaction_id)
    more = {"granted_on": after.granted_on, "transaction_id": after.transaction_id}
    return say_order(conn, after, OrderGranted, heard.at, **more)


async def _rejected(conn: Connection, step: Step, heard: Heard) -> Order:
    after = replace(step.after, rejection=heard.code[:60])
    free = await entitlements.release(conn, after.entitlement_id, now=heard.at)
    allocation = await allocations.allocation_for_update(conn, after.allocation_id)
    more = {"code": after.rejection, "allocate_by": end_of(free.allocate_by)}
    await say_allocation(conn, allocation, after, AllocationFailed, heard.at, **more)
    return say_order(conn, after, OrderRejected, heard.at, code=after.rejection)


async def _cancelled(conn: Connection, step: Step, heard: Heard) -> Order:
    """Taken back; with a code because the provider knows no such account."""
    after = replace(step.after, rejection=heard.code[:60] or None)
    free = await entitlements.release(conn, after.entitlement_id, now=heard.at)
    allocation = await allocations.allocation_for_update(conn, after.allocation_id)
    if after.rejection is None:
        await say_allocation(conn, allocation, after, AllocationWithdrawn, heard.at)
    else:
        more = {"code": after.rejection, "allocate_by": end_of(free.allocate_by)}
        await say_allocation(conn, allocation, after, AllocationFailed, heard.at, **more)
    if step.before.revision == 0:
        # The provider never heard of it.
        return after
    return say_order(conn, after, OrderCancelled, heard.at)


async def _unknown(conn: Connection, step: Step, heard: Heard) -> Order:
    if step.before.state is OrderState.UNKNOWN:
        return step.after
    return say_order(conn, replace(step.after, doubtful=True), OrderUnknown, heard.at)


async def _cancel_requested(conn: Connection, step: Step, heard: Heard) -> Order:
    asked = say_order(conn, step.after, OrderCancelRequested, heard.at)
    return replace(asked, look_at=heard.at)


async def _reversed(conn: Connection, step: Step, heard: Heard) -> Order:
    return say_order(conn, step.after, OrderReversed, heard.at)


async def _reversal_failed(conn: Connection, step: Step, heard: Heard) -> Order:
    return say_order(conn, step.after, OrderReversalFailed, heard.at, code=heard.code)


async def _written_off(conn: Connection, step: Step, heard: Heard) -> Order:
    return say_order(conn, step.after, OrderWrittenOff, heard.at)


_FOLLOWS: dict[OrderState, Callable[[Connection, Step, Heard], Awaitable[Order]]] = {
    OrderState.ACCEPTED: _accepted,
    OrderState.GRANTED: _granted,
    OrderState.TOO_LATE: _granted,
    OrderState.REJECTED: _rejected,
    OrderState.CANCELLED: _cancelled,
    OrderState.UNKNOWN: _unknown,
    OrderState.CANCEL_REQUESTED: _cancel_requested,
    OrderState.REVERSED: _reversed,
    OrderState.REVERSAL_FAILED: _reversal_failed,
    OrderState.WRITTEN_OFF: _written_off,
}
