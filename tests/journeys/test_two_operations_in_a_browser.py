"""The two operations in a real browser, as a person does them: at home on a telephone, and at a desk with staff.

How long each took is printed (``pytest -s``), not asserted.
"""

import shutil
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest
from playwright.async_api import Page, async_playwright, expect

from tests.rig.crawl import CHROMIUM, launch, sign_in
from tests.rig.reader import typed
from tests.rig.stack import Stack

pytestmark = pytest.mark.skipif(
    shutil.which(CHROMIUM) is None,
    reason="NO BROWSER: install chromium and fonts-noto-cjk, or the pages are not looked at",
)
_MEASURE = "くらし応援ポイント"
_MUNICIPALITY = "小松市"
_SERVICE = "ひだまりペイ"
_PATIENCE_MS = 120_000
#: An order may still be changed for a minute before it is sent; a machine that does much else takes longer.
_GRANTED_SECONDS = 240.0


@asynccontextmanager
async def _window(width: int, height: int, *, mobile: bool) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await launch(playwright)
        context = await browser.new_context(
            locale="ja-JP",
            viewport={"width": width, "height": height},
            is_mobile=mobile,
            has_touch=mobile,
        )
        context.set_default_timeout(_PATIENCE_MS)
        expect.set_options(timeout=_PATIENCE_MS)
        yield await context.new_page()
        await browser.close()


@contextmanager
def _told(what: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    print(f"\n{what}: {time.monotonic() - began:.1f} s")  # noqa: T201 - figures


async def _read_card(page: Page, name: str, button: str, *, signing: bool = False) -> None:
    """Choose whose card lies on the reader, type the PIN, press the button."""
    card = typed(name, signing=signing)
    await page.get_by_label("読み取り機にのせるカード").select_option(card["card_id"])
    await page.get_by_label("暗証番号").fill(card["pin"])
    await page.get_by_role("button", name=button).click()


async def _apply(page: Page, name: str) -> None:
    """From the first page of the application to its receipt."""
    await page.get_by_label("ご本人").check()
    for sentence in await page.locator("input[name=statements]").all():
        await sentence.check()
    await page.get_by_role("button", name="次へ").click()
    await page.get_by_label("同意します").check()
    await _read_card(page, name, "申し込む", signing=True)
    await expect(page.get_by_role("status")).to_contain_text("申し込みを受け付けました。受付番号")


async def _allocate(page: Page, name: str, account: str) -> None:
    """From the receipt to the record of the grant."""
    await page.get_by_role("link", name="受け取り先を決める").first.click()
    await page.get_by_label(_SERVICE).check()
    await page.get_by_label("会員番号").fill(account)
    await page.get_by_role("button", name="次へ").click()
    await _read_card(page, name, "カードで確定する")
    await expect(page.locator("h1")).to_contain_text("届くまでの記録")


async def _granted(page: Page) -> None:
    """Look at the record until the points are there."""
    until = time.monotonic() + _GRANTED_SECONDS
    done = page.get_by_text("出た額と入った額は同じです（差 0円）")
    while not await done.count():
        assert time.monotonic() < until, await page.locator("main").inner_text()
        await page.wait_for_timeout(500)
        await page.reload()


async def test_a_resident_comes_from_the_card_to_granted_points_on_a_telephone(
    stack: Stack,
) -> None:
    name = "北口 一郎"
    async with _window(375, 812, mobile=True) as page:
        await page.goto(stack.url)
        with _told("at home, from the first page to granted points"):
            with _told("at home, both operations"):
                await page.get_by_role("searchbox").first.fill(_MEASURE)
                await page.keyboard.press("Enter")
                await page.get_by_role("link", name=f"{_MUNICIPALITY} {_MEASURE}").first.click()
                await page.get_by_role("link", name="この施策に申し込む").click()
                await page.get_by_role("link", name="カードで申し込む").click()
                await _read_card(page, name, "カードを読み取る")
                await _apply(page, name)
                await _allocate(page, name, "4821 0000 3333")
            await _granted(page)
        wide = await page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 375
        await page.get_by_role("link", name="申し込んだ施策").first.click()
        await expect(page.locator("main")).to_contain_text("付与済")


async def test_staff_help_a_resident_from_the_card_to_granted_points_at_a_desk(
    stack: Stack, demo_accounts: list[dict[str, Any]]
) -> None:
    name = "小松 花子"
    account = next(a for a in demo_accounts if a["sign_in_id"].startswith("m172031-01"))
    async with _window(1280, 900, mobile=False) as page:
        await sign_in(
            page, stack.url, account["sign_in_id"], account["password"], account["totp_secret"]
        )
        with _told("at a desk, from the card to granted points and the card's return"):
            await page.goto(f"{stack.url}/desk")
            await page.get_by_role("link", name="次の方を始める").click()
            await page.get_by_label("この端末の名前").fill("1番窓口")
            await _read_card(page, name, "この方で始める")
            await (
                page.get_by_role("link", name="施策に申し込む")
                .or_(page.get_by_role("link", name="施策をさがす"))
                .first.click()
            )
            await page.get_by_label("まちや施策の名前").fill(_MEASURE)
            await page.get_by_role("button", name="さがす").click()
            await page.get_by_role("link", name=f"{_MUNICIPALITY} {_MEASURE}").click()
            await _apply(page, name)
            await _allocate(page, name, "4821 0000 1111")
            record = page.url
            # Whoever wants to see it waits at the desk for the points; looking keeps the desk open.
            await _granted(page)
            await page.get_by_role("link", name="この方の手続きを終える").first.click()
            await page.get_by_label("カードをお返ししました").check()
            await page.get_by_role("button", name="この方の手続きを終える").click()
            await expect(page.locator("h1")).to_contain_text("終わりました")
        # Nothing of the person is left at the desk.
        await page.goto(record)
        await expect(page.locator("h1")).to_contain_text("終わりました")
