"""Before anything is sent to an account, its provider is asked whether that can receive; once for each account."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from chassis.database import Connection
from services.benefits.commands.hearing import Heard, hear
from services.benefits.model.link import REFUSALS, AccountAnswer, Checked, Link
from services.benefits.model.order import LEASE, Order
from services.benefits.model.saga import Input, OrderState
from services.benefits.store import links, orders
from services.benefits.store.lines import KnownLine


async def links_of(
    conn: Connection, held: Sequence[Order], known: dict[UUID, KnownLine], at: datetime
) -> dict[UUID, tuple[str, Link]]:
    """Where orders go, by their allocations; that a provider has no check is written down."""
    found = await links.links_of_allocations(conn, [order.allocation_id for order in held])
    unchecked = {
        found[order.allocation_id][1].id
        for order in held
        if order.state is OrderState.QUEUED and not known[order.provider_id].checks
    }
    fresh = {link.id for _, link in found.values() if link.checked is Checked.UNASKED}
    if unchecked & fresh:
        await links.save_check(conn, unchecked & fresh, Checked.CANNOT, at=at)
    return found


async def before(
    conn: Connection, order: Order, line: KnownLine, link: Link, at: datetime
) -> tuple[Order, str | None] | None:
    """What comes before the order is sent, if anything does: it rests, it ends, or the provider is asked."""
    if link.stopped_at is not None:
        # Whoever lifts the stop says when it is attended to again.
        return replace(order, look_at=None), None
    if link.checked is Checked.REFUSED:
        return await _refuse(conn, order, link.refusal or "", at), None
    if link.needs_check(line.checks):
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
