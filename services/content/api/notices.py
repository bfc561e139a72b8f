"""Notices as everybody, and as members, may read them."""

from datetime import timedelta
from uuid import UUID

from chassis.clock import day_of
from chassis.database import Connection
from chassis.paging import cursor_of
from chassis.refusal import NotFound
from chassis.web import Answer, Ask, Routes
from chassis.web.problems import MEDIA_TYPE
from services.content.api.asked import (
    LanguageQuery,
    NoticesQuery,
    audiences_of,
    moment_of,
    wanted_of,
)
from services.content.api.views import (
    NoticePage,
    NoticeView,
    WithdrawnProblem,
    item_of,
    view_of,
)
from services.content.model.audience import Audience
from services.content.model.notice import Notice, State
from services.content.store import notices, showings
from services.content.store.showings import Wanted

routes = Routes("/api/v1/content", tag="content")
PUBLIC = (Audience.PUBLIC.value,)
#: May be kept by anybody who asks again before using it …
_SHARED = {"Cache-Control": "public, no-cache"}
#: … but not over an instant at which the site changes by itself.
_NOT_KEPT = {"Cache-Control": "no-store"}
#: Longer than the gateway keeps an answer.
_KEPT_FOR = timedelta(seconds=45)


@routes.get("/notices", public=True, answers=NoticePage)
async def list_notices(ask: Ask, conn: Connection, query: NoticesQuery) -> Answer:
    """Notices for everybody, the newest first."""
    headers = await how_long(conn, ask)
    page = await page_of(conn, query, ask, wanted_of(query, ask, PUBLIC))
    return Answer(page, headers=headers)


@routes.get("/own/notices")
async def list_own_notices(ask: Ask, conn: Connection, query: NoticesQuery) -> NoticePage:
    """Notices for everybody and for the organisation of the one who asks."""
    return await page_of(conn, query, ask, wanted_of(query, ask, audiences_of(ask)))


@routes.get("/notices/{notice_id}", public=True, answers=NoticeView)
async def show_notice(ask: Ask, conn: Connection, notice_id: UUID, query: LanguageQuery) -> Answer:
    """One notice; of one that is gone: since when, why, and what took its place."""
    headers = await how_long(conn, ask)
    answer = await _one(ask, conn, notice_id, query, PUBLIC)
    return Answer(answer.body, answer.status, content_type=answer.content_type, headers=headers)


@routes.get("/own/notices/{notice_id}", answers=NoticeView)
async def show_own_notice(
    ask: Ask, conn: Connection, notice_id: UUID, query: LanguageQuery
) -> Answer:
    """One notice for the organisation of the one who asks."""
    return await _one(ask, conn, notice_id, query, audiences_of(ask))


async def page_of(conn: Connection, query: NoticesQuery, ask: Ask, wanted: Wanted) -> NoticePage:
    """A page of what stands on the site at an instant."""
    rows = await showings.page(conn, wanted)
    day, shown = day_of(wanted.moment.at), rows[: wanted.limit]
    more = len(rows) > wanted.limit
    last = shown[-1] if shown else None
    return NoticePage(
        as_of=query.as_of or day,
        total=rows[0]["total"] if rows else 0,
        items=[item_of(row, query.language, day) for row in shown],
        next=cursor_of(last["publish_at"].isoformat(), str(last["id"])) if more and last else None,
    )


async def how_long(conn: Connection, ask: Ask) -> dict[str, str]:
    """How an answer about the present may be kept: not over the next instant at which something is due.

    Asked before the answer is made: what the job has done in between would no longer be due, and yet be missing.
    """
    change = await showings.next_change(conn, ask.now)
    return _NOT_KEPT if change and change <= ask.now + _KEPT_FOR else _SHARED


async def _one(
    ask: Ask, conn: Connection, notice_id: UUID, query: LanguageQuery, audiences: tuple[str, ...]
) -> Answer:
    moment = moment_of(query, ask)
    row = await showings.one(conn, moment, audiences, notice_id)
    if row is None:
        return await _gone(conn, notice_id, audiences)
    steps = await notices.steps_of(conn, notice_id)
    return Answer(view_of(row, query.language, day_of(moment.at), steps))


async def _gone(conn: Connection, notice_id: UUID, audiences: tuple[str, ...]) -> Answer:
    found = await notices.notice(conn, notice_id)
    words = await notices.edition(conn, notice_id, found.pinned or found.edition)
    if words.audience.value not in audiences or found.state not in (State.ENDED, State.WITHDRAWN):
        raise NotFound("notice-unknown", "このお知らせは見つかりません。")
    return Answer(_problem(found), status=410, content_type=MEDIA_TYPE)


def _problem(found: Notice) -> WithdrawnProblem:
    withdrawn = found.state is State.WITHDRAWN
    reason = found.withdrawn_reason if withdrawn else "掲載の期間が終わりました。"
    return WithdrawnProblem(
        type="/problems/notice-gone",
        title="すでに終了しています",
        status=410,
        code="notice-withdrawn" if withdrawn else "notice-ended",
        detail="このお知らせは取り下げました。"
        if withdrawn
        else "このお知らせの掲載は終わりました。",
        gone_at=found.withdrawn_at or found.take_down_at or found.created_at,
        reason=reason or "",
        successor_id=found.successor_id,
    )
