"""A real browser: whether it takes our cookie on the addresses of a machine of one's own, and keeps others out."""

import orjson
import pytest
from playwright.async_api import async_playwright

from tests.gateway.conftest import OpenDoor
from tests.gateway.standin import Identity, StandIn
from tests.rig.crawl import PATIENCE_MS, launch

LETTERS = "/api/v1/notifications/letters"
_SIGN_IN = """async (body) => (await fetch('/api/v1/sessions', {
  method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)})).status"""
_LETTERS = f"async () => (await fetch('{LETTERS}')).status"
_ACT = """async (address) => { try { return (await fetch(address, {method: 'POST', mode: 'no-cors',
  credentials: 'include', headers: {'Content-Type': 'text/plain'}, body: '{}'})).type }
  catch (e) { return 'failed' } }"""


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
async def test_a_browser_keeps_the_cookie_over_plain_http_on_its_own_machine(
    name: str, door: OpenDoor, stand_in: StandIn, identity: Identity
) -> None:
    opened = await door(public_url="http://localhost")
    async with async_playwright() as playwright:
        browser = await launch(playwright)
        page = await browser.new_page()
        page.set_default_timeout(PATIENCE_MS)
        await page.goto(f"http://{name}:{opened.port}/api/docs")
        assert await page.evaluate(_LETTERS) == 401
        body = {"sign_in_id": "m172031-01", "password": identity.password}
        assert await page.evaluate(_SIGN_IN, body) == 201
        assert await page.evaluate(_LETTERS) == 200
        assert "__Host-machipo" not in await page.evaluate("document.cookie")
        (cookie,) = [c for c in await page.context.cookies() if c.get("name") == "__Host-machipo"]
        assert cookie.get("secure") and cookie.get("httpOnly") and cookie.get("sameSite") == "Lax"
        # Another site in the same browser, on the same machine: the other name of this door.
        other = "127.0.0.1" if name == "localhost" else "localhost"
        await page.goto(f"http://{other}:{opened.port}/api/docs")
        before = len(stand_in.of(LETTERS + "/1/read"))
        await page.evaluate(_ACT, f"http://{name}:{opened.port}{LETTERS}/1/read")
        assert len(stand_in.of(LETTERS + "/1/read")) == before
        await browser.close()
    assert orjson.loads(stand_in.of("/internal/sessions")[0].body)["address"] == "127.0.0.1"


async def test_the_reader_draws_without_breaking_its_policy(
    door: OpenDoor, stand_in: StandIn, identity: Identity
) -> None:
    opened = await door(public_url="http://localhost")
    said: list[str] = []
    async with async_playwright() as playwright:
        browser = await launch(playwright)
        page = await browser.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", lambda message: said.append(message.text))
        await page.goto(f"http://localhost:{opened.port}/api/docs")
        await page.wait_for_selector("text=Sign in with this browser.", state="attached")
        await browser.close()
    # Its maker's logo would be fetched from elsewhere; that it is not is what the policy is for.
    refused = [text for text in said if "Content Security Policy" in text]
    assert [text for text in refused if "redoc/logo-mini.svg" not in text] == []
