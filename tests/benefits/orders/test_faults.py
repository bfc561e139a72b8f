"""A provider that goes wrong in eight ways: everything is found, classified, closed by rule, and nothing granted twice.

``PORTAL_FAULTS=long`` plays 50,000 grants, ``PORTAL_GRANTS`` any other number.
"""

import asyncio
import os
import random
from datetime import timedelta

from chassis.database import transaction
from services.benefits.commands import statements
from services.benefits.commands.statements import HandedIn
from services.benefits.model.order import Order
from services.benefits.model.saga import FINAL, OrderState
from services.benefits.model.statement import GivenLine
from services.benefits.provider_simulator.faults import FaultKind
from tests.benefits.orders.granting import AMOUNT, Simulator, Town, answer_of
from tests.rig.portal import LONG

GRANTS = int(os.environ.get("PORTAL_GRANTS") or (50_000 if LONG else 200))
SHARE = 0.1
_AT_ONCE = 8


async def test_every_fault_is_found_and_classified_and_nothing_is_granted_twice(
    town: Town, simulator: Simulator
) -> None:
    simulator.books.faults.share = SHARE
    simulator.books.faults.dice = random.Random(4)
    await town.open(budget=AMOUNT * GRANTS)
    made = await _allocated(town)
    await _run_out(town, simulator)
    assert {f for f in FaultKind if simulator.books.faults.happened.get(f, 0)} == set(FaultKind)
    assert await town.broken() == {}
    await _statement(town, simulator)
    states = await town.pool.fetch("SELECT state, count(*) AS orders FROM orders GROUP BY state")
    assert sum(row["orders"] for row in states) >= len(made)
    assert {OrderState(row["state"]) for row in states} <= FINAL
    await _checked(town, simulator)


async def _allocated(town: Town) -> list[Order]:
    """So many people allocate, a few at once."""
    left = iter(range(GRANTS))

    async def one_after_the_other() -> list[Order]:
        return [await town.allocated() for _ in left]

    parts = await asyncio.gather(*(one_after_the_other() for _ in range(_AT_ONCE)))
    return [order for part in parts for order in part]


async def _run_out(town: Town, simulator: Simulator) -> None:
    """Send, hear what is said unasked, ask again, until nothing is due any more."""
    async with town.providers() as providers:
        clerk = town.clerk(providers)
        # A breaker lets some hundred orders pass before it opens for half an hour, so many orders take many rounds.
        for _ in range(40 + GRANTS // 20):
            while await clerk.turn():
                pass
            while simulator.books.errands:
                said = simulator.books.errands.pop(0)
                await town.says(answer_of(said), said.order_id)
            town.clock.pass_by(minutes=30)
            if not await town.pool.fetchval(
                "SELECT count(*) FROM orders WHERE look_at IS NOT NULL"
            ):
                return
    raise AssertionError("orders are still looked at")


async def _statement(town: Town, simulator: Simulator) -> None:
    """The provider's books as statements, one the day after the other."""
    today = max(e.granted_on for e in simulator.books.granted() if e.granted_on)
    lines = [
        GivenLine(
            line_id=str(number),
            order_id=str(entry.asked.order_id),
            amount=entry.asked.amount,
            resident_ref=entry.asked.resident_ref,
            transaction_id=entry.transaction_id,
            granted_on=entry.granted_on or today,
        )
        for number, entry in enumerate(simulator.books.granted(), 1)
    ]
    for number, (day, given) in enumerate([(today, lines), (today + timedelta(days=2), [])]):
        async with transaction(town.pool) as conn:
            handed_in = HandedIn(
                provider_id=town.provider_id,
                statement_id=f"S{number}",
                day=day,
                lines=given,
                total=None,
                by="client/test",
                now=town.clock.at,
                today=day,
            )
            await statements.hand_in(conn, handed_in)
    while await _compared(town):
        pass


async def _compared(town: Town) -> bool:
    async with transaction(town.pool) as conn:
        return await statements.compare_some(conn, town.clock.at)


async def _checked(town: Town, simulator: Simulator) -> None:
    """What the provider's books, which know nothing of ours, say of the outcome."""
    granted = simulator.books.granted()
    assert await town.balance("payable") == AMOUNT * len(granted)
    assert await town.broken() == {}
    consumed = await town.pool.fetchval(
        "SELECT count(*) FROM entitlements WHERE state = 'consumed'"
    )
    assert consumed == len(granted)
    happened = simulator.books.faults.happened
    kinds = await town.pool.fetch("SELECT kind, count(*) AS cases FROM cases GROUP BY kind")
    found = {row["kind"]: row["cases"] for row in kinds}
    assert found["contradiction"] == happened[FaultKind.CONTRADICT]
    assert found["amount"] == happened[FaultKind.ROUND]
    assert found["wrong_person"] == happened[FaultKind.OTHER_PERSON]
    assert found["late_grant"] == happened[FaultKind.LATE]
    assert sum(found.values()) == sum(
        happened[f]
        for f in (FaultKind.CONTRADICT, FaultKind.ROUND, FaultKind.OTHER_PERSON, FaultKind.LATE)
    )
    open_cases = await town.cases()
    assert len(open_cases) <= 0.01 * sum(happened.values())
    assert await town.balance("suspense") == 0
