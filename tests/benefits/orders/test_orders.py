"""Send and hear: what becomes of an order, its money and its entitlement."""

from typing import Any

import pytest

from chassis.database import transaction
from chassis.ids import new_id
from services.benefits.commands.hearing import Heard, hear
from services.benefits.model.answer import ProviderAnswer, Result
from services.benefits.model.saga import Input, OrderState
from services.benefits.provider_simulator.faults import Fault, FaultKind
from services.benefits.store import orders
from tests.benefits.orders.granting import AMOUNT, Simulator, Town, granted, rejected


async def test_a_granted_order_consumes_the_entitlement_and_is_owed_to_the_provider(
    town: Town,
) -> None:
    order = await town.allocated()
    assert order.state is OrderState.RESERVED
    await town.clerk().turn()
    sent = await town.order(order.id)
    assert (sent.state, sent.attempts) == (OrderState.SENT, 1)
    taken = await town.says(granted(order), order.id)
    assert taken.verdict == "apply"
    after = await town.order(order.id)
    assert after.state is OrderState.GRANTED
    assert await town.balance("payable") == AMOUNT
    state = await town.pool.fetchval(
        "SELECT state FROM entitlements WHERE id = $1", order.entitlement_id
    )
    assert state == "consumed"
    assert await town.broken() == {}


async def test_a_rejected_order_frees_the_entitlement_for_another_choice(town: Town) -> None:
    order = await town.allocated()
    await town.clerk().turn()
    await town.says(rejected(), order.id)
    assert (await town.order(order.id)).state is OrderState.REJECTED
    assert await town.balance("payable") == 0
    again = await town.allocated(await town.entitlement(order.entitlement_id), "hp-other")
    await town.clerk().turn()
    await town.says(granted(again, "A-2"), again.id)
    assert (await town.order(again.id)).state is OrderState.GRANTED
    assert await town.balance("payable") == AMOUNT
    assert await town.broken() == {}


async def test_an_unknown_outcome_keeps_its_reservation_and_is_asked_about_under_the_same_id(
    town: Town, simulator: Simulator
) -> None:
    simulator.books.faults.to_come.append(Fault(kind=FaultKind.LOSE))
    order = await town.allocated()
    async with town.providers() as providers:
        clerk = town.clerk(providers)
        await clerk.turn()
        unknown = await town.order(order.id)
        assert (unknown.state, unknown.doubtful) == (OrderState.UNKNOWN, True)
        assert await town.broken() == {}
        town.clock.pass_by(seconds=6)
        await clerk.turn()
    after = await town.order(order.id)
    assert (after.state, after.attempts) == (OrderState.GRANTED, 2)
    assert simulator.books.entries[order.id].times_asked == 1
    assert await town.broken() == {}


async def test_an_order_that_is_certainly_not_there_is_sent_again_under_the_same_id(
    town: Town, simulator: Simulator
) -> None:
    simulator.books.faults.to_come.append(Fault(kind=FaultKind.LOSE, before=True))
    order = await town.allocated()
    async with town.providers() as providers:
        clerk = town.clerk(providers)
        await clerk.turn()
        for _ in range(4):
            town.clock.pass_by(minutes=2)
            await clerk.turn()
    after = await town.order(order.id)
    assert after.state is OrderState.GRANTED
    assert list(simulator.books.entries) == [order.id]
    acts = await town.pool.fetch(
        "SELECT act, outcome FROM order_attempts WHERE order_id = $1 ORDER BY number", order.id
    )
    assert [tuple(a) for a in acts] == [
        ("grant", "unknown"),
        ("inquiry", "answered"),
        ("inquiry", "answered"),
        ("grant", "answered"),
    ]


async def test_one_answer_not_found_or_one_before_the_visibility_delay_sends_nothing_again(
    town: Town, simulator: Simulator
) -> None:
    await town.push_to(simulator.url, visibility=3600)
    simulator.books.faults.to_come.append(Fault(kind=FaultKind.LOSE, before=True))
    order = await town.allocated()
    async with town.providers() as providers:
        clerk = town.clerk(providers)
        for _ in range(4):
            await clerk.turn()
            town.clock.pass_by(minutes=10)
    after = await town.order(order.id)
    assert (after.state, after.not_found) == (OrderState.UNKNOWN, 0)
    assert simulator.books.entries == {}


async def test_a_call_that_never_left_goes_back_into_the_queue(town: Town) -> None:
    await town.push_to("http://127.0.0.1:9")
    order = await town.allocated()
    async with town.providers() as providers:
        await town.clerk(providers).turn()
    after = await town.order(order.id)
    assert (after.state, after.doubtful) == (OrderState.QUEUED, False)


async def test_a_silent_provider_is_left_alone_and_others_are_not(town: Town) -> None:
    await town.push_to("http://127.0.0.1:9")
    made = [await town.allocated() for _ in range(8)]
    async with town.providers() as providers:
        clerk = town.clerk(providers)
        await clerk.turn()
        opened = await town.pool.fetchval("SELECT open_until FROM provider_lines")
        assert opened > town.clock.at
        tried = await town.pool.fetchval("SELECT count(*) FROM order_attempts")
        assert await clerk.turn() is False
        town.clock.pass_by(seconds=30)
        await clerk.turn()
    # One order goes out to see; the others wait for it.
    assert await town.pool.fetchval("SELECT count(*) FROM order_attempts") == tried + 1
    assert {(await town.order(o.id)).state for o in made} == {OrderState.QUEUED}
    assert await town.broken() == {}


