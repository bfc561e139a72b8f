"""Months close by themselves; provider and municipality settle in turns, and a payment takes another person."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest

from chassis.clock import JAPAN, day_of, now
from chassis.database import CheckViolation, Connection, transaction
from chassis.ids import new_id
from contracts.principal import Role
from contracts.values import OrganisationKind
from services.benefits.commands import ledger, settlements
from services.benefits.commands.hearing import Heard, hear
from services.benefits.jobs.settling import Settler
from services.benefits.model.answer import ProviderAnswer, Result
from services.benefits.model.ledger import AccountKind, Code
from services.benefits.model.saga import Input, OrderState
from services.benefits.model.settlement import month_after, month_of
from services.benefits.store import orders
from tests.benefits.asking import Asker, House
from tests.benefits.moving import funded, moving
from tests.benefits.orders.granting import AMOUNT, MEASURE, Town, granted

MUNICIPALITY, PROVIDER = OrganisationKind.MUNICIPALITY, OrganisationKind.PROVIDER


async def _granted(town: Town, count: int) -> None:
    for _ in range(count):
        order = await town.allocated()
        await town.clerk().turn()
        await town.says(granted(order, f"A-{order.id}"), order.id)


async def _close(town: Town) -> bool:
    """The ledger's own clock counts: the month in which something was moved is over."""
    at = now()
    async with transaction(town.pool) as conn:
        return await settlements.close_months(conn, month_after(month_of(day_of(at))), at)


async def _step(asker: Asker, found: dict[str, Any], becomes: str) -> Any:
    path = f"/settlements/{found['id']}/steps"
    return await asker.post(path, {"becomes": becomes}, etag=found["version"])


async def test_a_month_is_counted_once_and_paid_by_two_people(house: House, town: Town) -> None:
    await _granted(town, 3)
    assert await _close(town) is True
    assert await _close(town) is False
    provider = house.member(PROVIDER, Role.APPROVER, organisation_id=town.provider_id)
    body = MEASURE.entry.municipality_id
    first, second = (
        house.member(MUNICIPALITY, Role.APPROVER, organisation_id=body) for _ in range(2)
    )
    (found,) = (await provider.get("/settlements")).json["items"]
    assert (found["state"], found["total"], found["grants"]) == (
        "statement_issued",
        3 * AMOUNT,
        3,
    )
    early = await _step(first, found, "approved_by_municipality")
    assert (early.status, early.code) == (409, "settlement-state")
    foreign = await _step(first, found, "confirmed_by_provider")
    assert (foreign.status, foreign.code) == (403, "settlement-other-side")
    for asker, becomes in (
        (provider, "confirmed_by_provider"),
        (first, "approved_by_municipality"),
        (provider, "invoiced"),
    ):
        done = await _step(asker, found, becomes)
        assert done.status == 200, done.json
        found = done.json["settlement"]
    alone = await _step(first, found, "paid")
    assert (alone.status, alone.code) == (403, "same-person")
    paid = await _step(second, found, "paid")
    assert (paid.status, paid.json["settlement"]["state"]) == (200, "paid")
    assert await town.balance("settled") == 3 * AMOUNT
    assert await town.balance("payable") == 0
    assert await town.broken() == {}


async def _settled(house: House, town: Town, found: dict[str, Any]) -> dict[str, Any]:
    """All sides bring a settlement to its end."""
    provider = house.member(PROVIDER, Role.APPROVER, organisation_id=town.provider_id)
    body = MEASURE.entry.municipality_id
    first, second = (
        house.member(MUNICIPALITY, Role.APPROVER, organisation_id=body) for _ in range(2)
    )
    for asker, becomes in (
        (provider, "confirmed_by_provider"),
        (first, "approved_by_municipality"),
        (provider, "invoiced"),
        (second, "paid"),
    ):
        done = await _step(asker, found, becomes)
        assert done.status == 200, done.json
        found = done.json["settlement"]
    return found


async def _open_settlement(house: House, town: Town) -> dict[str, Any]:
    provider = house.member(PROVIDER, Role.APPROVER, organisation_id=town.provider_id)
    items = (await provider.get("/settlements")).json["items"]
    (found,) = [s for s in items if s["state"] != "paid"]
    return dict(found)


