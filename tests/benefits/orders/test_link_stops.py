"""A wrong link is stopped at once: nothing is sent there, a case is opened, and two others lift the stop."""

from typing import Any

import pytest

from chassis.database import CheckViolation, transaction
from chassis.ids import new_id
from chassis.refusal import Conflict
from contracts.principal import Role
from contracts.values import OrganisationKind
from services.benefits.model.order import Order
from services.benefits.model.saga import OrderState
from services.benefits.store import links
from tests.benefits.asking import Asker, House
from tests.benefits.orders.granting import MEASURE, SERVICE, Town, rejected
from tests.rig.asker import Answered

_S = OrderState


def _provider(house: House, town: Town) -> Asker:
    return house.member(OrganisationKind.PROVIDER, Role.OPERATOR, organisation_id=town.provider_id)


def _desk(house: House) -> Asker:
    return house.member(OrganisationKind.SECRETARIAT, Role.ADMIN)


async def _stopped(asker: Asker, account: str, **more: Any) -> Answered:
    body = {"payment_service_code": SERVICE.code, "service_account_id": account}
    return await asker.post("/link-stops", body | {"reason": "mislink"} | more)


async def _lift(asker: Asker, stop: Answered, etag: int) -> Answered:
    return await asker.post(f"/link-stops/{stop.json['id']}/lifting", etag=etag)


async def _said(town: Town) -> list[str]:
    sql = "SELECT type FROM events WHERE subject LIKE 'service_link/%' ORDER BY revision"
    return [row["type"].split(".")[2] for row in await town.pool.fetch(sql)]


async def test_a_stop_by_the_provider_holds_what_was_not_sent_and_opens_a_case(
    house: House, town: Town
) -> None:
    order = await town.allocated(account="hp-1")
    stop = await _stopped(_provider(house, town), "hp-1", words="別の会員の番号でした")
    assert (stop.status, stop.json["held"], stop.json["account_end"]) == (201, 1, "hp-1")
    for _ in range(3):
        await town.clerk().turn()
        town.clock.pass_by(minutes=5)
    assert (await town.order(order.id)).state is _S.RESERVED
    assert await town.cases() == ["mislink"]
    assert await _said(town) == ["stopped"]
    body = await town.pool.fetchval("SELECT body FROM events WHERE subject LIKE 'service_link/%'")
    assert b"hp-1" not in body
    again = await _stopped(_provider(house, town), "hp-1", reason="fraud")
    assert again.json["id"] == stop.json["id"]
    assert await _said(town) == ["stopped"]
    assert await town.broken() == {}


async def test_an_order_that_was_being_sent_when_the_stop_came_is_not_sent(
    house: House, town: Town
) -> None:
    """Claimed and enqueued by a clerk, and stopped before that clerk wrote its call down."""
    order = await town.allocated(account="hp-1")
    sql = "UPDATE orders SET state = 'queued', claimed_by = $1, claimed_until = $2 WHERE id = $3"
    clerk_id = new_id()
    async with transaction(town.pool) as conn:
        await conn.execute(sql, clerk_id, town.clock.at.replace(year=2024), order.id)
    await _stopped(_provider(house, town), "hp-1")
    town.clock.pass_by(days=400)
    await town.pool.execute("UPDATE orders SET look_at = $1", town.clock.at)
    await town.clerk().turn()
    held = await town.order(order.id)
    assert (held.state, held.look_at) == (_S.QUEUED, None)
    await town.pool.execute("UPDATE linked_accounts SET checked = 'ok', checked_at = now()")
    with pytest.raises(CheckViolation):
        await town.pool.execute("UPDATE orders SET state = 'sent' WHERE id = $1", order.id)


async def test_nobody_chooses_a_stopped_link_but_another_one_goes(house: House, town: Town) -> None:
    order = await town.allocated(account="hp-1")
    await town.clerk().turn()
    await town.says(rejected(), order.id)
    await _stopped(_provider(house, town), "hp-1", reason="lost")
    assert await town.cases() == ["link_stop"]
    same = await town.entitlement(order.entitlement_id)
    with pytest.raises(Conflict, match="止められています"):
        await town.allocated(same, "hp-1")
    fine = await town.allocated(same, "hp-2")
    await town.clerk().turn()
    assert (await town.order(fine.id)).state is _S.SENT


