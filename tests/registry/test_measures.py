"""A measure from its first draft into public, over HTTP."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from chassis.clock import now
from chassis.database import Pool, transaction
from contracts.principal import Role
from contracts.values import OrganisationKind
from services.registry.commands.measure_course import take_due
from services.registry.jobs import DueMeasures
from tests.registry.acts import registered_municipality, registered_provider
from tests.registry.asking import Desk
from tests.registry.covering import Carried, carry_now, drop
from tests.registry.measuring import Staff, day, measure_form, year_of

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


def opening_now() -> dict[str, Any]:
    """Dates of a measure whose first day has begun."""
    return {"apply_from_on": day(now() - timedelta(days=1))}


async def test_who_had_a_hand_in_it_may_not_approve_and_who_approves_may_return(
    desk: Desk, staff: Staff, carried: Carried
) -> None:
    own = staff.drafter.organisation_id
    both = desk.member(OrganisationKind.MUNICIPALITY, own, Role.EDITOR, Role.APPROVER)
    measure_id = await staff.begun()
    path = f"/own-measures/{measure_id}"
    etag = await both.version(path)
    assert (await both.put(f"{path}/draft", {"basics": None}, etag=etag)).status == 200
    assert (await staff.act(measure_id, "submit", by=staff.approver)).status == 403
    assert (await staff.act(measure_id, "submit")).status == 201
    assert (await staff.act(measure_id, "approve", by=both)).code == "own-draft"
    assert (await both.get(path)).json["is_drafter"] is True
    back = await staff.act(measure_id, "return", {"message": "予算を確かめてください。"})
    assert (back.json["state"], back.json["remark"]) == ("returned", "予算を確かめてください。")
    assert back.json["may"][:2] == ["save", "submit"]
    await staff.act(measure_id, "submit")
    await staff.act(measure_id, "approve")
    body = {"message": "契約書の日付と合っていません。"}
    assert (await staff.confirm(measure_id, "return", body)).json["state"] == "returned"
    assert (await staff.confirm(measure_id)).code == "measure-state"


async def test_a_later_version_is_approved_again_and_shows_what_it_changed(
    desk: Desk, pool: Pool, staff: Staff, carried: Carried
) -> None:
    measure_id = await staff.published(measure_form(dates=opening_now()))
    assert await DueMeasures(pool).turn()
    seen = await staff.seen(measure_id)
    assert (seen["state"], "edit" in seen["may"]) == ("open", True)
    assert (await staff.act(measure_id, "edit")).json["edition"] == "draft"
    assert (await staff.act(measure_id, "edit")).code == "measure-edition"
    assert (await staff.act(measure_id, "submit")).code == "nothing-changed"
    form = (await staff.seen(measure_id))["form"]
    await staff.type_in(measure_id, amount={**form["amount"], "amount_yen": "2,999"})
    refused = await staff.act(measure_id, "submit")
    assert refused.code == "measure-edit-refused"
    assert refused.fields == {("amount.amount_yen", "only_more")}
    await staff.type_in(measure_id, amount={**form["amount"], "amount_yen": "5,000"})
    answer = await staff.through(measure_id)
    assert (answer.json["state"], answer.json["edition"]) == ("open", None)
    record = (await desk.anybody().get(f"/measures/{measure_id}/versions")).json["items"]
    assert [(v["number"], v["changed"]) for v in record] == [(2, ["amount"]), (1, [])]
    second = (await desk.anybody().get(f"/measures/{measure_id}/versions/2")).json
    assert [(c["label"], c["before"], c["after"]) for c in second["changes"]] == [
        ("金額", "3,000円", "5,000円")
    ]
    assert (await desk.anybody().get(f"/measures/{measure_id}/versions/3")).status == 404
    await staff.act(measure_id, "edit")
    assert (await staff.act(measure_id, "discard")).json["edition"] is None


async def test_a_public_measure_rests_goes_on_and_ends_early_with_its_reason(
    desk: Desk, pool: Pool, staff: Staff, carried: Carried
) -> None:
    measure_id = await staff.published()
    paused = await staff.act(measure_id, "pause", {"message": "金額を確かめています。"})
    assert (paused.json["state"], paused.json["reason"]) == ("paused", "municipality_decision")
    assert (await staff.act(measure_id, "resume")).json["state"] == "scheduled"
    assert (await staff.act(measure_id, "close", {"reason": "quota_reached"})).status == 409
    assert (await staff.act(measure_id, "complete")).code == "measure-state"
    cancelled = await staff.act(measure_id, "cancel", {"reason": "議会で予算が通りませんでした。"})
    assert cancelled.json["state"] == "cancelled"
    assert (await desk.anybody().get(f"/measures/{measure_id}")).json["state"] == "cancelled"
    second = await staff.published(measure_form(dates=opening_now()))
    assert await DueMeasures(pool).turn()
    assert (await staff.act(second, "cancel", {"reason": "x"})).code == "measure-state"
    assert (await staff.act(second, "close", {"reason": "deadline"})).status == 422
    closed = await staff.act(second, "close", {"reason": "quota_reached", "message": "満員です。"})
    assert (closed.json["state"], closed.json["reason"]) == ("closed", "quota_reached")
    async with transaction(pool) as conn:
        assert await take_due(conn, UUID(second), now() + timedelta(days=99))
    assert (await staff.act(second, "complete")).json["state"] == "completed"


async def test_a_measure_that_lost_its_contract_rests_and_is_not_resumed(
    pool: Pool, staff: Staff, carried: Carried
) -> None:
    approved = await staff.begun()
    await staff.act(approved, "submit")
    await staff.act(approved, "approve")
    measure_id = await staff.published(measure_form(dates=opening_now()))
    assert await DueMeasures(pool).turn()
    async with transaction(pool) as conn:
        await drop(conn, carried)
    seen = await staff.seen(measure_id)
    assert (seen["state"], seen["reason"]) == ("paused", "provider_withdrawn")
    assert (await staff.act(measure_id, "resume")).code == "measure-not-covered"
    assert (await staff.confirm(approved)).code == "measure-not-covered"
    checks = {c["code"]: c["verdict"] for c in (await staff.seen(approved))["checks"]}
    assert checks["cover"] == "wrong"
    assert (await staff.act(await staff.begun(), "submit")).fields == {
        ("services.0.code", "service_not_covered")
    }


async def test_others_see_and_do_nothing(desk: Desk, staff: Staff, carried: Carried) -> None:
    measure_id = await staff.begun()
    path = f"/own-measures/{measure_id}"
    elsewhere = desk.member(OrganisationKind.MUNICIPALITY, None, Role.EDITOR)
    assert (await elsewhere.get(path)).code == "measure-unknown"
    assert (await elsewhere.post(f"{path}/submit", etag=1)).code == "measure-unknown"
    assert (await desk.member(OrganisationKind.PROVIDER).get(path)).status == 403
    assert (await desk.anybody().get(path)).status == 401
    assert (await staff.drafter.put(f"{path}/draft", {}, etag=9)).status == 412
    assert (await staff.drafter.put(f"{path}/draft", {})).status == 428
    assert (await staff.drafter.post(f"/measure-checks/{measure_id}/confirm", etag=1)).status == 403


@pytest.mark.parametrize(
    "section",
    [
        {"texts": {"ja": {"body": "長" * 100_000}}},
        {"texts": {"ja": {"title": "\x00"}}},
        {"amount": {"amount_yen": 3000}},
        {"amount": {"amount": "3000"}},
        {"services": [{"code": "x"}] * 51},
        {"texts": {"ja": {"title": "マイナンバー 1234 5678 9018"}}},
    ],
)
async def test_what_cannot_be_kept_is_refused_and_nothing_is_changed(
    staff: Staff, section: dict[str, Any]
) -> None:
    measure_id = await staff.begun()
    before = await staff.seen(measure_id)
    answer = await staff.type_in(measure_id, **section)
    assert 400 <= answer.status < 500 and answer.json["errors"] is not None
    assert await staff.seen(measure_id) == before


async def test_own_measures_are_paged_and_counted(staff: Staff) -> None:
    for _ in range(3):
        await staff.begun({})
    first = (await staff.drafter.get("/own-measures?limit=2")).json
    then = (await staff.drafter.get(f"/own-measures?limit=2&after={first['next']}")).json
    assert len({i["measure_id"] for i in first["items"] + then["items"]}) == 3
    assert (then["next"], then["counts"]) == (None, {"draft": 3})
    assert (await staff.drafter.get("/own-measures?state=open")).json["items"] == []
