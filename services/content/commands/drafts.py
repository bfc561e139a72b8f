"""Notices before they are on the site: written, rewritten, amended, thrown away."""

from datetime import datetime
from uuid import UUID

from chassis.database import Connection
from chassis.ids import new_id
from chassis.refusal import Conflict, FieldError, Invalid
from services.content.model.notice import Amendment, Notice, Origin, State
from services.content.model.writing import Writing
from services.content.store import notices

_AMENDABLE = frozenset({State.PUBLISHED, State.ENDED})


async def begin(
    conn: Connection,
    writing: Writing,
    *,
    by: str,
    now: datetime,
    origin: Origin = Origin.EDITOR,
    maintenance_id: UUID | None = None,
) -> Notice:
    """A new draft."""
    new = Notice(id=new_id(), created_at=now, origin=origin, maintenance_id=maintenance_id)
    return await _add(conn, new, writing, by, now)


async def amend(
    conn: Connection,
    original_id: UUID,
    how: Amendment,
    writing: Writing | None,
    *,
    by: str,
    now: datetime,
    origin: Origin = Origin.EDITOR,
) -> Notice:
    """A draft that amends a notice readers have seen; without words of its own it begins with theirs."""
    original = await notices.notice_for_update(conn, original_id)
    if original.state not in _AMENDABLE or original.pinned is None:
        detail = "訂正できるのは、公開したお知らせだけです。"
        raise Conflict("notice-state", detail)
    before = await notices.edition(conn, original_id, original.pinned)
    new = Notice(
        id=new_id(),
        created_at=now,
        origin=origin,
        amends_id=original_id,
        amendment=how,
        maintenance_id=original.maintenance_id,
    )
    words = writing or before
    same_readers(words, before)
    return await _add(conn, new, words, by, now)


def same_readers(words: Writing, before: Writing) -> None:
    """A correction is for those who read what it corrects, and for nobody else."""
    if words.audience is not before.audience:
        detail = "訂正は、もとのお知らせと同じ方に向けて出します。対象を変えないでください。"
        errors = [FieldError("audience", "amendment_audience", detail)]
        raise Invalid("amendment-audience", detail, errors=errors)


async def rewrite(
    conn: Connection,
    notice_id: UUID,
    writing: Writing,
    expected: int | None,
    *,
    by: str,
    now: datetime,
) -> Notice:
    """A draft with other words."""
    before = (await notices.notice_for_update(conn, notice_id)).expected(expected)
    if before.state is not State.DRAFT:
        detail = "書き直せるのは下書きだけです。公開中のお知らせは、修正か訂正を選んでください。"
        raise Conflict("notice-state", detail)
    if before.amends_id is not None:
        same_readers(writing, await notices.edition(conn, notice_id, 1))
    after = before.rewritten()
    await notices.add_edition(conn, notice_id, after.edition, writing, by=by, now=now)
    await notices.save_notice(conn, after)
    return after


async def discard(
    conn: Connection, notice_id: UUID, expected: int | None, *, by: str, now: datetime
) -> None:
    """A draft nobody needs."""
    before = (await notices.notice_for_update(conn, notice_id)).expected(expected)
    after = before.discarded()
    await notices.save_notice(conn, after)
    await notices.add_step(conn, after, "discarded", by=by, now=now)


async def _add(conn: Connection, new: Notice, writing: Writing, by: str, now: datetime) -> Notice:
    await notices.add_notice(conn, new)
    await notices.add_edition(conn, new.id, 1, writing, by=by, now=now)
    await notices.add_step(conn, new, "written", by=by, now=now)
    return new
