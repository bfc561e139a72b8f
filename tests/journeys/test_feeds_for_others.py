"""What programs of others read at the door: each feed by a parser that is not ours, and by its own rules."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from datetime import datetime
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import feedparser
import pytest
from icalendar import Calendar

from tests.rig.stack import Stack
from tests.rig.story import Story
from tests.rig.waiting import eventually

_NAMES = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
#: What the schema of sitemaps 0.9 lets follow an address, in this order, each at most once.
_PARTS = ["loc", "lastmod", "changefreq", "priority"]
_OFTEN = {"always", "hourly", "daily", "weekly", "monthly", "yearly", "never"}
_MOST_ADDRESSES, _MOST_BYTES, _LONGEST = 50_000, 50 * 1024 * 1024, 2_048
#: xsd:date, or xsd:dateTime with the zone a W3C date has.
_WHEN = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))?")
_IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|/documents/[a-z-]+$")


def _checked(url: ET.Element) -> str:
    """The address of one entry, if the schema allows the entry."""
    names = [part.tag.removeprefix(_NAMES) for part in url]
    assert url.tag == f"{_NAMES}url" and not url.attrib
    assert names[:1] == ["loc"] and names == sorted(set(names), key=_PARTS.index)
    told: Mapping[str, str] = {
        n: part.text or "" for n, part in zip(names, url, strict=True) if not len(part)
    }
    assert 12 <= len(told["loc"]) <= _LONGEST
    assert not set(told["loc"]) & set(" <>\"'")
    if "lastmod" in told:
        assert _WHEN.fullmatch(told["lastmod"]) and datetime.fromisoformat(told["lastmod"])
    assert told.get("changefreq", "always") in _OFTEN
    assert 0 <= float(told.get("priority", "0.5")) <= 1
    return told["loc"]


async def test_the_map_of_the_site_keeps_the_rules_and_leads_to_pages_that_are_there(
    stack: Stack, http: aiohttp.ClientSession
) -> None:
    async with http.get(f"{stack.url}/sitemap.xml") as answer:
        assert answer.content_type == "application/xml"
        raw = await answer.read()
    root = ET.fromstring(raw)
    assert root.tag == f"{_NAMES}urlset" and len(raw) < _MOST_BYTES
    addresses = [_checked(url) for url in root]
    assert 0 < len(addresses) == len(set(addresses)) <= _MOST_ADDRESSES
    there = urlsplit(stack.url).netloc
    assert {urlsplit(address)[:2] for address in addresses} == {("http", there)}
    # Of pages that differ by an id alone, one is opened.
    alike = {_IDS.sub("…", urlsplit(a).path): a for a in addresses}
    assert {"/notices/…", "/sessions/…", "…", "/", "/sessions", "/measures"} <= set(alike)
    assert not any("sign" in path or path.endswith("/sent") for path in alike)
    for address in alike.values():
        async with http.get(address, headers={"Accept": "text/html"}) as page:
            assert (page.status, page.content_type) == (200, "text/html"), address


@pytest.mark.parametrize("name", ["all", "municipality", "provider", "maintenance"])
async def test_a_calendar_is_read_whole_by_another_program(story: Story, name: str) -> None:
    answer = await story.visitor().get(f"/api/v1/scheduling/calendars/{name}.ics")
    raw = answer.expect(200).raw
    assert all(len(line) <= 75 for line in raw.split(b"\r\n")) and raw.endswith(b"\r\n")
    assert b"\n" not in raw.replace(b"\r\n", b"")
    read = Calendar.from_ical(raw)
    assert not read.errors and {"VERSION", "PRODID"} <= set(read)
    events: list[Any] = list(read.walk("VEVENT"))
    assert events and len({str(event["UID"]) for event in events}) == len(events)
    for event in events:
        assert not event.errors and {"DTSTAMP", "DTSTART", "SEQUENCE", "SUMMARY"} <= set(event)
        assert event["DTSTAMP"].dt.utcoffset() is not None
        assert type(event["DTSTART"].dt) is type(event["DTEND"].dt)
        assert event["DTSTART"].dt < event["DTEND"].dt
        assert str(event["STATUS"]) in {"CONFIRMED", "TENTATIVE", "CANCELLED"}


async def test_news_are_read_by_another_program_and_lead_to_their_pages(
    stack: Stack, http: aiohttp.ClientSession
) -> None:
    async def read() -> feedparser.FeedParserDict:
        async with http.get(f"{stack.url}/feeds/all.atom") as answer:
            atom = feedparser.parse(await answer.read())
        async with http.get(f"{stack.url}/feeds/all.json") as answer:
            told = await answer.json(content_type="application/feed+json")
        assert (atom.bozo, atom.version) == (False, "atom10")
        assert [e.id for e in atom.entries] == [item["id"] for item in told["items"]]
        return atom

    # Something may come out between the two.
    oldest = (await eventually(read)).entries[-1]
    async with http.get(oldest.link, headers={"Accept": "text/html"}) as page:
        assert page.status == 200 and oldest.title in unescape(await page.text())
