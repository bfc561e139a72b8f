"""A resident, or staff after a desk session, says that an account is wrong: it is stopped at once and looked into."""

from uuid import UUID

import pytest

from chassis.ids import new_id
from contracts.principal import Principal, Role
from contracts.values import OrganisationKind
from services.benefits.model.entitlement import Entitlement
from services.benefits.model.saga import OrderState
from tests.benefits.asking import Asker, House
from tests.benefits.orders.granting import MEASURE, Town

CITY = MEASURE.municipality_id


def _resident(house: House, resident_id: UUID) -> Asker:
    principal = Principal(kind="resident", subject=str(resident_id), session_id=new_id())
    return Asker(house.client, house.keys("identity").sign(principal, seconds=3600))


def _staff(house: House, role: Role = Role.EDITOR, city: UUID = CITY) -> Asker:
    return house.member(OrganisationKind.MUNICIPALITY, role, organisation_id=city)


async def _reference(town: Town, found: Entitlement) -> str:
    sql = "SELECT reference FROM applications WHERE id = $1"
    return str(await town.pool.fetchval(sql, found.application_id))


async def test_a_resident_stops_an_account_that_is_not_the_own_one(
    house: House, town: Town
) -> None:
    found = await town.entitled()
    order = await town.allocated(found, account="hp-4821")
    me = _resident(house, found.resident_id)
    (link,) = (await me.get("/own-links")).json["items"]
    assert (link["account_end"], link["stopped_at"]) == ("4821", None)
    path = f"/own-links/{link['id']}/report"
    assert (await _resident(house, new_id()).post(path, {})).code == "link-unknown"
    said = await me.post(path, {"words": "この番号は知りません"})
    assert (said.status, said.json["held"]) == (200, 1)
    # Nothing goes there, the municipality sees the case, and the resident which one it is.
    for _ in range(3):
        await town.clerk().turn()
        town.clock.pass_by(minutes=5)
    assert (await town.order(order.id)).state is OrderState.RESERVED
    (case,) = (await _staff(house).get("/cases")).json["items"]
    assert (case["id"], case["kind"]) == (said.json["case_id"], "mislink")
    (link,) = (await me.get("/own-links")).json["items"]
    assert link["case_id"] == case["id"] and link["stopped_at"]
    # Saying so again is the same case.
    assert (await me.post(path, {})).json["case_id"] == case["id"]
    assert await town.cases() == ["mislink"]
    assert await town.broken() == {}


async def test_staff_stop_it_by_the_reference_of_an_application_of_their_own(
    house: House, town: Town
) -> None:
    found = await town.entitled()
    await town.allocated(found, account="hp-4821")
    body = {"reference": await _reference(town, found), "words": "別の方の番号でした"}
    assert (await _staff(house, city=new_id()).post("/mislinks", body)).code == "reference-unknown"
    assert (await _staff(house, Role.VIEWER).post("/mislinks", body)).status == 403
    assert (await _resident(house, found.resident_id).post("/mislinks", body)).status == 403
    assert await town.cases() == []
    said = await _staff(house).post("/mislinks", body)
    assert (said.status, said.json["held"]) == (200, 1)
    assert await town.cases() == ["mislink"]


async def test_an_application_without_an_account_has_none_to_stop(house: House, town: Town) -> None:
    reference = await _reference(town, await town.entitled())
    said = await _staff(house).post("/mislinks", {"reference": reference})
    assert (said.status, said.json["errors"][0]["field"]) == (404, "reference")


@pytest.mark.parametrize(
    "body",
    [
        {"reference": "7F3M"},
        {"reference": "K-7F3M-20B9", "words": "a" * 501},
        {"reference": "K-7F3M-20B9", "words": "番号は 123456789018 です"},
        {"reference": "K-7F3M-20B9", "link": "more"},
        {},
    ],
)
async def test_an_odd_report_is_refused(house: House, town: Town, body: dict[str, str]) -> None:
    assert (await _staff(house).post("/mislinks", body)).status == 422
