"""A measure from its first draft into public, over HTTP."""

from collections.abc import Awaitable, Callable

import pytest

from chassis.database import Pool
from tests.registry.acts import registered_municipality, registered_provider
from tests.registry.asking import Desk
from tests.registry.covering import Carried, carry_now
from tests.registry.measuring import Staff, measure_form, year_of

Inspect = Callable[[], Awaitable[None]]


@pytest.fixture
async def staff(desk: Desk, inspected: Inspect) -> Staff:
    """小松市 and an invented provider are in the register, without a contract."""
    await registered_provider(desk, inspected)
    return Staff.of(desk, await registered_municipality(desk, inspected))


@pytest.fixture
async def carried(staff: Staff, pool: Pool) -> Carried:
    """A contract carries the provider's service in the year of the form."""
    assert staff.drafter.organisation_id
    year = year_of(measure_form())
    return await carry_now(pool, staff.drafter.organisation_id, "nagisa-money", year=year)


async def test_a_measure_goes_from_a_draft_into_public(
    desk: Desk, staff: Staff, carried: Carried
) -> None:
    measure_id = await staff.begun()
    seen = await staff.seen(measure_id)
    assert (seen["state"], seen["problems"]) == ("draft", [])
    assert seen["preview"]["amount"]["amount_yen"] == 3000
    assert [c["code"] for c in seen["choices"]] == ["nagisa-money"]
    assert (await desk.anybody().get(f"/measures/{measure_id}")).code == "measure-unknown"
    assert (await staff.act(measure_id, "submit")).json["state"] == "internal_review"
    assert (await staff.act(measure_id, "approve")).json["state"] == "approved"
    queue = (await staff.secretariat.get("/measure-checks")).json
    assert [(i["measure_id"], i["municipality_name"]) for i in queue["items"]] == [
        (measure_id, "小松市")
    ]
    answer = await staff.confirm(measure_id)
    assert answer.json["state"] == "scheduled"
    public = (await desk.anybody().get(f"/measures/{measure_id}")).json
    assert (public["state"], public["versions"]) == ("scheduled", 1)
    assert public["entry"]["municipality_name"] == "小松市"
    assert (await staff.secretariat.get("/measure-checks")).json["items"] == []
