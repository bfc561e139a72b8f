"""The secretariat writes, plans, corrects and takes back notices on pages; visitors read what stood when."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import aiohttp
import pytest

from chassis.clock import JAPAN, now
from tests.rig.clerk import Clerk
from tests.rig.stack import Stack
from tests.rig.visitor import Visitor
from tests.rig.waiting import eventually

_SAVE = "保存して、読む方の画面で確かめる"


@pytest.fixture
async def office(stack: Stack, http: aiohttp.ClientSession, desk: Visitor) -> AsyncIterator[Clerk]:
    yield Clerk(stack.url, http, desk.cookies)


async def _sees(clerk: Clerk, path: str, words: str, *, gone: bool = False) -> None:
    async def seen() -> bool:
        await clerk.open(path)
        return (words in clerk.at.words) is not gone

    await eventually(seen)


def _words(title: str, body: str = "本文です。") -> dict[str, str]:
    return {"category": "programme", "audience": "public", "ja_title": title, "ja_body": body}


async def test_a_notice_is_written_published_corrected_and_taken_back(
    office: Clerk, stack: Stack, http: aiohttp.ClientSession
) -> None:
    title, reader = f"交付のお知らせ{uuid4().hex[:6]}", Clerk(stack.url, http)
    await office.open("/secretariat/notices/new")
    await office.press(_SAVE, _words("", "<script>alert(1)</script>"))
    office.expect(422, "新しいお知らせ")
    told = ["入力してください。", "HTMLのタグは使えません。文章だけを入れてください。"]
    assert office.at.errors == told
    await office.press(_SAVE, _words(title, "3 < 5 は使えます。"))
    assert "3 < 5 は使えます。" in office.expect(200, title).words
    notice_id = re.findall(r"/notices/([0-9a-f-]{36})", office.path)[0]
    await reader.open(f"/notices/{notice_id}")
    assert reader.status == 404
    await office.press("公開・予約する")
    office.expect(200, title)
    await _sees(reader, "/notices", title)
    await office.press("訂正を出す")
    await office.press(_SAVE, {"ja_body": "日付を直しました。"})
    await office.press("公開・予約する")
    await _sees(reader, f"/notices/{notice_id}", "訂正")
    await office.open(f"/secretariat/notices/{notice_id}")
    await office.press("取り下げる", {"reason": "あやまって出したものでした。"})
    await _sees(reader, f"/notices/{notice_id}", "あやまって出したものでした。")


async def test_the_site_shows_what_will_stand_and_what_stood(
    office: Clerk, stack: Stack, http: aiohttp.ClientSession
) -> None:
    title, later = f"来月のお知らせ{uuid4().hex[:6]}", now().astimezone(JAPAN) + timedelta(days=30)
    await office.open("/secretariat/notices/new")
    await office.press(_SAVE, _words(title))
    await office.press("公開・予約する", {"publish_at": later.strftime("%Y-%m-%dT%H:%M")})
    assert "公開を予約" in office.expect(200, title).words
    at = (later + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
    await _sees(office, f"/secretariat/site?at={at}&eyes=public", title)
    assert "予定です" in office.at.words
    await _sees(office, "/secretariat/site?at=2023-11-30T10:00&eyes=public", title, gone=True)
    assert "の公開サイトです" in office.at.words
    reader = Clerk(stack.url, http)
    await reader.open("/notices")
    assert title not in reader.at.words
