"""The pages on which people choose what they hear of: opening changes nothing, a button acts, one click stops."""

import re
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from gateway.portal.asking import VISITOR, Reply, Visitor
from gateway.portal.mounting import add_pages
from tests.gateway.portal.test_pages import Away

Client = TestClient[web.Request, web.Application]
TOKEN = "Ab-_" * 11
ONE = "0198f0c2-0000-7000-8000-0000000000cc"
SUBSCRIPTION = {
    "subscription_id": ONE,
    "matching": "all",
    "facets": ["kind:measure", "prefecture:17"],
    "frequency": "daily",
    "state": "open",
    "asked_at": "2026-11-26T00:00:00Z",
}
WISHES = {
    "language": "ja",
    "by_mail": True,
    "quiet_from": "21:00",
    "quiet_until": "07:00",
    "address": "h…@reader.example",
    "revision": 1,
    "subscriptions": [SUBSCRIPTION],
}
ANNOUNCEMENT = {
    "subject": "【マチポ】訂正：保守",
    "summary": "マチポ：12月4日から",
    "corrects": "maintenance/1",
    "urgent": True,
    "announced_at": "2026-11-26T00:00:00Z",
    "spread_at": None,
    "missing": ["en"],
    "reach": {
        "intended": 12000,
        "delivered": 11000,
        "failed": 10,
        "pending": 990,
        "reasons": {"refused": 10},
        "unknown": 1,
        "repeated": 2,
    },
}
SHARE = {"secondary_percent": 12, "decided_at": "2026-11-26T00:00:00Z", "why": "the first fails"}
ANSWERS: dict[str, Any] = {
    f"/follow/{TOKEN}": WISHES,
    f"/follow/confirm/{TOKEN}": {"subscription": SUBSCRIPTION, "token": TOKEN},
    "/subscriptions": WISHES,
    "/announcements": {"items": [ANNOUNCEMENT], "next": None},
    "/api/v1/registry/measures": {"names": {"172031": "小松市"}},
    "/mail-ways": {"now": SHARE, "changes": [SHARE]},
    "/templates": {"items": [{"template": "notice", "versions": {}, "missing": ["en"]}]},
}


class Notifications(Away):
    """Answers as notifications does, and remembers what it was asked to do."""

    def __init__(self) -> None:
        self.acts: list[tuple[str, str, Any]] = []

    async def ask(self, method: str, service_path: str, **more: Any) -> Reply:
        """What notifications would say."""
        path = service_path.removeprefix("/api/v1/notifications")
        if method != "GET":
            self.acts.append((method, path, more.get("body")))
        return Reply(200, {}, orjson.dumps(ANSWERS.get(path, {})))


@pytest.fixture
def notifications() -> Notifications:
    return Notifications()


@pytest.fixture
async def client(notifications: Notifications) -> AsyncIterator[Client]:
    @web.middleware
    async def known(request: web.Request, handler: Any) -> web.StreamResponse:
        kind = request.path.split("/")[1]
        if kind in ("municipality", "secretariat"):
            request[VISITOR] = Visitor(
                "1", "森田 進", "m1", "2", kind, "小松市", frozenset({"admin"})
            )
        found: web.StreamResponse = await handler(request)
        return found

    app = web.Application(middlewares=[known])
    add_pages(app, notifications)
    async with TestClient(TestServer(app)) as opened:
        yield opened


@pytest.mark.parametrize(
    ("path", "says"),
    [
        (f"/follow/{TOKEN}", "石川県の施策"),
        (f"/follow/confirm/{TOKEN}", "石川県の施策"),
        ("/measures/follow?municipality=172031", "小松市"),
        ("/municipality/letters/settings", "石川県の施策"),
        ("/secretariat/reach", "相手が受け取らない 10"),
    ],
)
async def test_opening_a_page_shows_it_and_changes_nothing(
    client: Client, notifications: Notifications, path: str, says: str
) -> None:
    async with client.get(path) as answer:
        assert answer.status == 200 and says in await answer.text()
    assert notifications.acts == []


async def test_one_click_in_a_mail_program_stops_without_cookie_or_token(
    client: Client, notifications: Notifications
) -> None:
    data = {"List-Unsubscribe": "One-Click"}
    async with client.post(f"/follow/{TOKEN}", data=data, allow_redirects=False) as answer:
        assert answer.status == 200 and "お知らせを止めました" in await answer.text()
        assert answer.headers["Cache-Control"] == "no-store"
    assert notifications.acts == [("POST", f"/follow/{TOKEN}/stop", {})]


async def test_what_was_chosen_is_asked_for_as_facets(
    client: Client, notifications: Notifications
) -> None:
    data = {"what": "measure", "prefecture": "17", "frequency": "weekly", "language": "en"}
    data["address"] = "hana@reader.example"
    async with client.post("/measures/follow", data=data, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/measures/follow/sent")
    [(_, path, body)] = notifications.acts
    assert path == "/follow" and body["facets"] == ["kind:measure", "prefecture:17"]
    assert (body["language"], body["frequency"], body["matching"]) == ("en", "weekly", "all")


async def test_what_a_measure_page_sent_here_is_asked_for(
    client: Client, notifications: Notifications
) -> None:
    async with client.get("/measures/follow?municipality=172031") as answer:
        found = re.search(r'name="search" value="([^"]*)"', await answer.text())
    assert found is not None
    data = {"what": "measure", "search": found[1], "frequency": "daily", "language": "ja"}
    data["address"] = "hana@reader.example"
    async with client.post("/measures/follow", data=data, allow_redirects=False) as answer:
        assert answer.status == 303
    [(_, _, body)] = notifications.acts
    assert body["facets"] == ["kind:measure", "municipality:172031"]


async def test_a_form_that_lacks_something_says_what(
    client: Client, notifications: Notifications
) -> None:
    async with client.post("/measures/follow", data={"what": "measure"}) as answer:
        text = await answer.text()
    assert answer.status == 422 and notifications.acts == []
    assert "いつ受け取るかを選んでください" in text and "メールアドレスを入れてください" in text


async def test_a_member_stops_one_thing_and_changes_how(
    client: Client, notifications: Notifications
) -> None:
    here = "/municipality/letters/settings"
    async with client.post(f"{here}/{ONE}/stop", data={}, allow_redirects=False) as answer:
        assert answer.status == 303
    data = {
        "by_mail": "no",
        "language": "easy",
        "quiet_from": "",
        "quiet_until": "",
        "revision": "1",
    }
    async with client.post(here, data=data, allow_redirects=False) as answer:
        assert answer.status == 303
    assert notifications.acts[0][1] == f"/subscriptions/{ONE}/stop"
    assert notifications.acts[1][2]["by_mail"] is False
