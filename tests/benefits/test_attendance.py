"""Attendance counts by a code of its own occasion, in its time, for as many as it was made for."""

from datetime import timedelta
from typing import Any

import pytest

from chassis.clock import now
from chassis.database import Pool, transaction
from chassis.ids import new_id
from contracts.principal import Role
from contracts.values import OrganisationKind
from services.benefits.commands import asking_again
from services.benefits.model.measure import Measure
from tests.benefits.asking import Asker, House, Resident
from tests.benefits.conftest import Said
from tests.benefits.offering import MUNICIPALITY
from tests.rig.asker import Answered

OCCASION, OTHER = str(new_id()), str(new_id())


async def _walk(house: House, **more: Any) -> Measure:
    def occasion(occasion_id: str, days: float) -> dict[str, Any]:
        start = now() + timedelta(days=days)
        return {
            "occasion_id": occasion_id,
            "name": "歩こう会",
            "place": "中央公園",
            "starts_at": start,
            "ends_at": start + timedelta(hours=2),
        }

    given: dict[str, Any] = {
        "entry_type": "event_participation",
        "eligibility": {"attendance": True},
        "occasions": [occasion(OCCASION, -0.02), occasion(OTHER, 2)],
    }
    return await house.measure(**given | more)


def _staff(house: House) -> Asker:
    return house.member(OrganisationKind.MUNICIPALITY, Role.EDITOR, organisation_id=MUNICIPALITY)


async def _code(
    house: House, measure: Measure, occasion: str = OCCASION, **more: Any
) -> dict[str, Any]:
    body = {"measure_id": str(measure.id), "occasion_id": occasion} | more
    made = await _staff(house).post("/attendance-codes", body)
    assert made.status == 201, made.content
    return dict(made.json)


async def _attend(resident: Resident, code: str) -> Answered:
    return await resident.post("/own-attendances", {"code": code})


async def test_who_reads_the_code_at_the_occasion_is_approved(house: House, said: Said) -> None:
    measure = await _walk(house)
    resident = house.resident()
    own = (await resident.apply(measure.id)).json["application"]
    assert own["status"]["word"] == "受付済" and own["status"]["next"]["act"] == "attend"
    done = await _attend(resident, (await _code(house, measure))["code"])
    assert done.json["application"]["status"]["word"] == "承認"
    assert await said(f"application/{own['id']}") == ["submitted", "attended", "approved"]


async def test_where_a_person_looks_afterwards_it_goes_on_to_review(house: House) -> None:
    measure = await _walk(house, review_method="post")
    resident = house.resident()
    await resident.apply(measure.id)
    done = await _attend(resident, (await _code(house, measure))["code"])
    assert done.json["application"]["state"] == "in_review"


async def test_a_code_of_another_day_is_refused(house: House) -> None:
    measure = await _walk(house)
    resident = house.resident()
    await resident.apply(measure.id)
    early = await _attend(resident, (await _code(house, measure, OTHER))["code"])
    assert (early.status, early.code) == (409, "attendance-code-early")


async def test_a_copied_code_dies_with_its_minutes_and_its_people(house: House, pool: Pool) -> None:
    measure = await _walk(house)
    first, second = house.resident(), house.resident()
    for resident in (first, second):
        await resident.apply(measure.id)
    single = (await _code(house, measure, uses=1))["code"]
    assert (await _attend(first, single)).status == 201
    copied = await _attend(second, single)
    assert (copied.status, copied.code) == (409, "attendance-code-used")
    short = await _code(house, measure, minutes=1)
    await pool.execute(
        "UPDATE attendance_codes SET valid_from = now() - interval '2 minutes',"
        " valid_until = now() - interval '1 minute' WHERE id = $1",
        short["id"],
    )
    late = await _attend(second, short["code"])
    assert (late.status, late.code) == (409, "attendance-code-expired")


@pytest.mark.parametrize("spoil", ["", "x", "a" * 42, "ー", "=" * 8, "7" * 200])
async def test_a_code_nobody_made_is_refused(house: House, spoil: str) -> None:
    measure = await _walk(house)
    resident = house.resident()
    await resident.apply(measure.id)
    answer = await _attend(resident, spoil)
    assert answer.status in (404, 422), answer.content


async def test_no_letter_of_a_code_can_be_changed(house: House) -> None:
    measure = await _walk(house)
    resident = house.resident()
    await resident.apply(measure.id)
    code = (await _code(house, measure))["code"]
    for place in (0, 12, 25, 26, 33, 40):
        other = "b" if code[place] != "b" else "c"
        answer = await _attend(resident, code[:place] + other + code[place + 1 :])
        assert (answer.status, answer.code) == (404, "attendance-code-unknown")


async def test_who_did_not_apply_cannot_attend(house: House) -> None:
    measure = await _walk(house)
    code = (await _code(house, measure))["code"]
    answer = await _attend(house.resident(), code)
    assert (answer.status, answer.code) == (409, "attendance-unexpected")


async def test_attendance_counts_once(house: House) -> None:
    measure = await _walk(house)
    resident = house.resident()
    await resident.apply(measure.id)
    code = (await _code(house, measure))["code"]
    assert (await _attend(resident, code)).status == 201
    assert (await _attend(resident, code)).code == "attendance-unexpected"


async def test_codes_are_made_by_the_municipality_for_its_own_occasions(house: House) -> None:
    measure = await _walk(house)
    body = {"measure_id": str(measure.id), "occasion_id": OCCASION}
    stranger = house.member(OrganisationKind.MUNICIPALITY)
    assert (await stranger.post("/attendance-codes", body)).status == 404
    assert (await house.resident().post("/attendance-codes", body)).status == 403
    staff = _staff(house)
    unknown = await staff.post("/attendance-codes", body | {"occasion_id": str(new_id())})
    assert (unknown.status, unknown.code) == (404, "no-such-occasion")
    for wrong in ({"minutes": 0}, {"minutes": 721}, {"uses": 0}, {"uses": -1}):
        assert (await staff.post("/attendance-codes", body | wrong)).status == 422


async def test_who_never_came_is_rejected_after_the_last_occasion(house: House, pool: Pool) -> None:
    measure = await _walk(house)
    resident = house.resident()
    own = (await resident.apply(measure.id)).json["application"]
    async with transaction(pool) as conn:
        assert not await asking_again.let_pass(conn, now=now() + timedelta(days=2))
        assert await asking_again.let_pass(conn, now=now() + timedelta(days=4))
    seen = (await resident.get(f"/own-applications/{own['id']}")).json["application"]
    assert (seen["state"], seen["reason"]) == ("rejected", "attendance_not_confirmed")
