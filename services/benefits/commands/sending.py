"""What the order clerk writes down before it calls a provider, and after; each in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from chassis.database import Connection
from contracts.benefits import OrderPlaced, OrderReversalRequested
from services.benefits.commands import checking
from services.benefits.commands.answering import Brought, take
from services.benefits.commands.calling import UNDER_WAY, Call, Clerk, call_of
from services.benefits.commands.cases import Contradiction, suspend_and_say
from services.benefits.commands.hearing import Heard, hear
from services.benefits.commands.order_facts import say_order
from services.benefits.model.answer import CaseKind, ProviderAnswer
from services.benefits.model.link import AccountAnswer
from services.benefits.model.order import LEASE, Order, Way, after_call, next_inquiry
from services.benefits.model.saga import Input, Money, OrderState
from services.benefits.store import applicants, attempts, due_orders, lines, orders
from services.benefits.store.attempts import Attempt
from services.benefits.store.due_orders import Due
from services.benefits.store.lines import KnownLine

#: How long a provider that reads its feed may leave an order without an answer.
RESPOND_WITHIN = timedelta(hours=24)
#: How long after a call that never left it is tried again.
_AGAIN = timedelta(seconds=5)
_S = OrderState


@dataclass(frozen=True, slots=True)
class Begun:
    """How many orders were due, and the calls that may now be made for them."""

    due: int
    calls: Sequence[Call]


async def begin(conn: Connection, clerk: Clerk, limit: int, only: UUID | None = None) -> Begun:
    """Bring due orders one step on and write down the calls that follow, before any is made."""
    at = clerk.at
    taken = await due_orders.take(conn, at=at, limit=limit, only=only, stand_in=clerk.stand_in)
    held = await _but_one(conn, [_enqueued(due, at) for due in taken], at)
    await checking.note_unchecked(conn, held, at)
    stepped = [(due, *await _step(conn, due, at)) for due in held]
    whose = {due.link.resident_id for due, _, act in stepped if act == "check"}
    names = await applicants.readings_of(conn, whose)
    made = [
        call_of(replace(due, order=order), act, names, clerk) for due, order, act in stepped if act
    ]
    await _keep(conn, [order for _, order, _ in stepped], [attempt for _, attempt in made])
    calls = [call for call, attempt in made if attempt.outcome == UNDER_WAY]
    if calls:
        await orders.extend(conn, clerk.id, [c.order.id for c in calls], at + LEASE)
    return Begun(len(taken), calls)


async def _keep(conn: Connection, changed: Sequence[Order], made: Sequence[Attempt]) -> None:
    if made:
        await attempts.add_attempts(conn, made, changed)
    elif changed:
        await orders.save_orders(conn, changed)


async def put_off(conn: Connection, clerk: Clerk, order_id: UUID) -> None:
    """An order that cannot be brought on is left alone for a while, and is no less due after."""
    await orders.extend(conn, clerk.id, [order_id], clerk.at + LEASE)


def _enqueued(due: Due, at: datetime) -> Due:
    """An order that has rested long enough is ready; that is kept together with what follows."""
    if due.order.state is not _S.RESERVED:
        return due
    return replace(due, order=due.order.heard(Input.ENQUEUE, at).after)


async def _but_one(conn: Connection, held: Sequence[Due], at: datetime) -> list[Due]:
    """Of a provider that has not been answering one order goes out, to see; the others wait for it."""
    first: dict[UUID, UUID] = {}
    for due in held:
        if due.line.breaker.open_until is not None:
            first.setdefault(due.line.provider_id, due.order.id)
    going = [due for due in held if first.get(due.line.provider_id, due.order.id) == due.order.id]
    if waiting := [due.order for due in held if due not in going]:
        await orders.save_orders(conn, [replace(o, look_at=at + _AGAIN) for o in waiting])
    return going


async def _step(conn: Connection, due: Due, at: datetime) -> tuple[Order, str | None]:
    """The order after what is due now, and the call it needs."""
    order, line = due.order, due.line
    if order.state is _S.QUEUED:
        first = await checking.before(conn, due, at)
        return first or (_place(conn, order, line, at), "grant")
    if order.state is _S.SENT:
        # Whoever called died, or nobody answered in time: nobody knows.
        order = (await hear(conn, order, Input.TRANSPORT_UNKNOWN, Heard(at))).after
    certain = order.state is _S.UNKNOWN and order.not_found >= 2
    if certain and due.link.stopped_at is None:
        return _place(conn, order, line, at), "grant"
    if order.state in (_S.TOO_LATE, _S.REVERSAL_SENT):
        return _want_back(conn, order, line, at), "reversal"
    return _waiting(order, line, at)


def _place(conn: Connection, order: Order, line: KnownLine, at: datetime) -> Order:
    sent = order.heard(Input.SEND_STARTED, at).after
    sent = replace(sent, attempts=order.attempts + 1, sent_at=at, not_found=0, inquiries=0)
    until = at + RESPOND_WITHIN
    sent = replace(sent, look_at=until if line.way is Way.FEED else at + LEASE)
    return say_order(conn, sent, OrderPlaced, at, attempt=sent.attempts, respond_by=until)


def _want_back(conn: Connection, order: Order, line: KnownLine, at: datetime) -> Order:
    asked = order.heard(Input.SEND_STARTED, at).after
    look_at = at + RESPOND_WITHIN if line.way is Way.FEED else at + LEASE
    asked = replace(asked, attempts=order.attempts + 1, look_at=look_at)
    return say_order(conn, asked, OrderReversalRequested, at)


def _waiting(order: Order, line: KnownLine, at: datetime) -> tuple[Order, str | None]:
    """An order whose end is open is asked about, where somebody can be asked."""
    asked = replace(order, inquiries=order.inquiries + 1, version=order.version + 1)
    if line.way is Way.PUSH:
        return replace(asked, attempts=order.attempts + 1, look_at=at + LEASE), "inquiry"
    return replace(asked, look_at=next_inquiry(order.inquiries, at)), None


async def answered(
    conn: Connection, clerk: Clerk, call: Call, answer: ProviderAnswer, body: bytes
) -> None:
    """A signed answer came back."""
    await _end(conn, call, "answered", answer.result, clerk.at)
    brought = Brought(
        provider_id=call.order.provider_id,
        answer=answer,
        body=body,
        source="inquiry" if answer.inquiry else "call",
        at=clerk.at,
        visibility=call.line.visibility,
    )
    await take(conn, str(call.order.id), call.order.id, brought)
    if call.line.failing:
        await lines.save_breaker(conn, call.order.provider_id, call.line.breaker.answered())


async def checked(conn: Connection, clerk: Clerk, call: Call, answer: AccountAnswer) -> None:
    """The provider said whether the account can receive, and whose it is."""
    await _end(conn, call, "answered", f"{answer.result}, holder {answer.holder}", clerk.at)
    await checking.answered(conn, call.order.id, answer, clerk.at)
    if call.line.failing:
        await lines.save_breaker(conn, call.order.provider_id, call.line.breaker.answered())


async def not_sent(conn: Connection, clerk: Clerk, call: Call, why: str) -> None:
    """The call certainly never left: it is as if it had not been tried, but for the provider's breaker."""
    await _end(conn, call, "not_sent", why, clerk.at)
    await _failed(conn, call, clerk.at, certainly_unsent=True)


