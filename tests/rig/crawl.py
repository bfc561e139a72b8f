"""Walks through the portal's pages in a real browser and says what is wrong with each."""

import os
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from urllib.parse import urlsplit
from zlib import crc32

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, ConsoleMessage, Page, Playwright

from tests.rig.authenticator import next_code

#: `./portal test` says where it put one when the machine had none.
CHROMIUM = os.environ.get("PORTAL_CHROMIUM") or "/usr/bin/chromium"
#: How long a browser is waited for; only a test that fails waits for so long.
PATIENCE_MS = 120_000
#: Widths at which no page may need to be moved sideways.
WIDTHS = (320, 375, 640, 768, 1100)
_RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
    # Without this axe fetches and reads the style sheet again for each page, for the one rule below.
    "preload": False,
}
#: What has to be read from the style sheet, of which there is one: asked on the first page.
_RULES_OF_STYLE = {"runOnly": {"type": "rule", "values": ["css-orientation-lock"]}}
_AXE: str = Axe().axe_script
_RUN_AXE = "rules => axe.run(document, rules).then(found => found.violations)"
#: Addresses that are no pages: data, files, other people's pages.
_NOT_PAGES = re.compile(
    r"^/(api|static|livez|readyz|en|easy|files|feeds)(/|$)|\.(csv|xlsx|json|atom|xml)$"
    r"|/(documents|files)/[0-9a-f-]{36}$|/contracts/[0-9a-f-]{36}/(file|certificate)$"
)
_VARIABLE = re.compile(r"/[0-9a-f]{8}-[0-9a-f-]{27}|/\d{6,13}(?=/|$)")
_HOW_MANY_ALIKE = 2
#: How a page is judged by axe: in both ways in the long run, each day in one, which is the same every day. Of pages
#: that are alike the second is judged in the long run only.
_LOOKS = (("dark", 375), ("light", 1100))
_LONG = "long" in os.environ.get("PORTAL_FAULTS", "")
#: Pages that show somebody's own words: two letters of one minute may have one title.
_OTHERS_WORDS = re.compile(r"^/[a-z]+/(messages|deliveries)/[0-9a-f-]{36}$")

_LOOK = """() => ({
  title: document.title,
  lang: document.documentElement.lang,
  h1: document.querySelectorAll('h1').length,
  levels: [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => +h.tagName[1]),
  inline: [...document.querySelectorAll('[style]')].map(e => e.outerHTML.slice(0, 80))
    .concat([...document.querySelectorAll('style, script:not([src])')].map(e => e.outerHTML.slice(0, 80)))
    .concat([...document.querySelectorAll('*')].filter(e => e.getAttributeNames().some(n => n.startsWith('on')))
      .map(e => e.outerHTML.slice(0, 80))),
  foreign: [...document.querySelectorAll('[src],link[href]')].map(e => e.src || e.href)
    .filter(u => !u.startsWith(location.origin) && !u.startsWith('data:')),
  links: [...document.querySelectorAll('a[href]')].map(a => a.href),
  half: (document.querySelector('main').innerText.match(/[ぁ-んァ-ヶ一-龠]\\([^)]*[ぁ-んァ-ヶ一-龠]/g) || []),
  words: document.querySelector('main').innerText.match(/不正(?!利用)|無効|エラーコード|Undefined|None|\\{\\{/g) || [],
  small: [...document.querySelectorAll('main a, main button, main input, main select, main textarea, main summary')]
    .filter(e => e.type !== 'hidden' && e.getClientRects().length)
    .filter(e => e.getBoundingClientRect().height < 23.5 && getComputedStyle(e).display !== 'inline')
    .map(e => e.outerHTML.slice(0, 80)),
})"""


