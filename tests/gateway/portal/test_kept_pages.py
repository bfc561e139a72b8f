"""Payment services that are kept: added with the card, chosen while applying and allocating, kept no longer."""

from hashlib import sha256
from typing import Any

import pytest

from services.benefits.api.own_data import OwnServices
from tests.gateway.portal.entries import ENTRY, MEASURE_ID
from tests.gateway.portal.test_own_measures import Registry
from tests.gateway.portal.test_resident_pages import AT, ID, Client, client, look, press, services

__all__ = ["client", "services"]

BEN = "/api/v1/benefits"
OWN = f"{BEN}/own-services"
SERVICE = {"code": "hidamari-pay", "name": "ひだまりPay", "provider_name": "ひだまりペイ"}
DIGEST = sha256(b"482199").hexdigest()
KEPT = {
    "id": ID,
    "payment_service_id": ID,
    "code": "hidamari-pay",
    "name": "ひだまりPay",
    "account_end": "2199",
    "account_digest": DIGEST,
    "offered": True,
    "saved_at": AT,
}
CARD = {"card_id": ID, "pin": "1111"}
ALLOCATE = f"/my/entitlements/{ID}/allocate"
APPLY = f"/measures/{MEASURE_ID}/apply"


@pytest.fixture
def house(services: Registry) -> Registry:
    """Services around somebody who keeps one payment service."""
    entry = ENTRY | {"services": [SERVICE], "unit": "person", "papers": []}
    measure = {"id": MEASURE_ID, "state": "open", "entry": entry}
    entitlement = {
        "id": ID,
        "measure_id": MEASURE_ID,
        "person_id": ID,
        "title": "子育て応援ポイント",
        "amount_yen": 3000,
        "allocate_by": "2027-01-31",
    }
    family = {"resident_id": ID, "name": "小松 花子", "items": []}
    services.say("GET", OWN, {"items": [KEPT]})
    services.say("GET", "/api/v1/registry/payment-services", {"items": [SERVICE], "next": None})
    services.say("GET", f"/api/v1/registry/measures/{MEASURE_ID}", measure)
    services.say("GET", f"{BEN}/own-entitlements/{ID}", entitlement)
    services.say("GET", "/api/v1/identity/own-family", family)
    services.say("POST", "/api/v1/identity/card/challenges", {"challenge_id": ID})
    read = {"certificate": "c", "signature": "s"}
    services.say("POST", "/api/v1/identity/card/simulated/readings", read)
    services.say("POST", "/api/v1/identity/card/assertions", {"proof": "p"})
    return services


def asked_for(house: Registry) -> list[str]:
    """What cards were asked to sign for."""
    return [body["target"] for _, path, body, _ in house.asked if path.endswith("/challenges")]


def said(house: Registry, path: str) -> list[tuple[str, Any]]:
    """What benefits was told there."""
    return [(method, body) for method, to, body, _ in house.written if to == path]


def test_the_sample_is_what_benefits_says() -> None:
    OwnServices.model_validate({"items": [KEPT]})


async def test_the_list_shows_the_last_four_and_ends_one(client: Client, house: Registry) -> None:
    status, text = await look(client, "/my/services")
    assert status == 200 and "下4けた 2199" in text and DIGEST not in text
    house.say("DELETE", f"{OWN}/{ID}", {})
    done = await press(client, f"/my/services/{ID}/forgotten", {})
    assert done == (303, "/my/services?done=service_forgotten")


async def test_a_new_one_is_kept_by_a_card_that_names_it(client: Client, house: Registry) -> None:
    fields = {"service": "hidamari-pay", "account_id": "４８ 2199"}
    status, text = await press(client, "/my/services/new/check", fields)
    assert status == 200 and "482199" in text and house.written == []
    house.say("POST", OWN, {"items": [KEPT]}, 201)
    done = await press(client, "/my/services/new/done", fields | CARD)
    assert done == (303, "/my/services?done=service_kept")
    assert asked_for(house) == [f"keep/hidamari-pay/{DIGEST}"]
    body = {"payment_service_code": "hidamari-pay", "account_id": "482199", "proof": "p"}
    assert said(house, OWN) == [("POST", body)]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"service": "", "account_id": "482199"}, "受け取る決済サービスをえらんでください"),
        ({"service": "nobody", "account_id": "482199"}, "受け取る決済サービスをえらんでください"),
        ({"service": "hidamari-pay", "account_id": "会員"}, "半角の数字やアルファベット"),
        (
            {"service": "hidamari-pay", "account_id": "4821 0000 5551"},
            "マイナンバーと同じ形の番号は使えません",
        ),
    ],
)
async def test_what_is_odd_is_asked_again_before_a_card_is_read(
    client: Client, house: Registry, fields: dict[str, str], words: str
) -> None:
    for step in ("check", "done"):
        status, text = await press(client, f"/my/services/new/{step}", fields | CARD)
        assert status == 422 and words in text
    assert house.written == []


