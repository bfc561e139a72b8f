"""What the order clerk writes down before it calls a provider, and after; each in one transaction."""

from collections.abc import Sequence
from dataclasses import replace
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
from services.benefits.model.link import AccountAnswer, Link
from services.benefits.model.order import LEASE, Order, Way, after_call, next_inquiry
from services.benefits.model.saga import Input, Money, OrderState
from services.benefits.store import applicants, attempts, lines, orders
from services.benefits.store.lines import KnownLine

#: How long a provider that reads its feed may leave an order without an answer.
RESPOND_WITHIN = timedelta(hours=24)
#: How long after a call that never left it is tried again.
_AGAIN = timedelta(seconds=5)
_S = OrderState


async def begin(conn: Connection, clerk: Clerk, order_ids: Sequence[UUID]) -> list[Call]:
    """Bring due orders one step on and write down the calls that follow, before any is made."""
    held = await _enqueued(
        conn, await orders.claimed(conn, clerk.id, order_ids, clerk.at), clerk.at
    )
    known = await lines.lines(conn, {o.provider_id for o in held}, clerk.stand_in)
    held = await _but_one(conn, held, known, clerk.at)
    there = await checking.links_of(conn, held, known, clerk.at)
    stepped = [
        await _step(conn, o, known[o.provider_id], there[o.allocation_id][1], clerk.at)
        for o in held
    ]
    whose = {there[o.allocation_id][1].resident_id for o, act in stepped if act == "check"}
    names = await applicants.readings_of(conn, whose)
    made = [
        call_of(order, known[order.provider_id], act, *there[order.allocation_id], names, clerk)
        for order, act in stepped
        if act is not None
    ]
    quiet = [order for order, act in stepped if act is None]
    await orders.save_orders(conn, [*(c.order for c, _ in made), *quiet])
    if made:
        await attempts.add_attempts(conn, [attempt for _, attempt in made])
    calls = [call for call, attempt in made if attempt.outcome == UNDER_WAY]
    if calls:
        await orders.extend(conn, clerk.id, [c.order.id for c in calls], clerk.at + LEASE)
    return calls


async def _enqueued(conn: Connection, held: list[Order], at: datetime) -> list[Order]:
    """Orders that have rested long enough are ready to be sent."""
    rested = {o.id: o.heard(Input.ENQUEUE, at).after for o in held if o.state is _S.RESERVED}
    if rested:
        await orders.save_orders(conn, list(rested.values()))
    return [rested.get(o.id, o) for o in held]


async def _but_one(
    conn: Connection, held: list[Order], known: dict[UUID, KnownLine], at: datetime
) -> list[Order]:
    """Of a provider that has not been answering one order goes out, to see; the others wait for it."""
    first: dict[UUID, UUID] = {}
    for order in held:
        if known[order.provider_id].breaker.open_until is not None:
            first.setdefault(order.provider_id, order.id)
    waiting = [o for o in held if first.get(o.provider_id, o.id) != o.id]
    if waiting:
        await orders.save_orders(conn, [replace(o, look_at=at + _AGAIN) for o in waiting])
    return [o for o in held if first.get(o.provider_id, o.id) == o.id]


async def _step(
    conn: Connection, order: Order, line: KnownLine, link: Link, at: datetime
) -> tuple[Order, str | None]:
    """The order after what is due now, and the call it needs."""
    if order.state is _S.QUEUED:
        first = await checking.before(conn, order, line, link, at)
        return first or (_place(conn, order, line, at), "grant")
    if order.state is _S.SENT:
        # Whoever called died, or nobody answered in time: nobody knows.
        order = (await hear(conn, order, Input.TRANSPORT_UNKNOWN, Heard(at))).after
    certain = order.state is _S.UNKNOWN and order.not_found >= 2
    if certain and link.stopped_at is None:
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
