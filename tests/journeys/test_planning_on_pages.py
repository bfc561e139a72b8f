"""The secretariat plans a session and the hours of its desk on pages, and visitors read of it."""

import re
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from chassis.clock import today
from gateway.portal.words import as_date, short_day
from tests.rig.clerical import sign_in
from tests.rig.clerk import Clerk
from tests.rig.stack import Stack
from tests.rig.visitor import Visitor
from tests.rig.waiting import eventually


@pytest.fixture
async def office(stack: Stack, http: aiohttp.ClientSession, desk: Visitor) -> AsyncIterator[Clerk]:
    yield Clerk(stack.url, http, desk.cookies)


def _plan(title: str, day: date) -> dict[str, Any]:
    return {
        "series": "briefing_provider",
        "title": title,
        "fiscal_year": str(day.year),
        "audience": "provider",
        "precision": "time",
        "starts_at": f"{day}T14:00",
        "ends_at": f"{day}T16:00",
        "place": "見本会館",
        "capacity": "1",
        "sign_up_from": f"{day - timedelta(days=60)}T09:00",
    }


async def _sees(clerk: Clerk, path: str, words: str) -> None:
    async def seen() -> bool:
        await clerk.open(path)
        return words in clerk.at.words

    await eventually(seen)


async def test_a_session_is_planned_published_signed_up_for_changed_and_called_off(
    office: Clerk, stack: Stack, http: aiohttp.ClientSession, demo_accounts: list[dict[str, Any]]
) -> None:
    title, day = f"接続の説明会{uuid4().hex[:6]}", today() + timedelta(days=40)
    await office.open("/secretariat/programme/new")
    await office.press("下書きを保存する", {**_plan(title, day), "ends_at": f"{day}T13:00"})
    assert "終わりは、始まりより後にしてください。" in office.expect(422, "会を計画する").words
    await office.press("下書きを保存する", {"ends_at": f"{day}T16:00"})
    session_id = re.findall(r"/programme/([0-9a-f-]{36})", office.path)[0]
    visitor = Clerk(stack.url, http)
    await visitor.open(f"/sessions/{session_id}")
    assert visitor.status == 404
    await office.press("公開する")
    office.expect(200, title)
    await _sees(office, f"/secretariat/programme/{session_id}", "受付中")
    await _sees(visitor, "/sessions", title)

    await sign_in(visitor, next(a for a in demo_accounts if a["sign_in_id"].startswith("p")))
    await _sees(visitor, f"/sessions/{session_id}", "参加を申し込む")
    await visitor.press("参加を申し込む")
    await office.open(f"/secretariat/programme/{session_id}")
    assert "申し込んだ方（席 1・待ち 0）" in office.at.words
    await office.follow("内容を変える")
    await office.press("変更を公開する", {"place": "見本ホール", "note": "会場が変わりました。"})
    assert "内容を変えました" in office.expect(200, title).words
    await _sees(visitor, f"/sessions/{session_id}", "見本ホール")
    await office.press(
        "資料を加える", {"paper_title": "説明資料", "address": "javascript:alert(1)"}
    )
    assert office.status == 422
    await office.press("資料を加える", {"paper_title": "説明資料", "address": "/documents/x"})
    await _sees(visitor, f"/sessions/{session_id}", "説明資料")
    await office.open(f"/secretariat/programme/{session_id}")
    await office.press("中止を知らせる", {"note": "講師の都合です。"})
    await _sees(visitor, f"/sessions/{session_id}", "この会は中止になりました。")


async def test_two_editors_at_once_do_not_overwrite_each_other(office: Clerk) -> None:
    title, day = f"実務検討会{uuid4().hex[:6]}", today() + timedelta(days=50)
    await office.open("/secretariat/programme/new")
    await office.press("下書きを保存する", _plan(title, day))
    await office.follow("内容を変える")
    first, second = office.at, Clerk(office.url, office.http, office.cookies)
    await second.open(office.path)
    await second.press("下書きを保存する", {"place": "あとの会場"})
    office.at = first
    await office.press("下書きを保存する", {"place": "まえの会場"})
    assert "ほかの方が先に変更しました" in office.at.words


async def test_a_day_of_the_desk_is_changed_and_changed_back(office: Clerk) -> None:
    day = today() + timedelta(days=45)
    typed = {"day_era": "西暦", "day_y": str(day.year), "day_m": str(day.month)}
    month = f"/secretariat/calendar?month={day:%Y-%m}"
    await office.open(month)
    await office.press("公開する", {**typed, "closed": "yes", "reason": "設備の点検"})
    assert "暦にある日" in office.at.words or "年・月・日" in office.at.words
    await office.press(
        "公開する", {**typed, "day_d": str(day.day), "closed": "yes", "reason": "設備の点検"}
    )
    assert "設備の点検" in office.expect(200, f"窓口の受付時間 {day.year}年{day.month}月").words
    await office.press("いつもの時間に戻す")
    await office.open(month)
    assert "設備の点検" not in office.at.words


async def test_the_foot_of_every_page_says_what_was_decided_for_a_day(
    stack: Stack, http: aiohttp.ClientSession, desk: Visitor
) -> None:
    """At whatever hour: today is closed if somebody answers now, and the next opening begins at another time."""
    calendar = "/api/v1/scheduling/calendar"
    told = (await desk.get(calendar)).expect(200).body
    opening = as_date(told["next_opening_at"])
    decided: dict[date, dict[str, Any]] = {
        opening: {"opens": "10:10", "closes": "16:00", "reason": "設備の点検"}
    }
    if told["open_now"]:
        decided[today()] = {"opens": None, "closes": None, "reason": "設備の点検"}
    for day, hours in decided.items():
        (await desk.put(f"{calendar}/exceptions/{day}", hours)).expect(200)

    async def says() -> bool:
        async with http.get(f"{stack.url}/terms", headers={"Accept": "text/html"}) as answer:
            return f"次は{short_day(opening)}10:10から" in await answer.text()

    try:
        await eventually(says)
    finally:
        for day in decided:
            await desk.delete(f"{calendar}/exceptions/{day}")
