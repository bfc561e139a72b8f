"""Months close by themselves; provider and municipality settle in turns, and a payment takes another person."""

from typing import Any

from chassis.clock import now
from chassis.database import transaction
from chassis.ids import new_id
from contracts.principal import Role
from contracts.values import OrganisationKind
from services.benefits.commands import settlements
from services.benefits.model.settlement import month_after, month_of
from tests.benefits.asking import Asker, House
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
        return await settlements.close_months(conn, month_after(month_of(at.date())), at)


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
