"""Residents apply: decided with reasons, once each, never beyond quota or budget."""

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from chassis.clock import now
from chassis.database import CheckViolation, Pool
from chassis.ids import new_id
from contracts.proof import Purpose, apply_target
from services.benefits.model.measure import Measure, State
from tests.benefits.asking import House, Resident
from tests.benefits.conftest import Said
from tests.benefits.offering import entry_of
from tests.rig.asker import Answered
from tests.rig.portal import LONG


async def _money(pool: Pool, measure: Measure) -> dict[str, int]:
    rows = await pool.fetch(
        "SELECT kind, sum(debits_posted - credits_posted)::bigint AS yen, sum(debits_pending)::bigint AS pending"
        "  FROM accounts WHERE ledger = $1 GROUP BY kind",
        measure.ledger,
    )
    found = {row["kind"]: row["yen"] for row in rows}
    return found | {"promised": next(r["pending"] for r in rows if r["kind"] == "reserved")}


async def test_what_can_be_decided_at_once_is(house: House, pool: Pool, said: Said) -> None:
    measure = await house.measure()
    resident = house.resident()
    made = await resident.apply(measure.id)
    assert made.status == 201, made.content
    own = made.json["application"]
    assert (own["state"], own["status"]["word"]) == ("approved", "承認")
    assert own["status"]["next"]["act"] == "allocate" and own["status"]["next"]["by"]
    assert [event["act"] for event in made.json["events"]] == ["submit", "approve"]
    assert await said(f"application/{own['id']}") == ["submitted", "approved"]
    assert await said(f"entitlement/{own['entitlement_id']}") == ["issued"]
    assert await _money(pool, measure) == {
        "funding": -3_000_000,
        "available": 2_997_000,
        "reserved": 3_000,
        "promised": 0,
    }
    listed = (await resident.get("/own-entitlements")).json["items"]
    assert [(e["state"], e["amount_yen"]) for e in listed] == [("issued", 3_000)]


async def test_who_does_not_fit_is_told_why_and_holds_nothing(
    house: House, pool: Pool, said: Said
) -> None:
    measure = await house.measure()
    elsewhere = house.resident(code="131016")
    own = (await elsewhere.apply(measure.id)).json["application"]
    assert (own["state"], own["status"]["word"]) == ("rejected", "不承認")
    assert own["reason"] == "not_resident"
    assert await said(f"application/{own['id']}") == ["submitted", "rejected"]
    assert (await _money(pool, measure))["available"] == 3_000_000
    # Having been refused is no reason to be refused again.
    elsewhere.code = "172031"
    assert (await elsewhere.apply(measure.id)).json["application"]["state"] == "approved"


async def test_nobody_applies_twice(house: House) -> None:
    measure = await house.measure()
    resident = house.resident()
    assert (await resident.apply(measure.id)).status == 201
    again = await resident.apply(measure.id)
    assert (again.status, again.code) == (409, "application-duplicate")


async def test_a_parent_and_the_other_parent_apply_for_one_child_once(house: House) -> None:
    measure = await house.measure(unit="child")
    child = new_id()
    parents = [house.resident(), house.resident()]
    answers = []
    for parent in parents:
        person = parent.person(person_id=child, birth_on=date(2022, 5, 5))
        proof = parent.proof(measure.id, person=person)
        body = {"measure_id": str(measure.id), "proof": proof}
        answers.append(await parent.post("/own-applications", body))
    assert [a.status for a in answers] == [201, 409]
    assert answers[1].code == "application-duplicate"


async def test_a_household_is_counted_once(house: House) -> None:
    measure = await house.measure(unit="household")
    first, second = house.resident(), house.resident(address="石川県小松市 小馬出町91")
    other = house.resident(address="石川県小松市園町ホ20")
    assert [(await r.apply(measure.id)).status for r in (first, second, other)] == [201, 409, 201]


async def test_two_windows_of_one_person_apply_once(house: House) -> None:
    measure = await house.measure()
    resident = house.resident()
    answers = await asyncio.gather(*(resident.apply(measure.id) for _ in range(6)))
    assert sorted(a.status for a in answers) == [201, 409, 409, 409, 409, 409]
    assert {a.code for a in answers if a.status == 409} <= {"application-duplicate"}


async def test_a_double_click_gets_the_same_answer(house: House) -> None:
    measure = await house.measure()
    resident = house.resident()
    body = {"measure_id": str(measure.id), "proof": resident.proof(measure.id)}
    answers = await asyncio.gather(
        *(resident.post("/own-applications", body, key="one-and-the-same") for _ in range(4))
    )
    settled = [a for a in answers if a.status != 409]
    assert {a.status for a in settled} == {201}
    assert len({a.content for a in settled}) == 1


UNFIT: dict[str, dict[str, Any]] = {
    "made by another service": {"signer": "registry"},
    "made as something else": {"kind": "machipo-checkpoint"},
    "for another purpose": {"purpose": Purpose.LINK},
    "for another measure": {"target": apply_target(UUID(int=1), UUID(int=2))},
    "of somebody else": {"resident_id": UUID(int=7)},
    "of another desk": {"desk_id": UUID(int=9)},
}


