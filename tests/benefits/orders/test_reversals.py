"""A grant is wanted back by two people of its municipality; what cannot be had back is given up by two."""

from typing import Any
from uuid import UUID

from chassis.clock import now
from chassis.ids import new_id
from contracts.principal import Role
from contracts.values import OrganisationKind
from services.benefits.model.answer import ProviderAnswer, Result
from services.benefits.model.order import Order
from services.benefits.model.saga import OrderState
from tests.benefits.asking import Asker, House
from tests.benefits.orders.granting import AMOUNT, MEASURE, Town, granted

MUNICIPALITY = OrganisationKind.MUNICIPALITY


def _approver(house: House, organisation_id: UUID | None = None) -> Asker:
    body = organisation_id or MEASURE.entry.municipality_id
    return house.member(MUNICIPALITY, Role.APPROVER, organisation_id=body)


async def _granted(town: Town) -> Order:
    order = await town.allocated()
    await town.clerk().turn()
    await town.says(granted(order), order.id)
    # Those who ask over HTTP do so now.
    town.clock.at = now()
    return order


async def _wish(asker: Asker, order: Order, kind: str = "reversal") -> Any:
    return await asker.post(f"/grants/{order.id}/decisions", {"kind": kind, "reason": "転出"})


async def test_one_person_proposes_and_another_takes_the_grant_back(
    house: House, town: Town
) -> None:
    available = await town.balance("available")
    order = await _granted(town)
    one, two = _approver(house), _approver(house)
    proposed = await _wish(one, order)
    assert (proposed.status, proposed.json["proposed"]) == (200, "reversal")
    alone = await _wish(one, order)
    assert (alone.status, alone.code) == (403, "same-person")
    decided = await _wish(two, order)
    assert (decided.json["state"], decided.json["proposed"]) == ("too_late", None)
    town.clock.at = now()
    await town.clerk().turn()
    assert (await town.order(order.id)).state is OrderState.REVERSAL_SENT
    await town.says(ProviderAnswer("R-1", Result.REVERSED), order.id)
    assert (await town.order(order.id)).state is OrderState.REVERSED
    assert await town.balance("available") == available
    assert await town.balance("payable") == 0
    state = await town.pool.fetchval("SELECT state FROM applications")
    assert state == "revoked"
    assert await town.broken() == {}


async def test_what_cannot_be_had_back_is_given_up_by_two_and_stays_owed(
    house: House, town: Town
) -> None:
    order = await _granted(town)
    one, two = _approver(house), _approver(house)
    early = await _wish(one, order, "write_off")
    assert (early.status, early.code) == (409, "order-state")
    await _wish(one, order)
    await _wish(two, order)
    town.clock.at = now()
    await town.clerk().turn()
    refused = ProviderAnswer("R-1", Result.REVERSAL_REFUSED, code="POINTS_SPENT")
    await town.says(refused, order.id)
    assert (await town.order(order.id)).state is OrderState.REVERSAL_FAILED
    await _wish(one, order, "write_off")
    decided = await _wish(two, order, "write_off")
    assert decided.json["state"] == "written_off"
    assert await town.balance("payable") == AMOUNT
    assert await town.broken() == {}


async def test_another_municipality_finds_no_such_grant(house: House, town: Town) -> None:
    order = await _granted(town)
    assert (await _wish(_approver(house, new_id()), order)).code == "order-unknown"


async def test_the_list_and_the_decisions_of_a_grant_say_what_waits_for_whom(
    house: House, town: Town
) -> None:
    order = await _granted(town)
    one, two = _approver(house), _approver(house)
    await _wish(one, order)
    rows = (await two.get("/grants?proposed=true")).json["items"]
    assert [(r["id"], r["proposed"]) for r in rows] == [(str(order.id), "reversal")]
    for asker, own in ((one, True), (two, False)):
        made = (await asker.get(f"/grants/{order.id}/decisions")).json["items"]
        assert [(d["reason"], d["own"], d["decided_at"]) for d in made] == [("転出", own, None)]
    await _wish(two, order)
    assert (await two.get("/grants?proposed=true")).json["items"] == []
    assert len((await two.get("/grants?state=too_late")).json["items"]) == 1
    stranger = _approver(house, new_id())
    assert (await stranger.get("/grants")).json["items"] == []
    assert (await stranger.get(f"/grants/{order.id}/decisions")).code == "order-unknown"
    assert (await two.get("/grants?state=perhaps")).status == 422