@dataclass(slots=True)
class Crawl:
    """What a walk found: the pages seen, and everything wrong with them."""

    base: str
    titles: dict[str, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    async def walk(
        self, page: Page, starts: Iterable[str], *, under: tuple[str, ...] = ("/",)
    ) -> None:
        """Look at ``starts`` and at every page they lead to; of pages that are alike, at two."""
        waiting, seen, alike = list(starts), set(self.titles), Counter[str]()
        while waiting:
            path = waiting.pop(0)
            shape = _VARIABLE.sub("/…", urlsplit(path).path) + ("?" if "?" in path else "")
            if path in seen or alike[shape] >= _HOW_MANY_ALIKE:
                continue
            seen.add(path)
            alike[shape] += 1
            looks = _looks(shape) if _LONG or alike[shape] == 1 else ()
            waiting += [p for p in await self.look(page, path, looks) if p.startswith(under)]

    async def look(
        self, page: Page, path: str, looks: tuple[tuple[str, int], ...] | None = None
    ) -> list[str]:
        """Look at one page; where it leads."""
        looks = _looks(path) if looks is None else looks
        said: list[str] = []

        def hear(message: ConsoleMessage) -> None:
            if message.type == "error":
                said.append(message.text)

        page.on("console", hear)
        answer = await page.goto(self.base + path)
        arrived = urlsplit(page.url)
        if arrived.path != urlsplit(path).path:
            page.remove_listener("console", hear)
            return [arrived.path]
        if answer is None or answer.status != 200:
            self.wrong.append(f"{path}: answered {answer.status if answer else 'nothing'}")
            page.remove_listener("console", hear)
            return []
        links = await self._judge(page, path, looks)
        self.wrong += [f"{path}: console: {text}" for text in said]
        page.remove_listener("console", hear)
        return links

    async def here(self, page: Page, name: str) -> None:
        """Look at the page that stands there, which only a form leads to."""
        await self._judge(page, name, _looks(name))

    async def _judge(self, page: Page, path: str, looks: tuple[tuple[str, int], ...]) -> list[str]:
        found = await page.evaluate(_LOOK)
        self._title(path, found["title"])
        if found["h1"] != 1:
            self.wrong.append(f"{path}: {found['h1']} h1")
        if found["lang"] != ("en" if path.startswith("/en/my") else "ja"):
            self.wrong.append(f"{path}: lang {found['lang']}")
        levels = found["levels"]
        gaps = [b for a, b in pairwise(levels) if b > a + 1]
        if gaps:
            self.wrong.append(f"{path}: headings leap to {gaps}: {levels}")
        for name in ("inline", "foreign", "half", "words", "small"):
            self.wrong += [f"{path}: {name}: {what}" for what in found[name]]
        for width in _widths(path, looks):
            await page.set_viewport_size({"width": width, "height": 800})
            await self._fits(page, path, width)
        if looks:
            await page.evaluate(_AXE)
        for scheme, width in looks:
            await self._axe(page, path, scheme, width)
        paths = [self._path(link) for link in found["links"]]
        return [p for p in paths if p is not None]

    async def _fits(self, page: Page, path: str, width: int) -> None:
        wide = await page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            self.wrong.append(f"{path}: {wide} wide at {width}")

    def _title(self, path: str, title: str) -> None:
        other = next((p for p, t in self.titles.items() if t == title), None)
        again = other is not None and urlsplit(other).path == urlsplit(path).path
        if other is not None and not again and not _OTHERS_WORDS.search(path):
            self.wrong.append(f"{path}: same title as {other}: {title}")
        self.titles[path] = title

    async def _axe(self, page: Page, path: str, scheme: str, width: int) -> None:
        await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        await page.set_viewport_size({"width": width, "height": 800})
        await self._fits(page, path, width)
        found = await page.evaluate(_RUN_AXE, _RULES)
        if len(self.titles) == 1:
            found += await page.evaluate(_RUN_AXE, _RULES_OF_STYLE)
        for violation in found:
            nodes = [node["html"][:120] for node in violation["nodes"][:3]]
            self.wrong.append(f"{path}: axe {scheme} {width}: {violation['id']}: {nodes}")

    def _path(self, link: str) -> str | None:
        parts = urlsplit(link)
        if f"{parts.scheme}://{parts.netloc}" != self.base or _NOT_PAGES.search(parts.path):
            return None
        return parts.path + (f"?{parts.query}" if parts.query else "")


def _looks(shape: str) -> tuple[tuple[str, int], ...]:
    return _LOOKS if _LONG else (_LOOKS[crc32(shape.encode()) % len(_LOOKS)],)


def _widths(path: str, looks: tuple[tuple[str, int], ...]) -> tuple[int, ...]:
    """All in the long run; each day the narrowest, and of a page that axe judges one where the layout turns."""
    if _LONG:
        return WIDTHS
    return (320, (640, 768)[crc32(path.encode()) % 2]) if looks else (320,)


async def launch(playwright: Playwright) -> Browser:
    """The machine's own Chromium."""
    return await playwright.chromium.launch(
        executable_path=CHROMIUM,
        args=["--no-sandbox", "--disable-dev-shm-usage"],
        timeout=PATIENCE_MS,
    )


async def sign_in(page: Page, base: str, sign_in_id: str, password: str, totp_secret: str) -> None:
    """Sign in as people do, with the second factor where there is one."""
    await page.goto(f"{base}/signin/organisation")
    await page.fill("#sign_in_id", sign_in_id)
    await page.fill("#password", password)
    await page.click("main form button[type=submit]")
    if totp_secret:
        await page.fill("#code", await next_code(totp_secret))
        await page.click("main form button[type=submit]")
    await page.wait_for_selector(".identity")
