"""What residents see and press on pages of their own: letters, how they are told, what they keep."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from gateway.portal.asking import RESIDENT, SERVICES, Resident
from gateway.portal.mounting import add_pages
from services.notifications.api.box import LetterBox, LetterView
from services.notifications.api.own_settings import ProofView, SettingsView
from tests.gateway.portal.test_own_measures import Registry

Client = TestClient[web.Request, web.Application]
ID = "01900000-0000-7000-8000-000000000001"
NOTE = "/api/v1/notifications"
AT = "2026-11-27T00:00:00Z"
TOKEN = "Ab-_" * 11

LETTER = {
    "letter_id": ID,
    "subject": "【マチポ】受け取り先を決めてください",
    "template": "points_issued",
    "about": f"entitlement/{ID}",
    "written_at": AT,
    "read_at": None,
}
SETTINGS = {
    "language": "easy",
    "by_mail": ["points"],
    "address": "hanako@home.example",
    "asked_address": "new@home.example",
    "asked_until": AT,
}


@web.middleware
async def _known(request: web.Request, handler: Any) -> web.StreamResponse:
    desk = request.headers.get("X-Desk", "")
    request[RESIDENT] = Resident(ID, "小松 花子", 1990, ID, desk, "1番窓口" if desk else "")
    answer: web.StreamResponse = await handler(request)
    return answer


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    app = web.Application(middlewares=[_known])
    add_pages(app, Registry())
    async with TestClient(TestServer(app)) as found:
        yield found


@pytest.fixture
def services(client: Client) -> Registry:
    assert client.app is not None
    found = client.app[SERVICES]
    assert isinstance(found, Registry)
    found.say("GET", f"{NOTE}/letters", {"items": [LETTER], "next": "c2", "unread": 1})
    found.say("GET", f"{NOTE}/letters/{ID}", {**LETTER, "language": "ja", "text": "3,000円分"})
    found.say("GET", f"{NOTE}/own-settings", SETTINGS)
    found.say(
        "GET",
        f"{NOTE}/own-settings/address/{TOKEN}",
        {"address": "new@home.example", "proved": False},
    )
    return found


async def look(client: Client, path: str, **headers: str) -> tuple[int, str]:
    """A page as a resident sees it."""
    async with client.get(path, headers=headers, allow_redirects=False) as answer:
        return answer.status, answer.headers.get("Location") or await answer.text()


async def press(client: Client, path: str, fields: Any, **headers: str) -> tuple[int, str]:
    """Where a form leads, or the page that says what to mend."""
    async with client.post(path, data=fields, headers=headers, allow_redirects=False) as answer:
        return answer.status, answer.headers.get("Location") or await answer.text()


def test_the_samples_are_what_notifications_says() -> None:
    LetterBox.model_validate({"items": [LETTER], "next": None, "unread": 1})
    LetterView.model_validate({**LETTER, "language": "ja", "text": "…"})
    SettingsView.model_validate(SETTINGS)
    ProofView.model_validate({"address": "new@home.example", "proved": False})


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (
            "/my/messages",
            ("メッセージ（未読 1）", "受け取り先を決めてください", "?after=c2", "正本"),
        ),
        (f"/my/messages/{ID}", ("3,000円分", "読みました")),
        ("/my/settings", ("hanako@home.example", "new@home.example", "期限が近いこと")),
        (f"/my/settings/address/{TOKEN}", ("new@home.example", "確認する")),
    ],
)
async def test_a_page_shows_what_the_service_says(
    client: Client, services: Registry, path: str, words: tuple[str, ...]
) -> None:
    status, text = await look(client, path)
    assert status == 200
    for one in words:
        assert one in text
    assert services.written == []


async def test_what_was_chosen_is_marked(client: Client, services: Registry) -> None:
    _, text = await look(client, "/my/settings")
    assert text.count(" checked") == 2
    assert 'value="easy" checked' in text and 'value="points" checked' in text


async def test_settings_are_saved_as_they_were_seen(client: Client, services: Registry) -> None:
    services.say("PUT", f"{NOTE}/own-settings", SETTINGS)
    fields = [
        ("language", "en"),
        ("by_mail", "points"),
        ("by_mail", "reminders"),
        ("quiet_from", "22:00"),
        ("quiet_until", "07:00"),
        ("version", '"3"'),
    ]
    assert await press(client, "/my/settings", fields) == (303, "/my/settings?done=changed")
    hours = {"quiet_from": "22:00", "quiet_until": "07:00"}
    body = {"language": "en", "by_mail": ["points", "reminders"]} | hours
    assert services.written == [("PUT", f"{NOTE}/own-settings", body, '"3"')]


async def test_what_was_typed_stays_when_another_page_was_quicker(
    client: Client, services: Registry
) -> None:
    problem = {"code": "version-stale", "detail": "ほかの画面で設定が変わっています。"}
    services.say("PUT", f"{NOTE}/own-settings", problem, 412)
    status, text = await press(client, "/my/settings", {"language": "en", "version": '"1"'})
    assert status == 422
    assert "ほかの画面で設定が変わっています" in text
    assert 'value="en" checked' in text and 'value="points" checked' not in text


async def test_who_wants_mail_at_any_hour_says_so(client: Client, services: Registry) -> None:
    services.say("PUT", f"{NOTE}/own-settings", SETTINGS)
    fields = {"language": "ja", "quiet_from": "", "quiet_until": "", "version": '"3"'}
    await press(client, "/my/settings", fields)
    assert services.written[0][2] == {
        "language": "ja",
        "by_mail": [],
        "quiet_from": None,
        "quiet_until": None,
    }


async def test_mail_that_came_back_is_told_with_what_to_do(
    client: Client, services: Registry
) -> None:
    _, text = await look(client, "/my/settings")
    assert "メールが届きませんでした" not in text
    services.say("GET", f"{NOTE}/own-settings", SETTINGS | {"bounced_at": AT})
    _, text = await look(client, "/my/settings")
    assert "メールが届きませんでした" in text and "別のアドレスを登録してください" in text
    services.say("GET", f"{NOTE}/own-settings", SETTINGS | {"asked_bounced": True})
    _, text = await look(client, "/my/settings")
    assert "確認のメールが届きませんでした" in text and "確認のメールを送りました" not in text


async def test_who_is_signed_in_elsewhere_ends_that_and_stays_here(
    client: Client, services: Registry
) -> None:
    path = "/api/v1/identity/own-sessions"
    one = {"session_id": ID, "created_at": AT, "last_seen_at": AT, "at_desk": False}
    items = [one | {"current": True}]
    services.say("GET", path, {"items": items})
    assert "ほかのログインを終わらせる" not in (await look(client, "/my/settings"))[1]
    services.say("GET", path, {"items": [*items, one | {"current": False, "at_desk": True}]})
    text = (await look(client, "/my/settings"))[1]
    assert "ほかのログインを終わらせる" in text and "支援窓口" in text
    services.say("POST", f"{path}/end-others", {"items": items})
    done = await press(client, "/my/settings/sessions/ended", {})
    assert done == (303, "/my/settings?done=others_ended")


async def test_an_address_is_asked_about_and_an_odd_one_is_shown_again(
    client: Client, services: Registry
) -> None:
    services.say("POST", f"{NOTE}/own-settings/address", {"asked": True}, 202)
    asked = await press(client, "/my/settings/address", {"address": "ｎｅｗ@home.example"})
    assert asked == (303, "/my/settings?done=address_asked")
    assert services.written[0][2] == {"address": "new@home.example"}
    often = {"code": "address-asked-often", "detail": "確認のメールは1日に3通までです。"}
    services.say("POST", f"{NOTE}/own-settings/address", often, 429)
    status, text = await press(client, "/my/settings/address", {"address": "new@home.example"})
    assert status == 422
    assert "確認のメールは1日に3通までです" in text and 'value="new@home.example"' in text


async def test_the_mailed_link_acts_by_its_button_and_says_when_it_is_over(
    client: Client, services: Registry
) -> None:
    path = f"{NOTE}/own-settings/address/{TOKEN}"
    services.say("POST", path, SETTINGS)
    done = await press(client, f"/my/settings/address/{TOKEN}", {})
    assert done == (303, "/my/settings?done=address_confirmed")
    services.say("GET", path, {"code": "confirmation-over", "detail": "期限を過ぎました。"}, 410)
    status, text = await look(client, f"/my/settings/address/{TOKEN}")
    assert status == 410 and "期限を過ぎました" in text


async def test_a_letter_is_read_and_an_address_forgotten(
    client: Client, services: Registry
) -> None:
    services.say("POST", f"{NOTE}/letters/{ID}/read", LETTER)
    services.say("DELETE", f"{NOTE}/own-settings/address", SETTINGS)
    assert await press(client, f"/my/messages/{ID}/read", {}) == (303, "/my/messages")
    left = await press(client, "/my/settings/address/forgotten", {})
    assert left == (303, "/my/settings?done=address_forgotten")
