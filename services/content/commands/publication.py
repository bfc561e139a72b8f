"""Notices go up and come down: at an instant that lies in their row, whoever looks at the clock first."""

from datetime import datetime
from uuid import UUID

from chassis.database import Connection
from chassis.outbox import publish
from chassis.refusal import FieldError, Invalid
from contracts.content import (
    NoticeChanged,
    NoticeEnded,
    NoticeEntry,
    NoticePublished,
    NoticeWithdrawn,
)
from services.content.model.notice import Notice, State
from services.content.model.writing import Writing
from services.content.store import notices, showings

#: Who acts when nobody does.
CLOCK = "clock"


async def schedule(
    conn: Connection,
    notice_id: UUID,
    publish_at: datetime | None,
    take_down_at: datetime | None,
    expected: int | None,
    *,
    by: str,
    now: datetime,
) -> Notice:
    """Pin the newest edition for an instant; without one, or with one that has come, it goes up at once."""
    before = (await notices.notice_for_update(conn, notice_id)).expected(expected)
    at = max(publish_at or now, now)
    after = before.scheduled(at, take_down_at, now)
    await notices.save_notice(conn, after)
    await showings.plan(conn, after.id, after.edition, from_at=at, until_at=take_down_at, now=now)
    await notices.add_step(conn, after, "scheduled", by=by, now=now)
    return after if at > now else await go_up(conn, after, by=by, now=now)


async def unschedule(
    conn: Connection, notice_id: UUID, expected: int | None, *, by: str, now: datetime
) -> Notice:
    """What was to go up is a draft again."""
    before = (await notices.notice_for_update(conn, notice_id)).expected(expected)
    after = before.unscheduled()
    await notices.save_notice(conn, after)
    await showings.unplan(conn, notice_id, now)
    await notices.add_step(conn, before, "unscheduled", by=by, now=now)
    return after


async def act_when_due(conn: Connection, now: datetime) -> bool:
    """Whatever is due next: one notice goes up or comes down. Whether there was one."""
    due = await notices.next_due(conn, now)
    if due is None:
        return False
    if due.state is State.SCHEDULED:
        await go_up(conn, due, by=CLOCK, now=now)
    else:
        await _come_down(conn, due, now)
    return True


async def go_up(conn: Connection, before: Notice, *, by: str, now: datetime) -> Notice:
    """A scheduled notice is on the site, and this is said."""
    after = before.published(now)
    await notices.save_notice(conn, after)
    await notices.add_step(conn, after, "published", by=by, now=now)
    fact = NoticePublished.model_validate(
        {
            **_of(after),
            "notice": await entry_of(conn, after),
            "amends": after.amends_id,
            "amendment": after.amendment,
            "maintenance_id": after.maintenance_id,
        }
    )
    publish(conn, fact)
    return after


async def _come_down(conn: Connection, before: Notice, now: datetime) -> None:
    after = before.ended(now)
    await notices.save_notice(conn, after)
    await notices.add_step(conn, after, "ended", by=CLOCK, now=now)
    publish(conn, NoticeEnded.model_validate(_of(after)))


async def mend(
    conn: Connection,
    notice_id: UUID,
    writing: Writing,
    expected: int | None,
    *,
    by: str,
    now: datetime,
) -> Notice:
    """Other words for a notice on the site; nobody is told again. What misled readers needs a correction."""
    before = (await notices.notice_for_update(conn, notice_id)).expected(expected)
    words = await notices.edition(conn, notice_id, before.pinned or before.edition)
    changed = writing.changed_from(words)
    if "audience" in changed:
        detail = "公開したあとに、対象の方は変えられません。取り下げて、新しく出してください。"
        raise Invalid(
            "audience-fixed", detail, errors=[FieldError("audience", "audience_fixed", detail)]
        )
    after = before.rewritten().changed(now)
    await notices.add_edition(conn, notice_id, after.edition, writing, by=by, now=now)
    await notices.save_notice(conn, after)
    await _stands_from_now(conn, after, now)
    await notices.add_step(conn, after, "changed", by=by, now=now)
    entry = await entry_of(conn, after)
    publish(conn, NoticeChanged.model_validate({**_of(after), "notice": entry, "changed": changed}))
    return after


async def stay_until(
    conn: Connection,
    notice_id: UUID,
    take_down_at: datetime | None,
    expected: int | None,
    *,
    by: str,
    now: datetime,
) -> Notice:
    """A notice on the site comes down at another instant, or not at all by itself."""
    before = (await notices.notice_for_update(conn, notice_id)).expected(expected)
    after = before.until(take_down_at, now).changed(now)
    await notices.save_notice(conn, after)
    await _stands_from_now(conn, after, now)
    await notices.add_step(conn, after, "take_down_moved", by=by, now=now)
    entry = await entry_of(conn, after)
    fact = {**_of(after), "notice": entry, "changed": ("take_down_at",)}
    publish(conn, NoticeChanged.model_validate(fact))
    return after


async def withdraw(
    conn: Connection,
    notice_id: UUID,
    reason: str,
    successor_id: UUID | None,
    expected: int | None,
    *,
    by: str,
    now: datetime,
) -> Notice:
    """Take a notice back; in its place stand the reason and where to go instead."""
    before = (await notices.notice_for_update(conn, notice_id)).expected(expected)
    await _may_succeed(conn, notice_id, successor_id)
    after = before.withdrawn(reason, successor_id, now)
    await notices.save_notice(conn, after)
    await showings.cut(conn, notice_id, now, now)
    await notices.add_step(conn, after, "withdrawn", by=by, now=now, note=reason)
    fact = {**_of(after), "reason": reason, "successor_id": successor_id}
    publish(conn, NoticeWithdrawn.model_validate(fact))
    return after


async def _may_succeed(conn: Connection, notice_id: UUID, successor_id: UUID | None) -> None:
    if successor_id is None:
        return
    successor = await notices.notice(conn, successor_id)
    if successor.state is not State.PUBLISHED or successor_id == notice_id:
        detail = "代わりのお知らせには、いま公開中の別のお知らせを選んでください。"
        errors = [FieldError("successor_id", "successor_unknown", detail)]
        raise Invalid("successor-unknown", detail, errors=errors)


async def _stands_from_now(conn: Connection, after: Notice, now: datetime) -> None:
    await showings.cut(conn, after.id, now, now)
    await showings.plan(
        conn,
        after.id,
        after.pinned or after.edition,
        from_at=now,
        until_at=after.take_down_at,
        now=now,
    )


async def entry_of(conn: Connection, notice: Notice) -> NoticeEntry:
    """A notice as facts carry it."""
    words = await notices.edition(conn, notice.id, notice.pinned or notice.edition)
    return NoticeEntry.model_validate(
        {
            "category": words.category,
            "audience": words.audience,
            "texts": words.said(),
            "links": words.links_said(),
            "published_at": notice.publish_at,
            "take_down_at": notice.take_down_at,
        }
    )


def _of(after: Notice) -> dict[str, object]:
    return {"notice_id": after.id, "revision": after.revision, "occurred_at": after.said_at}
