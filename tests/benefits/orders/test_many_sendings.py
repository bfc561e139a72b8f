"""Orders that are due together are sent together: each once, whoever else sends, and none holds up another."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from structlog.testing import capture_logs

from chassis.database import transaction
from services.benefits.commands import ledger
from services.benefits.model.order import Order
from services.benefits.model.saga import OrderState
from tests.benefits.orders.granting import Town


async def _placed(town: Town) -> dict[str, int]:
    """How often each order was said to be placed."""
    rows = await town.pool.fetch(
        "SELECT subject, count(*) AS times FROM events WHERE type LIKE '%order.placed%' GROUP BY subject"
    )
    return {row["subject"]: row["times"] for row in rows}


async def _unreadable(town: Town, order: Order) -> None:
    """Where it goes cannot be opened any more."""
    sql = "UPDATE allocations SET account_sealed = 'not sealed for us' WHERE id = $1"
    await town.pool.execute(sql, order.allocation_id)


async def _let_go(town: Town, order: Order) -> None:
    """Its yen are promised no longer: the database refuses whatever it does, and only at the commit."""
    assert order.reservation_id is not None
    async with transaction(town.pool) as conn:
        await ledger.void(conn, order.reservation_id, actor="service/tests")


@pytest.mark.parametrize("spoil", [_unreadable, _let_go])
async def test_an_order_that_cannot_be_sent_holds_up_no_other(
    town: Town, spoil: Callable[[Town, Order], Awaitable[None]]
) -> None:
    made = [await town.allocated() for _ in range(5)]
    await spoil(town, made[2])
    assert await town.clerk().turn() is True
    states = [(await town.order(order.id)).state for order in made]
    assert states.count(OrderState.SENT) == 4 and states[2] is OrderState.RESERVED
    assert await _placed(town) == {f"order/{o.id}": 1 for o in made if o is not made[2]}
    assert await town.pool.fetchval("SELECT count(*) FROM order_attempts") == 4
    assert await town.clerk().turn() is False, "it is left alone for a while"


async def test_an_order_that_could_not_be_sent_is_sent_when_it_can(town: Town) -> None:
    made = [await town.allocated() for _ in range(2)]
    sealed = await town.pool.fetchval(
        "SELECT account_sealed FROM allocations WHERE id = $1", made[0].allocation_id
    )
    await _unreadable(town, made[0])
    await town.clerk().turn()
    sql = "UPDATE allocations SET account_sealed = $2 WHERE id = $1"
    await town.pool.execute(sql, made[0].allocation_id, sealed)
    town.clock.pass_by(minutes=2)
    assert await town.clerk().turn() is True
    assert (await town.order(made[0].id)).state is OrderState.SENT
    assert await _placed(town) == {f"order/{o.id}": 1 for o in made}
    assert await town.broken() == {}


async def test_copies_that_send_at_once_never_meet_and_send_each_order_once(town: Town) -> None:
    made = [await town.allocated() for _ in range(20)]
    with capture_logs() as said:
        async with asyncio.TaskGroup() as copies:
            for _ in range(3):
                copies.create_task(town.clerk(at_once=8).turn())
        while await town.clerk().turn():
            pass
    assert said == []
    assert await _placed(town) == {f"order/{o.id}": 1 for o in made}
    assert {(await town.order(order.id)).attempts for order in made} == {1}
    assert await town.broken() == {}
