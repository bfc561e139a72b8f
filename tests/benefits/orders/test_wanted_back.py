"""What a provider says while an order is wanted back: nothing is let go or taken back that it did not say."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chassis.database import transaction
from services.benefits.commands.hearing import Heard, hear
from services.benefits.model.answer import ProviderAnswer, Result
from services.benefits.model.order import Order
from services.benefits.model.saga import Input, OrderState
from services.benefits.store import orders
from tests.benefits.orders.granting import AMOUNT, Nobody, Simulator, Town, granted, rejected


async def _sent(town: Town) -> Order:
    order = await town.allocated()
    await town.clerk().turn()
    return order


async def _wanted_back(town: Town, order: Order) -> None:
    async with transaction(town.pool) as conn:
        locked = await orders.order(conn, order.id, lock=True)
        await hear(conn, locked, Input.CANCEL, Heard(town.clock.at))


@pytest.mark.parametrize("inquiry", [True, False])
async def test_who_took_an_order_on_and_cannot_answer_now_may_still_grant_it(
    town: Town, inquiry: bool
) -> None:
    order = await _sent(town)
    await town.says(ProviderAnswer("A-1", Result.ACCEPTED), order.id)
    await _wanted_back(town, order)
    busy = replace(rejected("A-2", "TEMPORARILY_UNAVAILABLE"), inquiry=inquiry)
    await town.says(busy, order.id)
    waiting = await town.order(order.id)
    assert waiting.state is OrderState.CANCEL_REQUESTED
    assert waiting.look_at is not None
    await town.says(granted(order, "A-3"), order.id)
    assert (await town.order(order.id)).state is OrderState.TOO_LATE
    assert await town.cases() == []
    assert await town.broken() == {}


async def test_who_cannot_take_back_now_is_asked_again_a_while_later(town: Town) -> None:
    order = await _sent(town)
    await town.says(granted(order), order.id)
    await _wanted_back(town, order)
    await town.clerk().turn()
    await town.says(rejected("A-2", "MAINTENANCE"), order.id)
    resting = await town.order(order.id)
    assert (resting.state, resting.look_at) == (
        OrderState.TOO_LATE,
        town.clock.at + timedelta(minutes=1),
    )
    town.clock.pass_by(minutes=1)
    await town.clerk().turn()
    assert (await town.order(order.id)).state is OrderState.REVERSAL_SENT


async def test_a_part_that_was_taken_back_is_a_case_and_the_ledger_is_untouched(
    town: Town,
) -> None:
    order = await _sent(town)
    await town.says(granted(order), order.id)
    await _wanted_back(town, order)
    await town.clerk().turn()
    taken = await town.says(ProviderAnswer("A-2", Result.REVERSED, amount=AMOUNT - 1), order.id)
    assert (taken.verdict, await town.cases()) == ("conflict", ["amount"])
    assert await town.balance("payable") == AMOUNT
    await town.says(ProviderAnswer("A-3", Result.REVERSED, amount=AMOUNT), order.id)
    assert (await town.order(order.id)).state is OrderState.REVERSED
    assert await town.broken() == {}


class _SameWord(Nobody):
    """A provider that took the order on and has nothing new to say, under one number."""

    async def grant(self, *asked: object) -> ProviderAnswer:
        return ProviderAnswer("A-1", Result.ACCEPTED)

    async def inquire(self, *asked: object) -> ProviderAnswer:
        return ProviderAnswer("A-2", Result.ACCEPTED, inquiry=True)


async def test_who_says_the_same_again_is_asked_less_and_less_often(
    town: Town, simulator: Simulator
) -> None:
    order = await town.allocated()
    clerk = town.clerk(_SameWord())
    pauses = []
    for _ in range(5):
        await clerk.turn()
        found = await town.order(order.id)
        assert found.look_at is not None
        pauses.append(found.look_at - town.clock.at)
        town.clock.at = found.look_at
    assert pauses == sorted(pauses)
    assert pauses[-1] == timedelta(hours=1)
