"""A municipality wants a grant back, or gives up what could not be had back: one proposes, another decides."""

from dataclasses import dataclass
from datetime import datetime

from chassis.database import Connection
from chassis.ids import new_id
from chassis.refusal import Conflict, Forbidden
from services.benefits.commands.hearing import Heard, hear
from services.benefits.model.order import Order
from services.benefits.model.saga import Input, OrderState, Verdict
from services.benefits.store import order_decisions
from services.benefits.store.order_decisions import Decision

_WHAT = {"reversal": Input.CANCEL, "write_off": Input.WRITE_OFF_APPROVED}


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants done about an order, and why."""

    kind: str
    reason: str
    by: str
    at: datetime


async def decide(conn: Connection, order: Order, wish: Wish) -> Order:
    """Propose; or, when another person proposed the same, do it. The order is locked."""
    what = _possible(order, wish)
    proposed = await order_decisions.open_decision(conn, order.id)
    if proposed is None:
        await order_decisions.add_decision(
            conn, Decision(new_id(), order.id, wish.kind, wish.reason, wish.by, wish.at)
        )
        return order
    if proposed.kind != wish.kind:
        raise Conflict(
            "decision-other", "この付与には、別の提案が出ています。先にそれを確かめてください。"
        )
    if proposed.proposed_by == wish.by:
        raise Forbidden("same-person", "提案した方とは別の方が確認してください。")
    await order_decisions.decide(conn, proposed.id, wish.by, wish.at)
    return (await hear(conn, order, what, Heard(wish.at, actor=wish.by))).after


def _possible(order: Order, wish: Wish) -> Input:
    """What it is to the order, if the table lets it do something now."""
    what = _WHAT[wish.kind]
    before_end = order.state in (OrderState.REJECTED, OrderState.CANCELLED)
    if before_end or order.heard(what, wish.at).cell.verdict is not Verdict.APPLY:
        detail = "この付与は、いまその手続きができる状態ではありません。内容を読み直してください。"
        raise Conflict("order-state", detail)
    return what