async def test_two_of_the_secretariat_lift_a_stop_and_what_waited_goes_on(
    house: House, town: Town
) -> None:
    order = await town.allocated(account="hp-1")
    stop = await _stopped(_provider(house, town), "hp-1")
    one, two = _desk(house), _desk(house)
    proposed = await _lift(one, stop, 1)
    assert (proposed.status, proposed.json["lifted_at"]) == (200, None)
    alone = await _lift(one, stop, 2)
    assert (alone.status, alone.code) == (403, "same-person")
    stale = await _lift(two, stop, 1)
    assert (stale.status, stale.code) == (412, "version-stale")
    lifted = await _lift(two, stop, 2)
    assert lifted.json["lifted_at"] is not None
    assert await _said(town) == ["stopped", "resumed"]
    assert await town.cases() == []
    town.clock.pass_by(days=3650)
    await town.clerk().turn()
    assert (await town.order(order.id)).state is _S.SENT
    after = await _lift(_desk(house), stop, 3)
    assert (after.status, after.code) == (409, "link-stop-lifted")
    assert await town.broken() == {}


async def test_whoever_stopped_a_link_does_not_lift_it(house: House, town: Town) -> None:
    order = await town.allocated()
    desk = _desk(house)
    stop = await desk.post("/link-stops", {"order_id": str(order.id), "reason": "deceased"})
    assert (stop.status, stop.json["reason"]) == (201, "deceased")
    assert (await _lift(desk, stop, 1)).code == "same-person"
    provider = _provider(house, town)
    assert (await _lift(provider, stop, 1)).status == 403


async def test_each_side_stops_and_sees_only_what_it_has_to_do_with(
    house: House, town: Town
) -> None:
    order = await town.allocated(account="hp-1")
    await town.clerk().turn()
    municipality = house.member(
        OrganisationKind.MUNICIPALITY,
        Role.REVIEWER,
        organisation_id=MEASURE.entry.municipality_id,
    )
    strangers = [
        house.member(OrganisationKind.MUNICIPALITY, Role.REVIEWER),
        house.member(OrganisationKind.PROVIDER, Role.OPERATOR),
    ]
    wish = {"order_id": str(order.id), "reason": "mislink"}
    for stranger in strangers:
        assert (await stranger.post("/link-stops", wish)).code == "order-unknown"
    assert (await _stopped(strangers[1], "hp-1")).code == "link-unknown"
    assert (await _stopped(municipality, "hp-1")).code == "link-unnamed"
    stop = await municipality.post("/link-stops", wish)
    assert stop.status == 201
    path = f"/link-stops/{stop.json['id']}"
    for stranger in strangers:
        assert (await stranger.get(path)).code == "link-stop-unknown"
        assert (await stranger.get("/link-stops")).json["items"] == []
    for side in (municipality, _provider(house, town), _desk(house)):
        assert (await side.get(path)).json["held"] == 0
        assert len((await side.get("/link-stops")).json["items"]) == 1


@pytest.mark.parametrize(
    "more",
    [
        {"reason": "because"},
        {"words": "あ" * 501},
        {"order_id": "no"},
        {"service_account_id": ""},
        {"resident_id": str(new_id())},
    ],
)
async def test_a_stop_that_cannot_be_read_is_refused(
    house: House, town: Town, more: dict[str, str]
) -> None:
    await town.allocated(account="hp-1")
    refused = await _stopped(_provider(house, town), "hp-1", **more)
    assert refused.status == 422
    assert await town.cases() == []


async def test_a_link_is_known_by_its_order(town: Town) -> None:
    order: Order = await town.allocated()
    async with transaction(town.pool) as conn:
        found = await links.link_of_order(conn, order.id)
    assert found.resident_id == (await town.entitlement(order.entitlement_id)).resident_id
