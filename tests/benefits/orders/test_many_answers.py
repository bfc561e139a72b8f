"""Answers that come together are taken as if each had come alone, and none spoils another."""

import asyncio
import random
import re
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from chassis.database import transaction
from chassis.ids import new_id
from services.benefits.commands import ledger
from services.benefits.commands.answering import Taken
from services.benefits.commands.granting import FAILED
from services.benefits.commands.hearing import Heard, hear
from services.benefits.model.answer import ProviderAnswer, Result
from services.benefits.model.order import Order
from services.benefits.model.saga import Input, OrderState
from services.benefits.store import orders
from tests.benefits.orders.granting import AMOUNT, Town, granted, rejected

Said = list[tuple[str, ProviderAnswer]]
SEEDS = (1, 2, 3)


async def _sent(town: Town, count: int) -> list[Order]:
    made = [await town.allocated() for _ in range(count)]
    while await town.clerk().turn():
        pass
    return [await town.order(order.id) for order in made]


async def _cancelled(town: Town, order: Order, *, lost: bool) -> Order:
    """Somebody wants it back; with ``lost`` the provider says that it never heard of it."""
    async with transaction(town.pool) as conn:
        locked = await orders.order(conn, order.id, lock=True)
        await hear(conn, locked, Input.CANCEL, Heard(town.clock.at))
    if lost:
        await town.says(rejected(f"L-{order.id}"), order.id)
    return await town.order(order.id)


async def _corpus(town: Town, made: list[Order], seed: int) -> Said:
    """Every odd answer there is, among usual ones, in an order of its own."""
    made[10] = await _cancelled(town, made[10], lost=True)
    made[11] = await _cancelled(town, made[11], lost=False)
    await town.says(granted(made[12], f"B-{made[12].id}"), made[12].id)

    def of(number: int, name: str = "A", **more: Any) -> tuple[str, ProviderAnswer]:
        order = made[number]
        return str(order.id), granted(order, f"{name}-{order.id}", **more)

    said = [of(number) for number in range(4)]
    said += [
        of(4, amount=made[4].amount + 1),
        of(5, resident_ref="R-somebody-else"),
        of(6, transaction_id=None),
        (str(made[7].id), rejected(f"A-{made[7].id}")),
        (str(made[8].id), replace(of(8)[1], result=Result.ACCEPTED)),
        of(8, "C"),
        of(9),
        of(9),
        of(10),
        of(11),
        of(12, "D", transaction_id="T-another"),
        of(13),
        (str(made[13].id), replace(of(13)[1], amount=1)),
        ("no-order", granted(made[0], f"N-{made[0].id}")),
        (str(new_id()), granted(made[0], f"M-{made[0].id}")),
    ]
    random.Random(seed).shuffle(said)
    return said


def _id(ref: str) -> UUID | None:
    return None if ref == "no-order" else UUID(ref)


async def _together(town: Town, said: Said) -> list[Taken]:
    return await town.says_of_many([(_id(ref), answer) for ref, answer in said])


_NAME = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|T-[0-9a-f]{20}|R-[0-9a-f]{20}")
#: All that an answer may change, told without what is new each time.
_LEFT = (
    "SELECT o.state, o.revision, o.version, o.granted_on, o.rejection, o.look_at, o.inquiries, e.state, e.revision,"
    "       a.state, a.revision FROM orders o JOIN entitlements e ON e.id = o.entitlement_id"
    "  JOIN applications a ON a.id = e.application_id WHERE o.id = $1",
    "SELECT result, verdict, amount, source FROM order_answers WHERE order_id = $1 ORDER BY result, amount",
    "SELECT c.kind, c.suspended, c.words FROM cases c WHERE c.order_id = $1 ORDER BY kind, about",
    "SELECT t.kind, t.amount, t.code, t.actor FROM transfers t WHERE t.business_ref = $1 ORDER BY t.seq",
    "SELECT type, revision FROM events WHERE subject = 'order/' || $1::uuid ORDER BY seq",
    "SELECT v.type, v.revision FROM events v JOIN orders o ON v.subject = 'entitlement/' || o.entitlement_id"
    " WHERE o.id = $1 ORDER BY v.seq",
    "SELECT s.act, s.revision, s.actor FROM application_events s JOIN entitlements e USING (application_id)"
    "  JOIN orders o ON o.entitlement_id = e.id WHERE o.id = $1 ORDER BY s.revision",
)


async def _left(town: Town, said: Said) -> list[list[str]]:
    """What is left of each order, without what names it."""
    return [
        [
            _NAME.sub("…", str(tuple(row)))
            for query in _LEFT
            for row in await town.pool.fetch(query, _id(ref))
        ]
        for ref, _ in said
    ]


@pytest.mark.parametrize("seed", SEEDS)
async def test_many_answers_leave_behind_what_they_leave_one_by_one(town: Town, seed: int) -> None:
    made = await _sent(town, 28)
    one, other = await _corpus(town, made[:14], seed), await _corpus(town, made[14:], seed)
    alone = [await town.says(answer, _id(ref)) for ref, answer in one]
    together = await _together(town, other)
    assert [t.verdict for t in together] == [t.verdict for t in alone]
    assert {"apply", "ignore", "conflict", "unknown_order"} == {t.verdict for t in together}
    assert [t.order and t.order.state for t in together] == [
        t.order and t.order.state for t in alone
    ]
    assert await _left(town, other) == await _left(town, one)
    assert {t.verdict for t in await _together(town, other)} == {"ignore"}
    assert await town.broken() == {}


async def test_an_answer_the_database_refuses_spoils_no_other(town: Town) -> None:
    made = await _sent(town, 5)
    async with transaction(town.pool) as conn:
        assert made[2].reservation_id is not None
        await ledger.void(conn, made[2].reservation_id, actor="service/tests")
    said = [(str(order.id), granted(order, f"A-{order.id}")) for order in made]
    taken = await _together(town, said)
    assert [t.verdict for t in taken] == ["apply", "apply", FAILED, "apply", "apply"]
    states = [(await town.order(order.id)).state for order in made]
    assert states.count(OrderState.GRANTED) == 4 and states[2] is OrderState.SENT
    kept = await town.pool.fetch("SELECT order_id FROM order_answers")
    assert {row["order_id"] for row in kept} == {o.id for o in made} - {made[2].id}
    facts = await town.pool.fetch("SELECT subject FROM events WHERE type LIKE '%granted%'")
    assert {row["subject"] for row in facts} == {f"order/{o.id}" for o in made if o is not made[2]}


async def test_the_same_grants_at_once_by_two_doors_are_granted_once(town: Town) -> None:
    made = await _sent(town, 8)
    said = [(str(order.id), granted(order, f"A-{order.id}")) for order in made]
    async with asyncio.TaskGroup() as both:
        one = both.create_task(_together(town, said))
        other = both.create_task(_together(town, said[::-1]))
    verdicts = zip(one.result(), reversed(other.result()), strict=True)
    assert {frozenset((a.verdict, b.verdict)) for a, b in verdicts} == {
        frozenset(("apply", "ignore"))
    }
    assert await town.balance("payable") == 8 * AMOUNT
    assert await town.broken() == {}
