"""A maintenance window is its notice: what scheduling says of it, readers get to read."""

from datetime import datetime

from chassis.database import Connection
from services.content.commands.drafts import amend, begin, discard, rewrite
from services.content.commands.publication import schedule, unschedule
from services.content.model.maintenance import Happening, Window, notice_of
from services.content.model.notice import Amendment, Notice, Origin, State
from services.content.store import notices

_WINDOW = "scheduling"


async def tell(conn: Connection, window: Window, what: Happening, *, at: datetime) -> None:
    """Publish what a window has become.

    Before its notice is up, the notice itself is altered; afterwards an amendment goes up above it. ``at`` is when it
    was said: a notice bears the day of its window's announcement, however late we heard of it.
    """
    earlier = await notices.newest_of_window(conn, window.maintenance_id)
    if earlier is None:
        if what != "cancelled":
            await _announce(conn, window, at)
    elif earlier.state is State.SCHEDULED:
        await _alter(conn, earlier, window, what, at)
    elif what != "announced" and earlier.state is not State.WITHDRAWN:
        await _make_way(conn, earlier, at)
        how = Amendment.CANCELLATION if what == "cancelled" else Amendment.CORRECTION
        draft = await amend(
            conn,
            earlier.id,
            how,
            notice_of(window, what),
            by=_WINDOW,
            now=at,
            origin=Origin.MAINTENANCE,
        )
        await schedule(conn, draft.id, None, None, None, by=_WINDOW, now=at)


async def _make_way(conn: Connection, told: Notice, at: datetime) -> None:
    """An amendment somebody is still writing was about another plan: what the window has become is told now."""
    planned = await notices.planned_amendment(conn, told.id)
    if planned is None:
        return
    if planned.state is State.SCHEDULED:
        await unschedule(conn, planned.id, None, by=_WINDOW, now=at)
    await discard(conn, planned.id, None, by=_WINDOW, now=at)


async def _announce(conn: Connection, window: Window, at: datetime) -> None:
    draft = await begin(
        conn,
        notice_of(window, "announced"),
        by=_WINDOW,
        now=at,
        origin=Origin.MAINTENANCE,
        maintenance_id=window.maintenance_id,
    )
    await schedule(conn, draft.id, window.told_at(at), None, None, by=_WINDOW, now=at)


async def _alter(
    conn: Connection, planned: Notice, window: Window, what: Happening, at: datetime
) -> None:
    """Nobody has read it yet: it says the new plan, or is never seen."""
    await unschedule(conn, planned.id, None, by=_WINDOW, now=at)
    if what == "cancelled":
        await discard(conn, planned.id, None, by=_WINDOW, now=at)
        return
    writing = notice_of(window, "announced")
    await rewrite(conn, planned.id, writing, None, by=_WINDOW, now=at)
    await schedule(conn, planned.id, window.told_at(at), None, None, by=_WINDOW, now=at)
