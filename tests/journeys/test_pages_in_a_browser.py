"""Every page in a real browser: readable by everybody, within its width, without a word to other sites."""

import shutil
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Page, async_playwright

from tests.rig.clerk import Clerk
from tests.rig.crawl import CHROMIUM, Crawl, launch, sign_in
from tests.rig.reader import apply_here, sign_in_by_card, typed
from tests.rig.stack import Stack

pytestmark = pytest.mark.skipif(
    shutil.which(CHROMIUM) is None,
    reason="NO BROWSER: install chromium and fonts-noto-cjk, or the pages are not looked at",
)
#: Whose card is read here.
_RESIDENT = "小松 花子"
#: Pages no other page leads to.
_UNLINKED = (
    "/ops/parts",
    "/measures/follow",
    "/measures/follow/sent",
    "/accounts/renewed",
    "/signin/reset-sent",
    "/easy/how",
    "/en/how",
)


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    """A browser's window."""
    async with async_playwright() as playwright:
        browser = await launch(playwright)
        context = await browser.new_context(locale="ja-JP")
        context.set_default_timeout(120_000)
        yield await context.new_page()
        await browser.close()


async def _enter(page: Page, stack: Stack, accounts: list[dict[str, Any]], start: str) -> None:
    account = next(a for a in accounts if a["sign_in_id"].startswith(start))
    await sign_in(
        page, stack.url, account["sign_in_id"], account["password"], account["totp_secret"]
    )


async def test_every_public_page_can_be_read_by_everybody(stack: Stack, page: Page) -> None:
    crawl = Crawl(stack.url)
    await crawl.walk(page, ["/", *_UNLINKED])
    assert not crawl.wrong, "\n".join(crawl.wrong)
    assert len(crawl.titles) > 25


@pytest.mark.parametrize(
    ("account", "door", "least"),
    [
        ("m172031-01", "/municipality", 30),
        ("p", "/provider", 14),
        ("s000001-01", "/secretariat", 15),
    ],
)
async def test_every_page_behind_a_door_can_be_read_by_everybody(
    stack: Stack,
    page: Page,
    demo_accounts: list[dict[str, Any]],
    measures_on_their_way: None,
    account: str,
    door: str,
    least: int,
) -> None:
    await _enter(page, stack, demo_accounts, account)
    crawl = Crawl(stack.url)
    await crawl.walk(page, [door], under=(door,))
    assert not crawl.wrong, "\n".join(crawl.wrong)
    assert len(crawl.titles) >= least


async def test_every_page_of_a_resident_can_be_read_by_everybody(
    stack: Stack, page: Page, http: aiohttp.ClientSession
) -> None:
    clerk = Clerk(stack.url, http)
    await sign_in_by_card(clerk, _RESIDENT)
    await clerk.open("/measures?q=チャージで3割増し")
    measure = clerk.at.link("川南町 チャージで3割増し")
    await clerk.open(f"{measure}/apply/who")
    await apply_here(clerk, _RESIDENT)
    await _read_card(page, f"{stack.url}/signin/card")
    crawl = Crawl(stack.url)
    starts = ["/my", "/en/my", "/easy/my", "/my/family/new", f"{measure}/apply/who"]
    await crawl.walk(page, starts, under=("/my",))
    await page.goto(f"{stack.url}{measure}/apply/who")
    await page.check("input[name=person_id] >> nth=0")
    await page.click("#form-top button[type=submit]")
    await crawl.here(page, f"{measure}/apply/check")
    assert not crawl.wrong, "\n".join(crawl.wrong)
    assert len(crawl.titles) >= 8


async def test_every_page_of_a_desk_can_be_read_by_everybody(
    stack: Stack, page: Page, demo_accounts: list[dict[str, Any]]
) -> None:
    await _enter(page, stack, demo_accounts, "m172031-01")
    crawl = Crawl(stack.url)
    await crawl.walk(page, ["/desk", "/desk/start", "/desk/ended"], under=("/desk/",))
    for path in ("/desk/now", "/desk/measures", "/desk/end"):
        # A desk ends after a minute, and looking at a page may take longer: each begins anew.
        await page.goto(f"{stack.url}/desk/start")
        await page.fill("#terminal", "3番窓口")
        await _read_card(page)
        await crawl.look(page, path)
    assert not crawl.wrong, "\n".join(crawl.wrong)
    assert len(crawl.titles) >= 6


async def _read_card(page: Page, address: str = "") -> None:
    """Put the card on the reader of the page and type its PIN."""
    if address:
        await page.goto(address)
    card = typed(_RESIDENT)
    await page.select_option("#card_id", value=card["card_id"])
    await page.fill("#pin", card["pin"])
    await page.click("#form-top button.big")
    await page.wait_for_selector(".identity")


async def test_the_registration_form_says_what_to_mend_and_puts_the_focus_there(
    stack: Stack, page: Page, demo_accounts: list[dict[str, Any]]
) -> None:
    await _enter(page, stack, demo_accounts, "m252034")
    crawl = Crawl(stack.url)
    await crawl.walk(page, ["/municipality/registration"], under=("/municipality/registration",))
    await page.goto(f"{stack.url}/municipality/registration/organisation")
    await page.fill("#code", "252141")
    await page.fill("#name_kana", "米ハラ")
    await page.click("main form button.big")
    await page.wait_for_function("document.activeElement.id === 'errors'")
    told = await page.locator("#errors a").all_inner_texts()
    at_fields = await page.locator(".errmsg span").all_inner_texts()
    assert told == at_fields
    assert "団体コードの最後の数字が合っていません。前の5けたが 25214 なら、最後は 0 です" in told
    await page.locator("#errors a").first.click()
    assert await page.input_value("#code") == "252141"
    assert not crawl.wrong, "\n".join(crawl.wrong)


async def test_a_draft_is_saved_while_somebody_types(
    stack: Stack, page: Page, demo_accounts: list[dict[str, Any]]
) -> None:
    await page.clock.install()
    await _enter(page, stack, demo_accounts, "m252034")
    await page.goto(f"{stack.url}/municipality/registration/plan")
    await page.fill("#measures_summary", "春から始める給付")
    await page.clock.run_for(21_000)
    await page.wait_for_selector("#draft-said:has-text('自動で保存しました')")
    await page.goto(f"{stack.url}/municipality/registration/plan")
    assert await page.input_value("#measures_summary") == "春から始める給付"
