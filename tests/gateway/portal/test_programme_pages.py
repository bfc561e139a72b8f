"""Pages of sessions and maintenance, with what scheduling says scripted by path."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from gateway.portal import programme
from gateway.portal.asking import VISITOR, Reply, Visitor
from gateway.portal.mounting import add_pages
from tests.gateway.portal.test_pages import Away

SESSION, WINDOW = str(UUID(int=1)), str(UUID(int=2))
MEETING: dict[str, Any] = {
    "id": SESSION,
    "series": "working_group",
    "number": 4,
    "fiscal_year": 2023,
    "title": "実務検討会",
    "summary": "",
    "audience": "members",
    "precision": "time",
    "first_on": "2023-12-14",
    "last_on": "2023-12-14",
    "starts_at": "2023-12-14T05:00:00Z",
    "ends_at": "2023-12-14T07:00:00Z",
    "place": "",
    "online": True,
    "video": "",
    "capacity": 50,
    "seated": 50,
    "waiting": 2,
    "free": 0,
    "sign_up_from": "2023-11-01T00:00:00Z",
    "sign_up_until": "2023-12-13T00:00:00Z",
    "state": "full",
    "materials": [
        {
            "title": "資料",
            "audience": "members",
            "address": None,
            "added_at": "2023-12-01T00:00:00Z",
        }
    ],
    "corrections": [],
}
MONTH = MEETING | {"precision": "month", "state": "held", "number": None, "title": "説明会"}
REST: dict[str, Any] = {
    "id": WINDOW,
    "system": "cloudsign",
    "functions": ["contract"],
    "starts_at": "2023-06-14T13:00:00Z",
    "ends_at": "2023-06-14T21:00:00Z",
    "end_is_estimate": True,
    "impact": "契約書を送れません。",
    "state": "changed",
    "announced_at": "2023-06-05T01:00:00Z",
    "version": 2,
}
EDITION = REST | {"act": "changed", "at": "2023-06-06T01:00:00Z", "note": "1日後になりました。"}
PLANNED = MEETING | {"link": "https://meet.example/4", "version": 3}
SIGNED_UP = {
    "id": str(UUID(int=3)),
    "number": 7,
    "organisation_id": str(UUID(int=4)),
    "member_id": str(UUID(int=5)),
    "state": "waiting",
    "signed_up_at": "2023-11-02T00:00:00Z",
    "state_since": "2023-11-02T00:00:00Z",
}
DAY = {
    "day": "2023-12-14", "opens": None, "closes": None, "reason": "休業日", "exceptional": True
}  # fmt: skip


class Told(Away):
    """Services of which scheduling alone answers."""

    async def ask(self, method: str, service_path: str, **more: Any) -> Reply:
        """What was scripted."""
        path = service_path.removeprefix("/api/v1/scheduling")
        held = (more.get("query") or {}).get("state") == "held"
        found: dict[str, Any] = {
            "/sessions": {"items": [MONTH] if held else [MEETING]},
            f"/sessions/{SESSION}": MEETING,
            "/maintenance": {"items": [REST], "next": None},
            f"/maintenance/{WINDOW}": REST | {"editions": [EDITION]},
            "/calendar": {"open_now": False, "next_opening_at": REST["starts_at"], "days": [DAY]},
            "/sign-ups": {"items": []},
            f"/materials/{SESSION}": {"items": MEETING["materials"]},
            "/programme/sessions": {"items": [PLANNED], "next": None},
            f"/programme/sessions/{SESSION}": PLANNED,
            f"/programme/sessions/{SESSION}/sign-ups": {"items": [SIGNED_UP], "next": None},
        }
        body = found.get(path)
        return Reply(200, {}, orjson.dumps(body)) if body else await super().ask(method, path)


@web.middleware
async def _known(request: web.Request, handler: Any) -> web.StreamResponse:
    kind = request.headers.get("X-Kind")
    if kind:
        request[VISITOR] = Visitor("1", "森田 進", "m1", "2", kind, "小松市", frozenset({"admin"}))
    answer: web.StreamResponse = await handler(request)
    return answer


@pytest.fixture
async def client() -> AsyncIterator[TestClient[Any, Any]]:
    app = web.Application(middlewares=[_known])
    add_pages(app, Told())
    async with TestClient(TestServer(app)) as found:
        yield found


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/", ["第4回 実務検討会", "満席です", "説明会・会議・イベント"]),
        ("/sessions", ["第4回 実務検討会", "2023年12月", "municipality.ics", "令和5年度"]),
        ("/sessions/calendar?month=2023-12", ["第4回 実務検討会", "休業日", "month=2023-11"]),
        ("/sessions/calendar?month=2023-06", ["メンテナンス（クラウドサイン）"]),
        (f"/sessions/{SESSION}", ["ログインして申し込む", "いま2人"]),
        ("/status", ["これからのメンテナンス", "契約書の送付", "90日"]),
        ("/status/history", ["クラウドサイン"]),
        (f"/maintenance/{WINDOW}", ["6:00ごろ", "1日後になりました。", "契約書を送れません。"]),
        ("/contact", ["お休み（休業日）"]),
    ],
)
async def test_a_page_says_what_scheduling_says(
    client: TestClient[Any, Any], path: str, words: list[str]
) -> None:
    async with client.get(path) as answer:
        text = await answer.text()
    assert answer.status == 200, text[:500]
    assert [w for w in words if w not in text] == []


@pytest.mark.parametrize(
    ("sign_up_from", "word"), [("2023-11-01T00:00:00Z", "受付前"), (None, "開催予定")]
)
def test_a_session_one_need_not_sign_up_for_waits_for_no_sign_up(
    sign_up_from: str | None, word: str
) -> None:
    coming = MEETING | {"state": "published", "sign_up_from": sign_up_from}
    assert programme.SESSION[programme.state(coming)][1] == word


async def test_a_member_is_offered_the_place_in_line_they_would_get(
    client: TestClient[Any, Any],
) -> None:
    async with client.get(f"/sessions/{SESSION}", headers={"X-Kind": "provider"}) as answer:
        text = await answer.text()
    assert "キャンセル待ちに入る（いま3人目）" in text


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/secretariat/maintenance", ["予定を登録する", "クラウドサイン"]),
        (f"/secretariat/maintenance/{WINDOW}", ["予定を変える", "2023-06-14T22:00", "取りやめ"]),
        ("/secretariat/programme", ["第4回 実務検討会", "50／50人", "待ち 2人"]),
        ("/secretariat/programme/new", ["会の種類", "下書きを保存する"]),
        (
            f"/secretariat/programme/{SESSION}",
            ["登録内容を見る", "キャンセル待ち", "中止を知らせる"],
        ),
        (f"/secretariat/programme/{SESSION}/edit", ["2023-12-14T14:00", "https://meet.example/4"]),
        ("/secretariat/calendar?month=2023-12", ["休業日", "いつもの時間に戻す"]),
    ],
)
async def test_the_secretariat_edits_windows(
    client: TestClient[Any, Any], path: str, words: list[str]
) -> None:
    async with client.get(path, headers={"X-Kind": "secretariat"}) as answer:
        text = await answer.text()
    assert answer.status == 200, text[:500]
    assert [w for w in words if w not in text] == []
    async with client.get(path, headers={"X-Kind": "provider"}) as answer:
        assert answer.status == 403


async def test_what_is_typed_is_announced_or_given_back(client: TestClient[Any, Any]) -> None:
    typed = {"system": "cloudsign", "impact": "送れません。", "starts_at": "2030-01-01T22:00"}
    path, who = "/secretariat/maintenance", {"X-Kind": "secretariat"}
    async with client.post(path, data=typed, headers=who) as answer:
        text = await answer.text()
    assert answer.status == 422
    assert "終わる日時を入れてください" in text and "2030-01-01T22:00" in text
    typed["ends_at"] = "2030-01-02T06:00"
    async with client.post(path, data=typed, headers=who, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, f"{path}?done=announced")
    finish = f"{path}/{WINDOW}/cancel"
    async with client.post(finish, data={"version": "2"}, headers=who) as answer:
        # Nobody answers there: the page says so.
        assert answer.status == 503
