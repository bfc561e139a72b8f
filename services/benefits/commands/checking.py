"""Before anything is sent to an account, its provider is asked whether that can receive; once for each account."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from chassis.database import Connection
from services.benefits.commands.hearing import Heard, hear
from services.benefits.model.link import REFUSALS, AccountAnswer, Checked
from services.benefits.model.order import LEASE, Order
from services.benefits.model.saga import Input, OrderState
from services.benefits.store import links, orders
from services.benefits.store.due_orders import Due


async def note_unchecked(conn: Connection, held: Sequence[Due], at: datetime) -> None:
    """That the provider of an account has no check is written down, before anything is sent there."""
    fresh = {
        due.link.id
        for due in held
        if due.order.state is OrderState.QUEUED
        and not due.line.checks
        and due.link.checked is Checked.UNASKED
    }
    if fresh:
        await links.save_check(conn, fresh, Checked.CANNOT, at=at)


async def before(conn: Connection, due: Due, at: datetime) -> tuple[Order, str | None] | None:
    """What comes before the order is sent, if anything does: it rests, it ends, or the provider is asked."""
    order, link = due.order, due.link
    if link.stopped_at is not None:
        # Whoever lifts the stop says when it is attended to again.
        return replace(order, look_at=None), None
    if link.checked is Checked.REFUSED:
        return await _refuse(conn, order, link.refusal or "", at), None
    if link.needs_check(due.line.checks):
        asked = replace(order, attempts=order.attempts + 1, version=order.version + 1)
        return replace(asked, look_at=at + LEASE), "check"
    return None


async def answered(conn: Connection, order_id: UUID, answer: AccountAnswer, at: datetime) -> None:
    """The provider knows the account, and the order may go; or it does not, and the resident chooses again."""
    order = await orders.order(conn, order_id, lock=True)
    link = await links.link_of_order(conn, order_id)
    refusal = REFUSALS.get(answer.result)
    checked = Checked.OK if refusal is None else Checked.REFUSED
    await links.save_check(conn, [link.id], checked, refusal=refusal, at=at)
    if order.state is not OrderState.QUEUED:
        return
    if refusal is not None:
        await _refuse(conn, order, refusal, at)
    elif order.look_at is not None:
        await orders.save_orders(conn, [replace(order, look_at=at)])


async def _refuse(conn: Connection, order: Order, refusal: str, at: datetime) -> Order:
    return (await hear(conn, order, Input.CANCEL, Heard(at, code=refusal))).after
