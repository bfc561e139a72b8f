"""Answers that came together are taken together: what is usual in as many statements as one answer takes.

The plain twin is ``answering.take``. Usual is the first answer of an order that waits for it and says of it what was
ordered; everything else, and everything the database refuses, is taken alone. None spoils another.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import structlog

from chassis.database import Connection, Refused
from chassis.outbox import apart
from chassis.refusal import Refusal
from services.benefits.commands import answering, entitlements, ledger
from services.benefits.commands.answering import Brought, Taken, heard_of, said_of
from services.benefits.commands.hearing import SERVICE, say_granted
from services.benefits.model.answer import input_of, trouble
from services.benefits.model.application import Application
from services.benefits.model.entitlement import Entitlement
from services.benefits.model.order import Order, Step
from services.benefits.model.saga import Money, OrderState
from services.benefits.store import answers, consuming, orders
from services.benefits.store.consuming import Grant

_log = structlog.get_logger()
#: Nothing was kept of an answer; the provider says it again.
FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Given:
    """An answer, and the order it names."""

    order_ref: str
    order_id: UUID | None
    came: Brought

    @property
    def key(self) -> tuple[UUID, str]:
        """What makes a repeat the same answer."""
        return self.came.provider_id, self.came.answer.key


@dataclass(frozen=True, slots=True)
class _Usual:
    """A grant that was waited for."""

    given: Given
    step: Step


async def take_all(conn: Connection, given: Sequence[Given]) -> list[Taken]:
    """What became of each answer, in their order."""
    usual = await _usual(conn, given)
    done = await _together(conn, usual) if len(usual) > 1 else {}
    return [done.get(each.key) or await _alone(conn, each) for each in given]


async def _usual(conn: Connection, given: Sequence[Given]) -> list[_Usual]:
    """The usual ones; the orders of all are locked in one order, whoever else takes many."""
    wanted = {(each.came.provider_id, each.order_id) for each in given if each.order_id}
    known = await orders.orders_of_providers(conn, wanted)
    used = await answers.used_keys(conn, {each.key for each in given})
    keys, named = Counter(each.key for each in given), Counter(each.order_id for each in given)
    found = []
    for each in given:
        order = known.get(each.order_id) if each.order_id else None
        once = named[each.order_id] == keys[each.key] == 1 and each.key not in used
        if order is not None and once and (step := _granting(order, each.came)) is not None:
            found.append(_Usual(each, step))
    return found


def _granting(order: Order, came: Brought) -> Step | None:
    what = input_of(order, came.answer)
    if what is None or order.provider_id != came.provider_id or trouble(order, came.answer):
        return None
    step = order.heard(what, came.at)
    plain = step.money is Money.POST and step.after.state is OrderState.GRANTED
    return step if plain else None


async def _together(conn: Connection, usual: Sequence[_Usual]) -> dict[tuple[UUID, str], Taken]:
    """All of them, or, if the database refuses one, none."""
    try:
        async with apart(conn):
            return await _granted(conn, usual)
    except (*Refused, Refusal) as why:
        _log.warning("answers are taken alone", answers=len(usual), why=str(why))
        return {}


async def _granted(conn: Connection, usual: Sequence[_Usual]) -> dict[tuple[UUID, str], Taken]:
    held = await consuming.all_locked(conn, [u.step.before.entitlement_id for u in usual])
    written = [w for u in usual if (w := _written(conn, u, *held[u.step.before.entitlement_id]))]
    if not written:
        return {}
    await consuming.add_grants(conn, written)
    # Last, so that accounts are locked for as short as can be.
    await ledger.post_all(
        conn, [r for w in written if (r := w.order.reservation_id)], actor=SERVICE
    )
    return {
        (w.said.provider_id, w.said.answer_key): Taken(w.said.verdict, w.order) for w in written
    }


def _written(
    conn: Connection, usual: _Usual, application: Application, entitlement: Entitlement
) -> Grant | None:
    """What a grant leaves behind; None where a part of the entitlement would go back to the budget."""
    came, after = usual.given.came, usual.step.after
    if entitlement.amount != after.amount:
        return None
    done, used, event = entitlements.consumed(application, entitlement, came.at)
    service = after.payment_service_code
    entitlements.say_consumed(conn, done, used, after, granted=after.amount, service=service)
    said = said_of(usual.step.before, came, usual.step.cell.verdict)
    order = say_granted(conn, after, heard_of(said, came))
    return Grant(said, replace(order, look_at=None), done, used, event)


async def _alone(conn: Connection, each: Given) -> Taken:
    try:
        async with apart(conn):
            return await answering.take(conn, each.order_ref, each.order_id, each.came)
    except (*Refused, Refusal) as why:
        _log.warning("an answer was not kept", order_ref=each.order_ref, why=str(why))
        return Taken(FAILED, None)