async def test_a_kept_one_is_offered_first_when_allocating(client: Client, house: Registry) -> None:
    _, text = await look(client, ALLOCATE)
    assert f'value="kept-{ID}" id="service" checked' in text
    chosen = {"service": f"kept-{ID}", "account_id": "left over"}
    status, text = await press(client, f"{ALLOCATE}/check", chosen)
    assert status == 200 and "下4けた 2199" in text
    path = f"{BEN}/own-entitlements/{ID}/allocation"
    house.say("POST", path, {"order_id": ID}, 201)
    done = await press(client, f"{ALLOCATE}/done", chosen | CARD)
    assert done == (303, f"/my/grants/{ID}?done=allocated")
    assert asked_for(house) == [f"link/{ID}/hidamari-pay/{DIGEST}"]
    body = {"payment_service_code": "hidamari-pay", "saved_service_id": ID, "proof": "p"}
    assert said(house, path) == [("POST", body)]


async def test_another_number_may_still_be_typed(client: Client, house: Registry) -> None:
    path = f"{BEN}/own-entitlements/{ID}/allocation"
    house.say("POST", path, {"order_id": ID}, 201)
    fields = {"service": "hidamari-pay", "account_id": "777"}
    await press(client, f"{ALLOCATE}/done", fields | CARD)
    (told,) = said(house, path)
    assert told[1]["account_id"] == "777" and "saved_service_id" not in told[1]


async def test_what_a_measure_does_not_offer_is_not_proposed(
    client: Client, house: Registry
) -> None:
    other = [KEPT | {"code": "minato-cash"}, KEPT | {"offered": False}]
    house.say("GET", OWN, {"items": other})
    for path in (ALLOCATE, f"{APPLY}/who"):
        status, text = await look(client, path)
        assert status == 200 and "kept-" not in text


@pytest.mark.parametrize(
    ("receive", "sent"), [(f"kept-{ID}", {"saved_service_id": ID}), ("later", {})]
)
async def test_where_to_receive_is_handed_in_with_the_application(
    client: Client, house: Registry, receive: str, sent: dict[str, str]
) -> None:
    _, text = await look(client, f"{APPLY}/who")
    assert f'value="kept-{ID}" id="receive" checked' in text
    fields = {"person_id": ID, "receive": receive, "agree": "yes", **CARD}
    house.say("POST", f"{BEN}/own-applications", {"application": {"id": ID}}, 201)
    status, text = await press(client, f"{APPLY}/check", fields)
    assert status == 200 and ("下4けた 2199" in text) is bool(sent)
    done = await press(client, f"{APPLY}/done", fields)
    assert done == (303, f"/my/applications/{ID}?done=applied")
    ((_, body),) = said(house, f"{BEN}/own-applications")
    assert {k: v for k, v in body.items() if k == "saved_service_id"} == sent


async def test_somebody_who_keeps_one_says_where_to_receive(
    client: Client, house: Registry
) -> None:
    status, text = await press(client, f"{APPLY}/check", {"person_id": ID})
    assert status == 422 and "「あとで決める」をえらんでください" in text


@pytest.mark.parametrize(
    ("path", "fields", "to", "done"),
    [
        (
            f"{APPLY}/done",
            {"person_id": ID, "receive": "later", "agree": "yes"},
            f"{BEN}/own-applications",
            "/my",
        ),
        (
            f"{ALLOCATE}/done",
            {"service": "hidamari-pay", "account_id": "482199"},
            f"{BEN}/own-entitlements/{ID}/allocation",
            f"/my/entitlements/{ID}/grant",
        ),
        (
            "/my/services/new/done",
            {"service": "hidamari-pay", "account_id": "482199"},
            OWN,
            "/my/services",
        ),
    ],
)
async def test_a_form_pressed_twice_leads_to_what_the_first_press_did(
    client: Client, house: Registry, path: str, fields: dict[str, str], to: str, done: str
) -> None:
    problem = {"code": "idempotency-key-reused", "detail": "この Idempotency-Key は別の内容です。"}
    house.say("POST", to, problem, 422)
    assert await press(client, path, {**fields, **CARD}) == (303, done)
