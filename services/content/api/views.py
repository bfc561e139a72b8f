"""Notices as readers get them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from pydantic import BaseModel

from chassis.clock import day_of
from chassis.database import Record
from chassis.web.problems import Problem
from services.content.model.notice import is_new
from services.content.model.text import Block, blocks_of
from services.content.model.writing import LANGUAGES


class NoticeRef(BaseModel):
    """Another notice, and how it amends this one where it does."""

    notice_id: UUID
    title: str
    amendment: str | None = None


class LinkView(BaseModel):
    """Where a notice leads."""

    kind: str
    target: str
    label: str


class NoticeItem(BaseModel):
    """A line of the list of notices."""

    notice_id: UUID
    category: str
    audience: str
    title: str
    #: The language of what is shown, and those there are.
    language: str
    languages: list[str]
    published_at: datetime
    #: The day in Japan.
    published_on: date
    is_new: bool
    #: How it amends another notice, and which.
    amendment: str | None
    amends: NoticeRef | None
    amended_by: NoticeRef | None


class HistoryView(BaseModel):
    """One thing that happened to a notice on the site."""

    at: datetime
    act: str
    note: str


class NoticeView(NoticeItem):
    """A notice in full."""

    body: str
    blocks: list[Block]
    links: list[LinkView]
    take_down_at: datetime | None
    maintenance_id: UUID | None
    history: list[HistoryView]


class NoticePage(BaseModel):
    """A page of notices; ``next`` goes into ``after`` for what follows."""

    #: The day that was asked about, or today.
    as_of: date
    #: Of all that match, on this page or not.
    total: int
    items: list[NoticeItem]
    next: str | None


class WithdrawnProblem(Problem):
    """A notice that is no longer there: since when, why, and what took its place."""

    gone_at: datetime
    reason: str
    successor_id: UUID | None


def item_of(row: Record, language: str, day: date) -> NoticeItem:
    """A row of the site, in a language, as it looks on a day."""
    return NoticeItem.model_validate(_item(row, language, day))


def view_of(row: Record, language: str, day: date, steps: list[Record]) -> NoticeView:
    """A row of the site with everything on its page."""
    body = _text(row["texts"], language)[1].get("body", "")
    return NoticeView.model_validate(
        {
            **_item(row, language, day),
            "body": body,
            "blocks": blocks_of(body),
            "links": orjson.loads(row["links"]),
            "take_down_at": row["take_down_at"],
            "maintenance_id": row["maintenance_id"],
            "history": [
                {"at": step["at"], "act": step["act"], "note": step["note"]}
                for step in steps
                if step["act"] in ("published", "changed", "take_down_moved")
            ],
        }
    )


def _item(row: Record, language: str, day: date) -> dict[str, Any]:
    shown, text = _text(row["texts"], language)
    published_on = day_of(row["publish_at"])
    return {
        "notice_id": row["id"],
        "category": row["category"],
        "audience": row["audience"],
        "title": text["title"],
        "language": shown,
        "languages": [name for name in LANGUAGES if name in orjson.loads(row["texts"])],
        "published_at": row["publish_at"],
        "published_on": published_on,
        "is_new": is_new(published_on, day),
        "amendment": row["amendment"],
        "amends": _ref(row["amends_shown"], row["amends_texts"], language, row["amendment"]),
        "amended_by": _ref(row["amended_by"], row["amended_texts"], language, row["amended_how"]),
    }


def _text(texts: str, language: str) -> tuple[str, dict[str, str]]:
    """The words in a language, in Japanese where it is missing, and which it was."""
    written: dict[str, dict[str, str]] = orjson.loads(texts)
    shown = language if language in written else "ja"
    return shown, written[shown]


def _ref(
    notice_id: UUID | None, texts: str | None, language: str, how: str | None
) -> dict[str, Any] | None:
    if notice_id is None or texts is None:
        return None
    return {"notice_id": notice_id, "title": _text(texts, language)[1]["title"], "amendment": how}