async def test_the_same_answer_again_is_the_same_and_moves_nothing(town: Town) -> None:
    order = await town.allocated()
    await town.clerk().turn()
    first = await town.says(granted(order), order.id)
    again = await town.says(granted(order), order.id)
    other_key = await town.says(granted(order, "A-2"), order.id)
    assert [first.verdict, again.verdict, other_key.verdict] == ["apply", "ignore", "ignore"]
    assert await town.balance("payable") == AMOUNT
    assert await town.cases() == []


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ({"amount": AMOUNT - 1}, "amount"),
        ({"amount": 0}, "amount"),
        ({"amount": -1}, "amount"),
        ({"amount": 2**63 - 1}, "amount"),
        ({"resident_ref": "R-somebody-else"}, "wrong_person"),
        ({"resident_ref": None}, "odd_answer"),
        ({"transaction_id": None}, "odd_answer"),
    ],
)
async def test_an_answer_that_cannot_be_true_is_a_case_and_the_ledger_is_untouched(
    town: Town, wrong: dict[str, Any], kind: str
) -> None:
    order = await town.allocated()
    await town.clerk().turn()
    taken = await town.says(granted(order, **wrong), order.id)
    assert taken.verdict == "conflict"
    assert await town.cases() == [kind]
    assert (await town.order(order.id)).state is OrderState.SENT
    assert await town.balance("payable") == 0
    assert await town.broken() == {}


async def test_a_no_after_a_yes_is_a_case_and_takes_nothing_back(town: Town) -> None:
    order = await town.allocated()
    await town.clerk().turn()
    await town.says(granted(order), order.id)
    assert (await town.says(rejected(), order.id)).verdict == "conflict"
    assert await town.cases() == ["contradiction"]
    assert await town.balance("payable") == AMOUNT
    assert await town.broken() == {}


async def test_a_yes_after_a_no_lies_in_suspense_once_however_often_it_is_said(town: Town) -> None:
    order = await town.allocated()
    await town.clerk().turn()
    await town.says(rejected(), order.id)
    assert (await town.says(granted(order), order.id)).verdict == "conflict"
    assert (await town.says(granted(order, "A-3"), order.id)).verdict == "conflict"
    assert await town.cases() == ["late_grant"]
    assert await town.balance("suspense") == -AMOUNT
    assert await town.broken() == {}


async def test_a_second_transaction_for_one_order_is_a_double(town: Town) -> None:
    order = await town.allocated()
    await town.clerk().turn()
    await town.says(granted(order), order.id)
    await town.says(granted(order, "A-2", transaction_id="T-other"), order.id)
    assert await town.cases() == ["double"]
    assert await town.balance("payable") == AMOUNT


async def test_another_word_under_the_number_of_an_answer_is_kept_and_not_believed(
    town: Town,
) -> None:
    order = await town.allocated()
    await town.clerk().turn()
    await town.says(ProviderAnswer("A-1", Result.ACCEPTED), order.id)
    taken = await town.says(granted(order, "A-1"), order.id)
    assert taken.verdict == "conflict"
    assert (await town.order(order.id)).state is OrderState.ACCEPTED
    assert await town.cases() == ["contradiction"]


async def test_an_answer_for_an_order_nobody_gave_is_kept_and_a_case(town: Town) -> None:
    order = await town.allocated()
    stranger = new_id()
    taken = await town.says(granted(order), stranger)
    assert taken.verdict == "unknown_order"
    assert await town.cases() == ["unknown_order"]
    assert await town.balance("payable") == 0


async def test_a_passing_trouble_of_the_provider_is_no_refusal(town: Town) -> None:
    order = await town.allocated()
    await town.clerk().turn()
    await town.says(rejected(code="MAINTENANCE"), order.id)
    assert (await town.order(order.id)).state is OrderState.QUEUED
    town.clock.pass_by(minutes=2)
    await town.clerk().turn()
    assert (await town.order(order.id)).state is OrderState.SENT


async def test_an_undocumented_refusal_is_no_refusal_either(town: Town) -> None:
    order = await town.allocated()
    await town.clerk().turn()
    await town.says(rejected(code="SOMETHING_ELSE"), order.id)
    assert (await town.order(order.id)).state is OrderState.UNKNOWN
    assert await town.broken() == {}


async def test_a_grant_that_is_wanted_back_is_reversed_and_the_yen_are_the_towns_again(
    town: Town, simulator: Simulator
) -> None:
    available = await town.balance("available")
    order = await town.allocated()
    async with town.providers() as providers:
        clerk = town.clerk(providers)
        await clerk.turn()
        async with transaction(town.pool) as conn:
            locked = await orders.order(conn, order.id, lock=True)
            await hear(conn, locked, Input.CANCEL, Heard(town.clock.at))
        await clerk.turn()
    assert (await town.order(order.id)).state is OrderState.REVERSED
    assert simulator.books.entries[order.id].reversed
    assert await town.balance("available") == available
    assert await town.balance("payable") == 0
    assert await town.broken() == {}


async def test_a_cancel_before_sending_tells_the_provider_nothing(town: Town) -> None:
    order = await town.allocated()
    async with transaction(town.pool) as conn:
        locked = await orders.order(conn, order.id, lock=True)
        await hear(conn, locked, Input.CANCEL, Heard(town.clock.at))
    assert (await town.order(order.id)).state is OrderState.CANCELLED
    said = await town.pool.fetchval("SELECT count(*) FROM events WHERE kind = 'benefits.order'")
    assert said == 0
    assert await town.broken() == {}
