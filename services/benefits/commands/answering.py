"""Takes what a provider says of an order, by whichever door: once, and only what can be true."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from chassis.database import Connection
from chassis.ids import new_id
from services.benefits.commands.cases import Contradiction, open_unknown, suspend_and_say
from services.benefits.commands.hearing import Heard, hear
from services.benefits.model.answer import CaseKind, ProviderAnswer, Result, input_of, trouble
from services.benefits.model.order import Order, next_inquiry, not_found_again
from services.benefits.model.saga import Input, Money, OrderState, Verdict
from services.benefits.store import answers, orders
from services.benefits.store.answers import Said

#: How long after a passing trouble of the provider it is asked again.
_LATER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an answer."""

    verdict: str
    order: Order | None


@dataclass(frozen=True, slots=True)
class Brought:
    """An answer with the bytes it came in, and by which door."""

    provider_id: UUID
    answer: ProviderAnswer
    body: bytes
    source: str
    at: datetime
    #: How long the provider may need to see an order.
    visibility: timedelta = timedelta(seconds=60)


async def take(conn: Connection, order_ref: str, order_id: UUID | None, came: Brought) -> Taken:
    """Keep an answer and do what follows; the same answer again is the same, and does nothing."""
    order = None
    if order_id is not None:
        order = await orders.order_of_provider(conn, came.provider_id, order_id, lock=True)
    before = await answers.answer(conn, came.provider_id, came.answer.key)
    if before is not None and before["body_hash"] == _hash(came.body):
        # Who was asked and says the same again is asked again as late as if it had been said anew.
        if order is not None and came.source != "api":
            order = await _look_later(conn, order, came)
        return Taken(Verdict.IGNORE, order)
    if order is None:
        return await _of_nothing(conn, order_ref, came, again=before is not None)
    if before is not None:
        # The number of another answer with other words: kept beside it, and believed in neither case.
        return await _contradicted(conn, order, came, CaseKind.CONTRADICTION, again=True)
    if (kind := trouble(order, came.answer)) is not None:
        return await _contradicted(conn, order, came, kind)
    return await _apply(conn, order, came)


async def _apply(conn: Connection, order: Order, came: Brought) -> Taken:
    what = input_of(order, came.answer)
    if what is Input.INQUIRY_NOT_FOUND:
        counted, certain = not_found_again(order, came.at, came.visibility)
        if counted is not order:
            await orders.save_orders(conn, [counted])
        order, what = counted, what if certain else None
    said = said_of(order, came, _verdict(order, what))
    if not await answers.add_answer(conn, said):
        return Taken(Verdict.IGNORE, order)
    if what is None:
        return Taken(Verdict.IGNORE, await _look_later(conn, order, came))
    step = await hear(conn, order, what, heard_of(said, came))
    return Taken(step.cell.verdict, await _look_later(conn, step.after, came))


def _verdict(order: Order, what: Input | None) -> Verdict:
    return Verdict.IGNORE if what is None else order.heard(what, order.created_at).cell.verdict


async def _look_later(conn: Connection, order: Order, came: Brought) -> Order:
    """An order that is still to be attended to keeps an instant at which it is."""
    at = _next_look(order, came)
    if at is None or order.look_at == at:
        return order
    later = replace(order, look_at=at, inquiries=order.inquiries + 1)
    await orders.save_orders(conn, [later])
    return later


def _next_look(order: Order, came: Brought) -> datetime | None:
    if order.state is OrderState.UNKNOWN and order.not_found >= 2:
        return came.at
    if order.state in (OrderState.UNKNOWN, OrderState.ACCEPTED, OrderState.CANCEL_REQUESTED):
        return next_inquiry(order.inquiries, came.at)
    passing = order.state is OrderState.TOO_LATE and came.answer.result is Result.REJECTED
    if order.state is OrderState.QUEUED or passing:
        return came.at + _LATER
    if order.state is OrderState.REVERSAL_SENT:
        return next_inquiry(order.inquiries, came.at)
    return order.look_at


async def _contradicted(
    conn: Connection, order: Order, came: Brought, kind: CaseKind, *, again: bool = False
) -> Taken:
    said = said_of(order, came, Verdict.CONFLICT, again=again)
    if not await answers.add_answer(conn, said):
        return Taken(Verdict.IGNORE, order)
    words = f"{order.state}: {came.answer.result} {came.answer.amount} {came.answer.code or ''}"
    found = Contradiction(kind, words, said.id, mark=said.answer_key)
    after = await suspend_and_say(conn, order, found, came.at, money=Money.NOTHING)
    return Taken(Verdict.CONFLICT, after)


async def _of_nothing(conn: Connection, order_ref: str, came: Brought, *, again: bool) -> Taken:
    """An answer for an order this provider does not have: kept, and somebody looks at it."""
    said = said_of(None, came, "unknown_order", again=again, order_ref=order_ref)
    if await answers.add_answer(conn, said):
        await open_unknown(conn, said)
    return Taken("unknown_order", None)


def said_of(
    order: Order | None,
    came: Brought,
    verdict: str,
    *,
    again: bool = False,
    order_ref: str = "",
) -> Said:
    """The answer as it is kept; ``again`` under a number that was another answer's."""
    digest = _hash(came.body).hex()[:16]
    return Said(
        id=new_id(),
        provider_id=came.provider_id,
        answer_key=f"{came.answer.key}#{digest}" if again else came.answer.key,
        order_id=order.id if order else None,
        order_ref=str(order.id) if order else order_ref,
        source=came.source,
        result=came.answer.result,
        amount=came.answer.amount,
        resident_ref=came.answer.resident_ref,
        transaction_id=came.answer.transaction_id,
        code=came.answer.code,
        body=came.body,
        verdict=verdict,
        received_at=came.at,
    )


def heard_of(said: Said, came: Brought) -> Heard:
    """What comes along with the input an answer is."""
    answer = came.answer
    return Heard(
        at=came.at,
        granted_on=answer.granted_on if answer.result is Result.GRANTED else None,
        transaction_id=answer.transaction_id,
        code=answer.code or "",
        answer_id=said.id,
    )


def _hash(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()
