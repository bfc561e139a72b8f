"""From the first page of the form to the public list, over HTTP."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from chassis.clock import today
from contracts.values import OrganisationKind
from tests.registry.acts import (
    registered_municipality,
    registered_provider,
    submitted,
    taken,
    typed_in,
)
from tests.registry.asking import Desk
from tests.registry.forms import municipality_form, provider_form

Inspect = Callable[[], Awaitable[None]]


async def test_a_municipality_goes_from_its_first_draft_to_the_public_list(
    desk: Desk, inspected: Inspect
) -> None:
    city = await registered_municipality(desk, inspected)
    page = (await desk.anybody().get("/municipalities?q=コマツ")).json
    assert page["total"] == 1
    assert page["items"][0]["code"] == "172031"
    assert page["items"][0]["prefecture"] == "石川県"
    assert page["items"][0]["registered_on"] == "2023-04-01"
    view = (await city.get("/registration")).json
    assert view["state"] == "registered"
    assert [step["act"] for step in view["history"]] == [
        "account_issued",
        "submitted",
        "review_started",
        "registered",
    ]


async def test_a_provider_is_listed_with_its_payment_service(
    desk: Desk, inspected: Inspect
) -> None:
    await registered_provider(desk, inspected)
    services = (await desk.anybody().get("/payment-services")).json
    assert [s["code"] for s in services["items"]] == ["nagisa-money"]
    entry = (await desk.anybody().get("/providers/4011001098993")).json
    assert entry["entry"]["name"] == "なぎさ電子決済株式会社"
    assert [s["name"] for s in entry["payment_services"]] == ["なぎさマネー"]


async def test_reference_numbers_follow_each_other_by_kind(desk: Desk) -> None:
    city = await desk.applicant(OrganisationKind.MUNICIPALITY)
    firm = await desk.applicant(OrganisationKind.PROVIDER)
    first = (await submitted(city, municipality_form())).json["reference"]
    other = (await submitted(firm, provider_form())).json["reference"]
    assert first.endswith("-M-0001")
    assert other.endswith("-P-0001")


async def test_what_is_typed_is_kept_as_it_was_typed(desk: Desk) -> None:
    city = await desk.applicant(OrganisationKind.MUNICIPALITY)
    form = municipality_form()
    form["organisation"]["name_kana"] = "小マツシ"
    view = (await typed_in(city, form)).json
    assert view["form"]["organisation"]["name_kana"] == "小マツシ"
    assert ("organisation.name_kana", "kana_shape") in {
        (p["field"], p["code"]) for p in view["problems"]
    }


async def test_a_returned_registration_shows_the_remarks_at_their_fields(
    desk: Desk, inspected: Inspect
) -> None:
    city = await desk.applicant(OrganisationKind.MUNICIPALITY)
    reviewer = await taken(desk, city, municipality_form(), inspected)
    path = f"/registrations/{city.organisation_id}"
    body = {
        "reason": "書類の記載が足りない",
        "message": "議決日を確かめてください。",
        "remarks": [
            {"field": "organisation.budget_approved_on", "detail": "議決書の日付と違います。"}
        ],
        "correct_by": "2099-01-01",
    }
    refused = await reviewer.post(f"{path}/return", body, etag=await reviewer.version(path))
    assert refused.status == 422
    assert refused.code == "day-refused"
    body["correct_by"] = (today() + timedelta(days=14)).isoformat()
    done = await reviewer.post(f"{path}/return", body, etag=await reviewer.version(path))
    assert done.status == 200, done.content
    view = (await city.get("/registration")).json
    assert view["state"] == "returned"
    assert view["message"] == "議決日を確かめてください。"
    assert view["remarks"][0]["field"] == "organisation.budget_approved_on"
    again = await submitted(city, municipality_form())
    assert again.json["submissions"] == 2
    assert again.json["reference"] == view["reference"]