async def test_one_form_with_a_second_reading_of_the_card_applies_once(house: House) -> None:
    measure = await house.measure(times=2)
    resident, key = house.resident(), str(new_id())
    assert (await resident.apply(measure.id, key=key)).status == 201
    again = await resident.apply(measure.id, key=key)
    assert (again.status, again.code) == (422, "idempotency-key-reused")
    assert len((await resident.get("/own-applications")).json["items"]) == 1


@pytest.mark.parametrize("what", UNFIT)
async def test_a_reading_of_the_card_that_does_not_fit_is_refused(house: House, what: str) -> None:
    measure = await house.measure()
    resident = house.resident()
    proof = resident.proof(measure.id, **UNFIT[what])
    answer = await resident.apply(measure.id, proof=proof)
    assert (answer.status, answer.code) == (403, "proof-unfit")


@pytest.mark.parametrize("age", [timedelta(seconds=121), timedelta(minutes=-5)])
async def test_an_old_reading_of_the_card_is_refused(house: House, age: timedelta) -> None:
    # The second from which one of the future is refused is tried in `orders`, where no time passes on the way.
    measure = await house.measure()
    resident = house.resident()
    answer = await resident.apply(measure.id, proof=resident.proof(measure.id, at=now() - age))
    assert (answer.status, answer.code) == (403, "proof-unfit")


@pytest.mark.parametrize("token", ["", "a.b.c", "x" * 8000])
async def test_what_is_no_reading_at_all_is_refused(house: House, token: str) -> None:
    measure = await house.measure()
    answer = await house.resident().apply(measure.id, proof=token)
    assert (answer.status, answer.code) == (403, "proof-unfit")


async def test_a_reading_of_the_card_counts_once(house: House) -> None:
    measure = await house.measure(times=2)
    resident = house.resident()
    proof = resident.proof(measure.id)
    assert (await resident.apply(measure.id, proof=proof)).status == 201
    again = await resident.apply(measure.id, proof=proof)
    assert (again.status, again.code) == (409, "proof-used")
    assert (await resident.apply(measure.id)).status == 201


async def test_what_is_withdrawn_is_free_for_others(house: House, pool: Pool, said: Said) -> None:
    measure = await house.measure(review_method="post", quota=1)
    first, second = house.resident(), house.resident()
    own = (await first.apply(measure.id)).json["application"]
    assert own["status"] == {
        "word": "審査中",
        "next": {"act": "wait", "by": own["status"]["next"]["by"]},
    }
    assert (await _money(pool, measure))["promised"] == 3_000
    full = await second.apply(measure.id)
    assert (full.status, full.code) == (409, "quota-reached")
    path = f"/own-applications/{own['id']}/withdrawal"
    assert (await second.post(path, etag=1)).status == 404
    assert (await first.post(path, etag=9)).code == "version-stale"
    gone = await first.post(path, etag=own["version"])
    assert gone.json["application"]["status"] == {"word": "取消", "next": None}
    assert (await first.post(path, etag=2)).code == "application-state"
    assert (await _money(pool, measure))["promised"] == 0
    assert (await second.apply(measure.id)).status == 201
    assert await said(f"application/{own['id']}") == ["submitted", "withdrawn"]
    assert (await first.apply(measure.id)).code == "quota-reached"


async def test_what_one_applied_for_is_found_by_its_measure(house: House) -> None:
    measures = [await house.measure(review_method="post"), await house.measure()]
    resident = house.resident()
    made = [(await resident.apply(one.id)).json["application"]["id"] for one in measures]
    for measure, own in zip(measures, made, strict=True):
        found = await resident.get(f"/own-applications?measure_id={measure.id}&limit=1")
        assert [one["id"] for one in found.json["items"]] == [own]
        assert found.json["next"] is None
    assert (await house.resident().get(f"/own-applications?measure_id={measure.id}")).json[
        "items"
    ] == []


async def test_what_may_not_be_withdrawn_stays(house: House) -> None:
    measure = await house.measure(review_method="post", withdrawal_allowed=False)
    resident = house.resident()
    own = (await resident.apply(measure.id)).json["application"]
    answer = await resident.post(f"/own-applications/{own['id']}/withdrawal", etag=1)
    assert (answer.status, answer.code) == (409, "withdrawal-not-allowed")


@pytest.mark.parametrize(
    ("state", "more", "code"),
    [
        (State.PAUSED, {}, "measure-paused"),
        (State.CLOSED, {}, "measure-closed"),
        (State.SETTLING, {}, "measure-closed"),
        (State.CANCELLED, {}, "measure-closed"),
        (State.OPEN, {"apply_until": timedelta(seconds=-1)}, "measure-closed"),
        (State.PUBLISHED, {"apply_from": timedelta(hours=1)}, "measure-not-open"),
        (State.OPEN, {"entry_type": "no_application"}, "no-application-needed"),
    ],
)
async def test_nobody_applies_outside_the_time(
    house: House, state: State, more: dict[str, Any], code: str
) -> None:
    # Counted from now, and not from when the tests were gathered.
    given = {k: now() + v if isinstance(v, timedelta) else v for k, v in more.items()}
    measure = await house.said(new_id(), entry_of(**given), state)
    answer = await house.resident().apply(measure.id)
    assert (answer.status, answer.code) == (409, code)