async def unclear(
    conn: Connection, clerk: Clerk, call: Call, why: str, *, odd: bool = False
) -> None:
    """Nobody knows what became of the call."""
    await _end(conn, call, "unknown", why, clerk.at)
    await _failed(conn, call, clerk.at, certainly_unsent=False)
    if odd:
        order = await orders.order(conn, call.order.id, lock=True)
        # A provider that cannot be understood about an account is one case, however often it is asked.
        mark = call.act if call.act == "check" else str(call.number)
        found = Contradiction(CaseKind.ODD_ANSWER, why, mark=mark)
        await suspend_and_say(conn, order, found, clerk.at, money=Money.NOTHING)


async def _failed(conn: Connection, call: Call, at: datetime, *, certainly_unsent: bool) -> None:
    order = await orders.order(conn, call.order.id, lock=True)
    if order.attempts == call.number:
        if call.act not in ("inquiry", "check"):
            what = after_call(order, certainly_unsent=certainly_unsent)
            order = (await hear(conn, order, what, Heard(at))).after
        await orders.save_orders(conn, [_later(order, at)])
    breaker = await lines.breaker_for_update(conn, order.provider_id)
    await lines.save_breaker(conn, order.provider_id, breaker.failed(at))


def _later(order: Order, at: datetime) -> Order:
    if order.state in (_S.QUEUED, _S.TOO_LATE):
        return replace(order, look_at=at + _AGAIN)
    if order.state in (_S.UNKNOWN, _S.ACCEPTED, _S.CANCEL_REQUESTED, _S.REVERSAL_SENT):
        return replace(order, look_at=next_inquiry(order.inquiries, at))
    return order


async def _end(conn: Connection, call: Call, outcome: str, answer: str, at: datetime) -> None:
    await attempts.end_attempt(
        conn, call.order.id, call.number, outcome=outcome, answer=answer, at=at
    )
