"""Notices as their editors see them."""

from datetime import datetime
from uuid import UUID

import orjson
from pydantic import BaseModel

from chassis.database import Record
from services.content.model.notice import Notice
from services.content.model.text import Block, blocks_of
from services.content.model.writing import LANGUAGES, Writing


class DeskItem(BaseModel):
    """A line of the desk."""

    notice_id: UUID
    state: str
    origin: str
    category: str
    audience: str
    title: str
    languages: list[str]
    publish_at: datetime | None
    take_down_at: datetime | None
    amends_id: UUID | None
    amendment: str | None
    version: int
    created_at: datetime


class StepView(BaseModel):
    """One thing somebody did."""

    at: datetime
    act: str
    actor: str
    edition: int
    note: str


class DeskNotice(BaseModel):
    """A notice with everything an editor may want to know."""

    notice_id: UUID
    state: str
    origin: str
    version: int
    #: Which edition these words are, and which one goes live or is.
    edition: int
    pinned: int | None
    writing: Writing
    #: What readers will see, by language.
    preview: dict[str, list[Block]]
    missing_languages: list[str]
    publish_at: datetime | None
    take_down_at: datetime | None
    withdrawn_at: datetime | None
    withdrawn_reason: str | None
    successor_id: UUID | None
    amends_id: UUID | None
    amendment: str | None
    maintenance_id: UUID | None
    steps: list[StepView]


def desk_item(row: Record) -> DeskItem:
    """A row of the desk."""
    texts = orjson.loads(row["texts"])
    kept = {name: row[name] for name in DeskItem.model_fields if name in row}
    more = {"notice_id": row["id"], "title": texts["ja"]["title"], "languages": [*texts]}
    return DeskItem.model_validate({**kept, **more})


def desk_notice(shown: Notice, words: Writing, steps: list[Record]) -> DeskNotice:
    """A notice with its words and history."""
    written = {name: text for name in LANGUAGES if (text := getattr(words.texts, name))}
    return DeskNotice(
        notice_id=shown.id,
        state=shown.state,
        origin=shown.origin,
        version=shown.version,
        edition=shown.pinned or shown.edition,
        pinned=shown.pinned,
        writing=words,
        preview={name: blocks_of(text.body) for name, text in written.items()},
        missing_languages=[name for name in LANGUAGES if name not in written],
        publish_at=shown.publish_at,
        take_down_at=shown.take_down_at,
        withdrawn_at=shown.withdrawn_at,
        withdrawn_reason=shown.withdrawn_reason,
        successor_id=shown.successor_id,
        amends_id=shown.amends_id,
        amendment=shown.amendment,
        maintenance_id=shown.maintenance_id,
        steps=[StepView.model_validate(dict(step)) for step in steps],
    )
