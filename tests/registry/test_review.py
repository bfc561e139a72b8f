"""What the secretariat does, and what it may not."""

from datetime import timedelta
from typing import Any

import pytest

from chassis.clock import today
from contracts.principal import Role
from contracts.values import OrganisationKind
from tests.registry.acts import (
    registered,
    registered_municipality,
    registered_provider,
    submitted,
    taken,
    typed_in,
)
from tests.registry.asking import Asker, Desk
from tests.registry.forms import PDF, municipality_form, provider_form
from tests.rig.asker import Answered


async def act(asker: Asker, organisation_id: object, name: str, body: Any = None) -> Answered:
    """An act of the secretariat on the newest version."""
    path = f"/registrations/{organisation_id}"
    return await asker.post(f"{path}/{name}", body or {}, etag=await asker.version(path))


async def test_a_second_registration_of_the_same_municipality_is_refused(desk: Desk) -> None:
    one = await desk.applicant(OrganisationKind.MUNICIPALITY)
    other = await desk.applicant(OrganisationKind.MUNICIPALITY)
    await submitted(one, municipality_form())
    before = (await typed_in(other, municipality_form())).json
    answer = await other.post("/registration/submit", etag=before["version"])
    assert (answer.status, answer.code) == (409, "legal-entity-registered")
    assert (await other.get("/registration")).json == before
    await one.post("/registration/withdraw", etag=await one.version())
    assert (await other.post("/registration/submit", etag=before["version"])).status == 201


async def test_the_queue_shows_what_waits_longest_first(full: Desk) -> None:
    page = (await full.secretariat().get("/registrations?limit=100")).json
    since = [item["state_since"] for item in page["items"]]
    assert since == sorted(since)
    assert {item["state"] for item in page["items"]} == {"submitted", "under_review"}
    assert page["counts"]["returned"] == 1
    assert all(item["result_due_on"] for item in page["items"])


async def test_the_queue_is_searched_by_name_and_reference(full: Desk) -> None:
    asker = full.secretariat()
    [found] = (await asker.get("/registrations?q=かもめ")).json["items"]
    assert found["name"] == "かもめウォレット株式会社"
    again = (await asker.get(f"/registrations?q={found['reference']}")).json["items"]
    assert again == [found]


async def test_a_reviewer_sees_the_checks_and_what_is_different_from_last_time(full: Desk) -> None:
    asker = full.secretariat()
    [found] = (await asker.get("/registrations?q=春日井市")).json["items"]
    view = (await asker.get(f"/registrations/{found['organisation_id']}")).json
    assert view["submissions"] == 2
    assert view["differences"] == [
        {"field": "budget_approved_on", "before": None, "after": "2023-09-25"}
    ]
    verdicts = {check["code"]: check["verdict"] for check in view["checks"]}
    assert verdicts["directory"] == verdicts["one_registration"] == "ok"
    assert verdicts["mail"] == "attention"


async def test_whoever_handed_a_registration_in_does_not_decide_about_it(desk: Desk) -> None:
    clerk = desk.secretariat(Role.EDITOR, Role.REVIEWER)
    entered = await clerk.post(
        "/registrations", {"organisation_kind": "municipality", "code": "172031", "name": "小松市"}
    )
    assert entered.status == 201, entered.content
    path = f"/registrations/{entered.json['organisation_id']}"
    await clerk.put(f"{path}/draft", municipality_form(), etag=await clerk.version(path))
    assert (await clerk.upload("application_form", PDF, to=path)).status == 201
    done = await clerk.post(f"{path}/submit", etag=await clerk.version(path))
    assert done.status == 201, done.content
    refused = await clerk.post(f"{path}/take", etag=await clerk.version(path))
    assert (refused.status, refused.code) == (403, "own-registration")
    other = desk.secretariat()
    assert (await other.post(f"{path}/take", etag=await other.version(path))).status == 200


async def test_a_registration_is_not_approved_before_its_documents_were_looked_through(
    desk: Desk,
) -> None:
    city = await desk.applicant(OrganisationKind.MUNICIPALITY)
    await submitted(city, municipality_form())
    reviewer = desk.secretariat()
    await act(reviewer, city.organisation_id, "take")
    early = await act(reviewer, city.organisation_id, "approve")
    assert (early.status, early.code) == (409, "documents-unchecked")
    await desk.inspect()
    assert (await act(reviewer, city.organisation_id, "approve")).status == 200


