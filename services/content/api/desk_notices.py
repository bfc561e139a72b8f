"""Notices on the desk of the secretariat: written, scheduled, amended, mended, withdrawn."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, StringConstraints

from chassis.database import Connection
from chassis.paging import Page, after_of, cursor_of
from chassis.web import Answer, Ask, Body, Query, Routes
from services.content.api.desk_views import DeskItem, DeskNotice, desk_item, desk_notice
from services.content.api.roles import SECRETARIAT, WRITERS
from services.content.commands import drafts, publication
from services.content.model.notice import Amendment, Notice, State
from services.content.model.text import one_line
from services.content.model.writing import Writing
from services.content.store import notices

routes = Routes("/api/v1/content/desk", tag="content")
Instant = Annotated[AwareDatetime, Field(strict=False)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=300), AfterValidator(one_line)]


class WritingBody(Writing, Body):
    """Everything a notice says."""


class ScheduleBody(Body):
    """When it goes up (at once without it) and comes down (never by itself without it)."""

    publish_at: Instant | None = None
    take_down_at: Instant | None = None


class TakeDownBody(Body):
    """When it comes down; never by itself without it."""

    take_down_at: Instant | None


class WithdrawBody(Body):
    """Why it is taken back, in words readers find in its place, and which notice took its place."""

    reason: Reason
    successor_id: Annotated[UUID, Field(strict=False)] | None = None


class NothingBody(Body):
    """Nothing more to say."""


class DeskQuery(Query):
    """A page of the desk."""

    state: State | None = None
    after: Annotated[str, StringConstraints(max_length=200)] | None = None
    limit: int = Field(default=20, ge=1, le=100)


class DeskPage(Page[DeskItem]):
    """A page of notices on the desk, drafts included."""


_READING = {"organisation": SECRETARIAT}
_WRITING = {"organisation": SECRETARIAT, "roles": WRITERS}
_CHANGING = {**_WRITING, "if_match": True, "answers": DeskNotice}


@routes.get("/notices", **_READING)
async def list_desk(conn: Connection, query: DeskQuery) -> DeskPage:
    """Notices in every state, those begun last first."""
    wanted = [query.state] if query.state else [s for s in State if s is not State.DISCARDED]
    rows = await notices.on_the_desk(
        conn, [s.value for s in wanted], after_of(query.after, UUID), query.limit + 1
    )
    shown, more = rows[: query.limit], len(rows) > query.limit
    following = cursor_of(str(shown[-1]["id"])) if more else None
    return DeskPage(items=[desk_item(row) for row in shown], next=following)


@routes.post("/notices", **_WRITING, status=201, answers=DeskNotice)
async def write_notice(ask: Ask, conn: Connection, body: WritingBody) -> Answer:
    """Begin a notice as a draft."""
    new = await drafts.begin(conn, body, by=str(ask.principal), now=ask.now)
    return await _answer(conn, new)


@routes.get("/notices/{notice_id}", **_READING, answers=DeskNotice)
async def show_desk_notice(conn: Connection, notice_id: UUID) -> Answer:
    """One notice with its words, its preview and everything that was done with it."""
    return await _answer(conn, await notices.notice(conn, notice_id))


@routes.put("/notices/{notice_id}", **_CHANGING)
async def rewrite_notice(ask: Ask, conn: Connection, notice_id: UUID, body: WritingBody) -> Answer:
    """Other words: of a draft as often as wanted, of a notice on the site without telling anybody again."""
    before = await notices.notice(conn, notice_id)
    act = publication.mend if before.state is State.PUBLISHED else drafts.rewrite
    after = await act(conn, notice_id, body, ask.if_match, by=str(ask.principal), now=ask.now)
    return await _answer(conn, after)


@routes.delete("/notices/{notice_id}", **_WRITING, if_match=True)
async def discard_notice(ask: Ask, conn: Connection, notice_id: UUID) -> None:
    """Throw a draft away."""
    await drafts.discard(conn, notice_id, ask.if_match, by=str(ask.principal), now=ask.now)


@routes.post("/notices/{notice_id}/schedule", **_CHANGING)
async def schedule_notice(
    ask: Ask, conn: Connection, notice_id: UUID, body: ScheduleBody
) -> Answer:
    """Publish the newest edition, now or at an instant."""
    after = await publication.schedule(
        conn,
        notice_id,
        body.publish_at,
        body.take_down_at,
        ask.if_match,
        by=str(ask.principal),
        now=ask.now,
    )
    return await _answer(conn, after)


@routes.post("/notices/{notice_id}/unschedule", **_CHANGING)
async def unschedule_notice(
    ask: Ask, conn: Connection, notice_id: UUID, body: NothingBody
) -> Answer:
    """Make a scheduled notice a draft again."""
    after = await publication.unschedule(
        conn, notice_id, ask.if_match, by=str(ask.principal), now=ask.now
    )
    return await _answer(conn, after)


@routes.post("/notices/{notice_id}/take-down", **_CHANGING)
async def move_take_down(ask: Ask, conn: Connection, notice_id: UUID, body: TakeDownBody) -> Answer:
    """Move the instant at which a notice on the site comes down."""
    until: datetime | None = body.take_down_at
    after = await publication.stay_until(
        conn, notice_id, until, ask.if_match, by=str(ask.principal), now=ask.now
    )
    return await _answer(conn, after)


@routes.post("/notices/{notice_id}/withdraw", **_CHANGING)
async def withdraw_notice(
    ask: Ask, conn: Connection, notice_id: UUID, body: WithdrawBody
) -> Answer:
    """Take a notice back."""
    after = await publication.withdraw(
        conn,
        notice_id,
        body.reason,
        body.successor_id,
        ask.if_match,
        by=str(ask.principal),
        now=ask.now,
    )
    return await _answer(conn, after)


@routes.post("/notices/{notice_id}/amendments", **_WRITING, status=201, answers=DeskNotice)
async def amend_notice(ask: Ask, conn: Connection, notice_id: UUID, body: NothingBody) -> Answer:
    """Begin a correction of a notice; it will reach exactly those who were told."""
    by = str(ask.principal)
    new = await drafts.amend(conn, notice_id, Amendment.CORRECTION, None, by=by, now=ask.now)
    return await _answer(conn, new)


async def _answer(conn: Connection, shown: Notice) -> Answer:
    words = await notices.edition(conn, shown.id, shown.pinned or shown.edition)
    view: BaseModel = desk_notice(shown, words, await notices.steps_of(conn, shown.id))
    return Answer(view, etag=str(shown.version))
