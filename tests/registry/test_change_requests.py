"""A registered organisation asks for other registered data; the secretariat decides."""

from typing import Any

from chassis.clock import today
from chassis.database import reading
from contracts.values import OrganisationKind
from services.registry.store import organisations
from tests.registry.acts import registered_municipality, registered_provider
from tests.registry.asking import Desk
from tests.registry.forms import municipality_form, provider_form, service_form


async def test_a_change_is_asked_for_reviewed_and_listed(desk: Desk, number: Any) -> None:
    firm = await registered_provider(desk, desk.inspect)
    form = provider_form()
    form["organisation"] |= {
        "name": "なぎさペイ株式会社",
        "name_kana": "ナギサペイカブシキガイシャ",
    }
    form["services"] = [
        service_form(name="なぎさマネープラス"),
        service_form(
            code="nagisa-card", name="なぎさカード", name_kana="ナギサカード", kind="prepaid"
        ),
    ]
    body = {"form": form, "wanted_on": today().isoformat(), "reason": "商号の変更"}
    asked = await firm.post("/change-requests", body)
    assert asked.status == 201, asked.content
    fields = {d["field"] for d in asked.json["differences"]}
    assert {"name", "services.nagisa-money.name", "services.nagisa-card.code"} <= fields
    second = await firm.post("/change-requests", body)
    assert (second.status, second.code) == (409, "change-request-open")
    reviewer = desk.secretariat()
    [waiting] = (await reviewer.get("/change-requests")).json["items"]
    done = await reviewer.post(f"/change-requests/{waiting['id']}/approve")
    assert done.status == 200, done.content
    again = await reviewer.post(f"/change-requests/{waiting['id']}/approve")
    assert (again.status, again.code) == (409, "change-request-decided")
    services = (await desk.anybody().get("/payment-services")).json["items"]
    assert [(s["name"], s["provider_name"]) for s in services] == [
        ("なぎさカード", "なぎさペイ株式会社"),
        ("なぎさマネープラス", "なぎさペイ株式会社"),
    ]
    await number()
    entries = (await desk.anybody().get("/changes")).json["entries"]
    assert [e["type"].split(".", 1)[1] for e in entries] == [
        "organisation.registered.v1",
        "payment_service.registered.v1",
        "organisation.changed.v1",
        "payment_service.changed.v1",
        "payment_service.registered.v1",
    ]
    assert set(entries[2]["data"]["changed"]) == {"name", "name_kana"}


async def test_a_change_of_contacts_alone_is_not_public(desk: Desk, number: Any) -> None:
    city = await registered_municipality(desk, desk.inspect)
    form = municipality_form()
    form["contacts"]["main"]["phone"] = "0761-99-9999"
    body = {"form": form, "wanted_on": today().isoformat(), "reason": "担当の変更"}
    asked = (await city.post("/change-requests", body)).json
    await desk.secretariat().post(f"/change-requests/{asked['id']}/approve")
    await number()
    assert len((await desk.anybody().get("/changes")).json["entries"]) == 1
    async with reading(desk.pool) as conn:
        assert city.organisation_id
        found = await organisations.organisation(conn, city.organisation_id)
    assert found.application is not None
    assert found.application.main_contact.phone == "0761-99-9999"


async def test_a_change_that_changes_nothing_is_refused(desk: Desk) -> None:
    city = await registered_municipality(desk, desk.inspect)
    body = {"form": municipality_form(), "wanted_on": today().isoformat(), "reason": "念のため"}
    answer = await city.post("/change-requests", body)
    assert (answer.status, answer.code) == (422, "nothing-changed")


async def test_a_rejected_change_leaves_the_entry_as_it_is(desk: Desk) -> None:
    city = await registered_municipality(desk, desk.inspect)
    form = municipality_form()
    form["organisation"]["name"] = "こまつし"
    body = {"form": form, "wanted_on": today().isoformat(), "reason": "表記"}
    asked = (await city.post("/change-requests", body)).json
    answer = await desk.secretariat().post(
        f"/change-requests/{asked['id']}/reject", {"message": "正式な名称で登録してください。"}
    )
    assert answer.json["state"] == "rejected"
    assert (await desk.anybody().get("/municipalities")).json["items"][0]["name"] == "小松市"
    [own] = (await city.get("/change-requests/own")).json["items"]
    assert own["message"] == "正式な名称で登録してください。"


async def test_a_change_is_taken_back_by_the_organisation_alone(desk: Desk) -> None:
    city = await registered_municipality(desk, desk.inspect)
    form = municipality_form()
    form["organisation"]["head_title"] = "市長職務代理者"
    body = {"form": form, "wanted_on": today().isoformat(), "reason": "交代"}
    asked = (await city.post("/change-requests", body)).json
    stranger = desk.member(OrganisationKind.MUNICIPALITY)
    path = f"/change-requests/{asked['id']}/withdraw"
    assert (await stranger.post(path)).status == 404
    assert (await city.post(path)).json["state"] == "withdrawn"
    assert (await city.post(path)).code == "change-request-decided"
    assert (await city.post("/change-requests", body)).status == 201