@pytest.mark.parametrize("name", ["approve", "reject", "suspend", "resume", "withdraw", "return"])
async def test_an_act_out_of_turn_is_refused_and_changes_nothing(desk: Desk, name: str) -> None:
    city = await desk.applicant(OrganisationKind.MUNICIPALITY)
    await submitted(city, municipality_form())
    await desk.inspect()
    before = (await city.get("/registration")).json
    body = {
        "approve": {},
        "reject": {"reason": "x", "message": "y"},
        "return": {
            "reason": "x",
            "message": "y",
            "correct_by": (today() + timedelta(days=5)).isoformat(),
        },
    }.get(name, {"reason": "x"})
    answer = await act(desk.secretariat(), city.organisation_id, name, body)
    assert (answer.status, answer.code) == (409, "registration-state")
    assert (await city.get("/registration")).json == before


async def test_a_rejected_organisation_may_begin_anew_under_another_number(desk: Desk) -> None:
    city = await desk.applicant(OrganisationKind.MUNICIPALITY)
    reviewer = await taken(desk, city, municipality_form(), desk.inspect)
    first = (await city.get("/registration")).json["reference"]
    done = await act(
        reviewer, city.organisation_id, "reject", {"reason": "x", "message": "予定がないため"}
    )
    assert done.json["state"] == "rejected"
    assert (await city.get("/registration")).json["message"] == "予定がないため"
    again = (await submitted(city, municipality_form())).json
    assert again["state"] == "submitted"
    assert again["reference"] != first


async def test_a_day_before_the_last_change_is_refused(desk: Desk) -> None:
    city = await registered(desk, municipality_form(), desk.inspect, on="2023-04-01")
    answer = await act(
        desk.secretariat(),
        city.organisation_id,
        "suspend",
        {"effective_on": "2023-03-31", "reason": "x"},
    )
    assert (answer.status, answer.code) == (422, "day-refused")
    assert answer.fields == {("effective_on", "day_refused")}


async def test_a_provider_that_leaves_takes_its_services_and_answers_with_it(desk: Desk) -> None:
    firm = await registered_provider(desk, desk.inspect)
    year = today().year if today().month >= 4 else today().year - 1
    answer = await firm.put(f"/participation/{year}", {"participating": True})
    assert answer.status == 200, answer.content
    asker = desk.anybody()
    assert (await asker.get("/participation")).json["items"][0]["participating"] is True
    done = await act(desk.secretariat(), firm.organisation_id, "withdraw", {"reason": "終了"})
    assert done.status == 200, done.content
    for name in ("providers", "payment-services", "participation"):
        assert (await asker.get(f"/{name}")).json["total"] == 0, name


async def test_an_answer_for_a_year_can_be_changed_and_repeated(desk: Desk) -> None:
    firm = await registered_provider(desk, desk.inspect)
    for participating in (True, True, False):
        answer = await firm.put("/participation/2023", {"participating": participating})
        assert answer.json["participating"] is participating
    assert (await firm.get("/own-participation")).json["items"] == [answer.json]
    far = await firm.put(f"/participation/{today().year + 5}", {"participating": True})
    assert (far.status, far.code) == (422, "fiscal-year-too-late")
    odd = await firm.put("/participation/0", {"participating": True})
    assert odd.status == 404


async def test_a_municipality_has_no_participation(desk: Desk) -> None:
    city = await registered_municipality(desk, desk.inspect)
    answer = await city.put("/participation/2023", {"participating": True})
    assert (answer.status, answer.code) == (403, "organisation-kind")


async def test_another_providers_service_code_is_refused(desk: Desk) -> None:
    await registered_provider(desk, desk.inspect)
    other = await desk.applicant(
        OrganisationKind.PROVIDER, code="6901700000011", name="ひだまりペイ株式会社"
    )
    form = provider_form()
    form["organisation"]["corporate_number"] = "6901700000011"
    view = (await typed_in(other, form)).json
    answer = await other.post("/registration/submit", etag=view["version"])
    assert answer.status == 422
    assert answer.fields == {("services.0.code", "service_code_taken")}
