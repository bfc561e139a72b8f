"""Notices as Atom (RFC 4287) and as JSON Feed 1.1."""

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

_ATOM = "http://www.w3.org/2005/Atom"
_TITLE = "マチポのお知らせ"
CATEGORIES = {
    "maintenance": "保守",
    "document": "資料",
    "list": "一覧",
    "session": "説明会",
    "programme": "制度",
}
AMENDMENTS = {"correction": "訂正", "cancellation": "取りやめ", "completion": "終了"}
_BEGAN = datetime(2022, 9, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Entry:
    """One notice of a feed."""

    id: UUID
    title: str
    body: str
    category: str
    amendment: str | None
    published_at: datetime
    changed_at: datetime

    @property
    def shown_title(self) -> str:
        """With how it amends another in front."""
        how = AMENDMENTS.get(self.amendment or "")
        return f"【{how}】{self.title}" if how else self.title


@dataclass(frozen=True, slots=True)
class Feed:
    """The notices of a category, or all of them."""

    public_url: str
    category: str
    entries: list[Entry]

    @property
    def title(self) -> str:
        """What readers see in their list of feeds."""
        words = CATEGORIES.get(self.category)
        return f"{_TITLE}（{words}）" if words else _TITLE

    def address(self, ending: str) -> str:
        """Where this feed itself is found."""
        return f"{self.public_url}/feeds/{self.category}.{ending}"

    def page_of(self, entry: Entry) -> str:
        """Where a notice is read."""
        return f"{self.public_url}/notices/{entry.id}"


def atom(feed: Feed) -> bytes:
    """The feed as Atom."""
    ET.register_namespace("", _ATOM)
    root = ET.Element(f"{{{_ATOM}}}feed", {"xml:lang": "ja"})
    _add(root, "id", feed.address("atom"))
    _add(root, "title", feed.title)
    _add(root, "updated", max((e.changed_at for e in feed.entries), default=_BEGAN).isoformat())
    _add(root, "link", rel="self", type="application/atom+xml", href=feed.address("atom"))
    _add(root, "link", rel="alternate", type="text/html", href=f"{feed.public_url}/notices")
    _add(_add(root, "author"), "name", "自治体マイナポイント事務局")
    for entry in feed.entries:
        found = _add(root, "entry")
        _add(found, "id", f"urn:uuid:{entry.id}")
        _add(found, "title", entry.shown_title)
        _add(found, "published", entry.published_at.isoformat())
        _add(found, "updated", entry.changed_at.isoformat())
        _add(found, "link", rel="alternate", type="text/html", href=feed.page_of(entry))
        _add(found, "category", term=entry.category, label=CATEGORIES[entry.category])
        _add(found, "content", entry.body or entry.title, type="text")
    content: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return content


def _add(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, f"{{{_ATOM}}}{name}", attributes)
    element.text = text
    return element


def json_feed(feed: Feed) -> dict[str, Any]:
    """The feed as JSON Feed."""
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": f"{feed.public_url}/notices",
        "feed_url": feed.address("json"),
        "language": "ja",
        "authors": [{"name": "自治体マイナポイント事務局"}],
        "items": [_item(feed, entry) for entry in feed.entries],
    }


def _item(feed: Feed, entry: Entry) -> dict[str, Any]:
    return {
        "id": f"urn:uuid:{entry.id}",
        "url": feed.page_of(entry),
        "title": entry.shown_title,
        "content_text": entry.body or entry.title,
        "date_published": entry.published_at.isoformat(),
        "date_modified": entry.changed_at.isoformat(),
        "tags": [CATEGORIES[entry.category]],
    }