async def test_others_see_nothing_of_it(house: House) -> None:
    measure = await house.measure()
    own = (await house.resident().apply(measure.id)).json["application"]
    other = house.resident()
    for path in (
        f"/own-applications/{own['id']}",
        f"/own-entitlements/{own['entitlement_id']}",
    ):
        assert (await other.get(path)).status == 404
        assert (await house.anybody().get(path)).status == 401
    assert (await other.get("/own-applications")).json["items"] == []


async def _rush(house: House, measure: Measure, comers: list[Resident]) -> list[Answered]:
    """As many at a time as the gateway lets through to one copy; who is told to come again does."""
    lanes = asyncio.Semaphore(64)

    async def one(resident: Resident) -> Answered:
        key = f"key-{resident.resident_id}"
        async with lanes:
            body = {"measure_id": str(measure.id), "proof": resident.proof(measure.id)}
            while True:
                answer = await resident.post("/own-applications", body, key=key)
                if answer.status != 503 and answer.json.get("code") != "idempotency-key-in-flight":
                    return answer

    return await asyncio.gather(*(one(resident) for resident in comers))


async def test_sixty_four_at_once_for_the_last_ten_places(house: House, pool: Pool) -> None:
    measure = await house.measure(quota=10)
    answers = await _rush(house, measure, [house.resident() for _ in range(64)])
    assert [a.status for a in answers].count(201) == 10
    assert {a.code for a in answers if a.status != 201} == {"quota-reached"}
    assert (await _money(pool, measure))["reserved"] == 30_000


async def test_the_last_yen_are_found_in_whatever_lane_they_lie(house: House, pool: Pool) -> None:
    """A budget for seven and a bit, in lanes of which none is full: seven get it, none is missed."""
    measure = await house.measure(budget_yen=23_500)
    async with house.pool.acquire() as conn:
        assert await conn.fetchval("SELECT count(*) FROM lanes WHERE places IS NULL") == 16
    answers = await _rush(house, measure, [house.resident() for _ in range(30)])
    assert [a.status for a in answers].count(201) == 7
    money = await _money(pool, measure)
    assert (money["available"], money["reserved"]) == (2_500, 21_000)


async def test_scattered_yen_are_brought_together(house: House, pool: Pool) -> None:
    """One yen too few in each lane: the yen of several lanes make up an amount, and not one is left over."""
    measure = await house.measure(
        budget_yen=2_999 * 16, amount={"grant_type": "fixed", "amount_yen": 1}
    )
    bigger = measure.entry.model_copy(
        update={
            "version": 2,
            "amount": measure.entry.amount.model_copy(update={"amount_yen": 3_000}),
        }
    )
    measure = await house.said(measure.id, bigger)
    answers = await _rush(house, measure, [house.resident() for _ in range(20)])
    assert [a.status for a in answers].count(201) == 2_999 * 16 // 3_000
    assert (await _money(pool, measure))["available"] == 2_999 * 16 % 3_000


@pytest.mark.parametrize(("comers", "quota"), [(20_000, 5_000) if LONG else (600, 150)])
async def test_many_for_a_quota_are_exactly_as_many_as_the_quota(
    house: House, pool: Pool, comers: int, quota: int
) -> None:
    measure = await house.measure(quota=quota, budget_yen=quota * 3_000 + 2_999)
    answers = await _rush(house, measure, [house.resident() for _ in range(comers)])
    assert [a.status for a in answers].count(201) == quota
    assert {a.code for a in answers if a.status != 201} == {"quota-reached"}
    money = await _money(pool, measure)
    assert (money["reserved"], money["available"]) == (quota * 3_000, 2_999)
    assert await pool.fetchval("SELECT sum(places) FROM lanes") == 0


async def test_a_place_that_is_not_there_is_not_given_whoever_asks(
    pool: Pool, house: House
) -> None:
    measure = await house.measure(quota=0)
    with pytest.raises(CheckViolation):
        await pool.execute("UPDATE lanes SET places = places - 1 WHERE measure_id = $1", measure.id)


async def test_more_places_and_more_budget_count_from_their_version_on(house: House) -> None:
    measure = await house.measure(quota=1, budget_yen=3_000)
    first, second, third = (house.resident() for _ in range(3))
    assert (await first.apply(measure.id)).status == 201
    assert (await second.apply(measure.id)).code == "quota-reached"
    more = measure.entry.model_copy(update={"version": 2, "quota": 2, "budget_yen": 6_000})
    await house.said(measure.id, more, None)
    assert (await second.apply(measure.id)).status == 201
    assert (await third.apply(measure.id)).code == "quota-reached"
    less = measure.entry.model_copy(update={"version": 3, "quota": 1, "budget_yen": 1_000})
    after = await house.said(measure.id, less, None)
    # What was promised already stays funded.
    assert after.funded_yen == 6_000