async def test_a_grant_that_was_paid_for_is_taken_back_and_paid_back(
    house: House, town: Town
) -> None:
    await _granted(town, 2)
    await _close(town)
    await _settled(house, town, await _open_settlement(house, town))
    order_id = await town.pool.fetchval("SELECT id FROM orders LIMIT 1")
    async with transaction(town.pool) as conn:
        locked = await orders.order(conn, order_id, lock=True)
        await hear(conn, locked, Input.CANCEL, Heard(town.clock.at))
    await town.clerk().turn()
    await town.says(ProviderAnswer("R-1", Result.REVERSED), order_id)
    assert (await town.order(order_id)).state is OrderState.REVERSED
    assert await town.balance("payable") == -AMOUNT
    assert await town.broken() == {}
    # As when the month of the reversal is over.
    await town.pool.execute(
        "INSERT INTO settlements (id, municipality_id, provider_id, measure_id, month, state, reversals, reversed,"
        "       state_since)"
        " SELECT gen_random_uuid(), municipality_id, provider_id, measure_id, month + interval '1 month',"
        "        'statement_issued', 1, $1, state_since FROM settlements",
        AMOUNT,
    )
    found = await _settled(house, town, await _open_settlement(house, town))
    assert found["total"] == -AMOUNT
    assert (await town.balance("payable"), await town.balance("settled")) == (0, AMOUNT)
    assert await town.broken() == {}


async def test_no_more_is_paid_than_is_owed_whoever_asks(conn: Connection) -> None:
    fund = await funded(conn)
    settled = await ledger.account(conn, fund.ledger, AccountKind.SETTLED, fund.measure_id)
    paid = replace(moving(fund, settled, fund.payable, 1), code=Code.SETTLE)
    with pytest.raises(CheckViolation) as why:
        await ledger.move(conn, paid)
    assert why.value.constraint_name == "nothing_below_zero"


async def test_a_month_is_counted_once_nothing_of_it_is_still_being_entered(
    town: Town, settler: Settler
) -> None:
    await _granted(town, 1)
    entered = await town.pool.fetchval("SELECT max(created_at) FROM transfers")
    over = month_after(month_of(day_of(entered)))
    town.clock.at = datetime.combine(over, time(), JAPAN) + timedelta(minutes=59)
    assert await settler.months() is False
    town.clock.pass_by(minutes=1)
    assert await settler.months() is True
    assert await settler.months() is False


async def test_a_settlement_is_shown_to_its_two_sides_only(house: House, town: Town) -> None:
    await _granted(town, 1)
    await _close(town)
    provider = house.member(PROVIDER, Role.ADMIN, organisation_id=town.provider_id)
    (found,) = (await provider.get("/settlements")).json["items"]
    stranger = house.member(PROVIDER, Role.ADMIN, organisation_id=new_id())
    assert (await stranger.get("/settlements")).json["items"] == []
    assert (await stranger.get(f"/settlements/{found['id']}")).code == "settlement-unknown"


async def test_one_request_shows_the_whole_chain_of_a_grant(house: House, town: Town) -> None:
    order = await town.allocated()
    await town.clerk().turn()
    await town.says(granted(order), order.id)
    body = MEASURE.entry.municipality_id
    reader = house.member(MUNICIPALITY, Role.REVIEWER, organisation_id=body)
    chain = (await reader.get(f"/grants/{order.id}/chain")).json
    assert chain["rule"]["version"] == 1
    assert [d["act"] for d in chain["decisions"]] == ["submit", "approve", "complete"]
    assert [e["kind"] for e in chain["entries"]] == ["single", "pending", "post"]
    assert sum(e["amount"] for e in chain["entries"] if e["debit"] == "payable") == 2 * AMOUNT
    assert [o["state"] for o in chain["orders"]] == ["granted"]
    assert [a["verdict"] for a in chain["orders"][0]["answers"]] == ["apply"]
    assert chain["allocations"][0]["assertion_hash"] == "0" * 64
    said = {fact["type"] for fact in chain["facts"]}
    assert {"benefits.application.approved.v1", "benefits.order.granted.v1"} <= said
    stranger = house.member(MUNICIPALITY, Role.REVIEWER, organisation_id=new_id())
    assert (await stranger.get(f"/grants/{order.id}/chain")).code == "order-unknown"
    assert (await house.resident().get(f"/own-grants/{order.id}")).code == "order-unknown"
