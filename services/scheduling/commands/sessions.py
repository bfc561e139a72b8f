"""Sessions are planned, published, changed, cancelled; they open, close and are held by themselves."""

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Connection, UniqueViolation
from chassis.ids import new_id
from chassis.outbox import publish
from chassis.refusal import Conflict
from contracts.scheduling import (
    SessionArchived,
    SessionCancelled,
    SessionChanged,
    SessionClosed,
    SessionCorrected,
    SessionFact,
    SessionFilled,
    SessionHeld,
    SessionMaterialAdded,
    SessionOpened,
    SessionPublished,
)
from services.scheduling.commands import seats
from services.scheduling.model.session import Programme, Session, State, nothing_changed
from services.scheduling.store import editions, sessions

_FACTS: dict[State, type[SessionFact]] = {
    State.PUBLISHED: SessionPublished,
    State.REGISTRATION_OPEN: SessionOpened,
    State.FULL: SessionFilled,
    State.CLOSED: SessionClosed,
    State.HELD: SessionHeld,
    State.ARCHIVED: SessionArchived,
}
#: States that a calendar shows otherwise than the one before.
_SHOWN = frozenset({State.PUBLISHED, State.CANCELLED})


async def draft(
    conn: Connection, programme: Programme, *, now: datetime, session_id: UUID | None = None
) -> Session:
    """Plan a session; nobody outside reads of it yet."""
    made = Session(session_id or new_id(), programme, State.DRAFT, now, None, 0, 1, 0)
    try:
        async with conn.transaction():
            await sessions.add_session(conn, made)
    except UniqueViolation:
        raise _number_taken() from None
    return made


async def plan(
    conn: Connection,
    session_id: UUID,
    programme: Programme,
    *,
    note: str,
    version: int | None,
    now: datetime,
) -> Session:
    """Plan it otherwise; who reads of it already is told."""
    before = await as_of(conn, session_id, now, version=version)
    changed = before.programme.differences(programme)
    if not changed:
        raise nothing_changed()
    after = before.planned(programme)
    if before.state is State.DRAFT:
        await _save(conn, after)
        return after
    said = await _say(conn, after, SessionChanged, now, shown=True, changed=changed, note=note)
    return await seats.fill_up(conn, said, now)


async def publish_session(
    conn: Connection, session_id: UUID, *, version: int | None, now: datetime
) -> Session:
    """Let everybody read of it."""
    before = (await sessions.session_for_update(conn, session_id)).expected(version)
    return await _enter(conn, before.published(now), now)


async def cancel(
    conn: Connection, session_id: UUID, *, note: str, version: int | None, now: datetime
) -> Session:
    """Say that it does not take place."""
    before = await as_of(conn, session_id, now, version=version)
    return await _say(conn, before.cancelled(now), SessionCancelled, now, shown=True, note=note)


async def archive(
    conn: Connection, session_id: UUID, *, version: int | None, now: datetime
) -> Session:
    """Put it among the old ones."""
    before = await as_of(conn, session_id, now, version=version)
    return await _enter(conn, before.archived(now), now)


async def correct(
    conn: Connection, session_id: UUID, *, note: str, by: str, now: datetime
) -> Session:
    """Say what was wrong about a session that is over; what was said stays beside it."""
    before = await as_of(conn, session_id, now)
    if not before.is_over():
        raise Conflict("session-state", "訂正を加えられるのは、終わった会だけです。")
    await sessions.add_correction(conn, session_id, note=note, actor=by, at=now)
    return await _say(conn, before, SessionCorrected, now, note=note)


async def add_material(
    conn: Connection, session_id: UUID, *, title: str, audience: str, address: str, now: datetime
) -> UUID:
    """Put a paper to it, also after it was held."""
    before = await as_of(conn, session_id, now)
    if before.state in (State.DRAFT, State.CANCELLED):
        raise Conflict("session-state", "資料を加えられるのは、公開した会だけです。")
    material_id = new_id()
    await sessions.add_material(
        conn, material_id, session_id, title=title, audience=audience, address=address, at=now
    )
    await _say(
        conn,
        before,
        SessionMaterialAdded,
        now,
        material_id=material_id,
        material_title=title,
        material_audience=audience,
    )
    return material_id


async def turn(conn: Connection, *, now: datetime) -> Session | None:
    """Let the session whose time has come go on, as of its own instant; None when none is due."""
    found = await sessions.due_for_update(conn, now)
    return await _turned(conn, found, now) if found else None


async def as_of(
    conn: Connection, session_id: UUID, now: datetime, *, version: int | None = None
) -> Session:
    """A session, locked, as it stands at ``now``, also where the job has not come by yet."""
    found = (await sessions.session_for_update(conn, session_id)).expected(version)
    while found.due(now):
        found = await _turned(conn, found, now)
    return found


async def _turned(conn: Connection, found: Session, now: datetime) -> Session:
    due = found.due(now)
    assert due is not None
    state, at = due
    return await _enter(conn, found.moved(state, at), max(at, found.state_since))


async def _enter(conn: Connection, moved: Session, at: datetime) -> Session:
    return await _say(conn, moved, _FACTS[moved.state], at, shown=moved.state in _SHOWN)


async def _say(
    conn: Connection,
    session: Session,
    kind: type[SessionFact],
    at: datetime,
    *,
    shown: bool = False,
    **more: Any,
) -> Session:
    said = session.said(at, shown=shown)
    await _save(conn, said)
    await editions.add_edition(conn, said.id, at)
    publish(conn, kind(**seats.told(said), occurred_at=at, **more))
    return said


async def _save(conn: Connection, session: Session) -> None:
    try:
        async with conn.transaction():
            await sessions.save_session(conn, session)
    except UniqueViolation:
        raise _number_taken() from None


def _number_taken() -> Conflict:
    return Conflict(
        "session-number-taken", "この回は、同じ年度にもうあります。回数を確かめてください。"
    )
