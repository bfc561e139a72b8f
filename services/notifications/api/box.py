"""The letter box: what was written to the organisation, and to the member or the resident alone."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.database import Connection, Record
from chassis.paging import Page, after_of, cursor_of
from chassis.refusal import Forbidden, NotFound
from chassis.web import Ask, Query, Routes
from services.notifications.api.desk import at_home
from services.notifications.store import letters

routes = Routes("/api/v1/notifications", tag="notifications")
_READERS = {"member", "resident", "client"}


class BoxQuery(Query):
    """Which letters, and how many."""

    after: Annotated[str | None, Field(max_length=200)] = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20
    #: Only those the reader has not read.
    unread: bool = False


class LetterLine(BaseModel):
    """A letter in the list."""

    letter_id: UUID
    subject: str
    #: What kind of letter it is (``registration_returned``).
    template: str
    #: What it is about (``organisation/…``, ``account/…``).
    about: str
    written_at: datetime
    read_at: datetime | None

    @classmethod
    def of(cls, row: Record) -> Self:
        """The line of a stored letter."""
        return cls(**{name: row[name] for name in cls.model_fields})


class LetterView(LetterLine):
    """A letter, to be read. One-time links are in the mail only."""

    language: str
    text: str


class LetterBox(Page[LetterLine]):
    """A page of the letter box, and how many letters in it are unread."""

    unread: int


@routes.get("/letters", kinds=_READERS)
async def letter_box(ask: Ask, conn: Connection, query: BoxQuery) -> LetterBox:
    """The reader's letter box, newest first."""
    member_id, organisation_id = _reader_id(ask), ask.principal.organisation_id
    cursor = after_of(query.after, int)
    rows = await letters.letters_in_box(
        conn,
        organisation_id,
        member_id,
        unread=query.unread,
        before=int(cursor[0]) if cursor else None,
        limit=query.limit + 1,
    )
    shown = rows[: query.limit]
    return LetterBox(
        items=[LetterLine.of(row) for row in shown],
        next=cursor_of(shown[-1]["number"]) if len(rows) > query.limit else None,
        unread=await letters.unread_in_box(conn, organisation_id, member_id),
    )


@routes.get("/letters/{letter_id}", kinds=_READERS)
async def letter(ask: Ask, conn: Connection, letter_id: UUID) -> LetterView:
    """One letter of the reader's box."""
    return LetterView.of(await _own_letter(ask, conn, letter_id))


@routes.post("/letters/{letter_id}/read", kinds=_READERS)
async def read_letter(ask: Ask, conn: Connection, letter_id: UUID) -> LetterView:
    """Remember that the reader has read a letter; the first time counts."""
    await _own_letter(ask, conn, letter_id)
    await letters.mark_read(conn, letter_id, _reader_id(ask), ask.now)
    return LetterView.of(await _own_letter(ask, conn, letter_id))


async def _own_letter(ask: Ask, conn: Connection, letter_id: UUID) -> Record:
    row = await letters.letter(conn, letter_id, _reader_id(ask))
    if row is None or not letters.box_of(row).opens_for(ask.principal):
        raise NotFound("no-such-letter", "このお知らせは見つかりません。")
    return row


def _reader_id(ask: Ask) -> UUID:
    if ask.principal.kind == "client":
        raise Forbidden("members-only", "お知らせは、ログインした方だけが読めます。")
    at_home(ask)
    return UUID(ask.principal.subject)
