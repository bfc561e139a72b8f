"""Sessions and clients that end, refused everywhere from the same commit on."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from chassis.database import Connection
from chassis.ended import refuse
from chassis.outbox import publish
from contracts.identity import SessionEnded
from services.identity.model.residents import EndReason
from services.identity.store import resident_sessions, sessions


async def end_sessions_of_member(
    conn: Connection, member_id: UUID, reason: str, now: datetime, *, spare: UUID | None = None
) -> int:
    """End all sessions of a member but ``spare``; answers how many."""
    ended = await sessions.end_sessions(conn, reason, now, member_id=member_id, spare=spare)
    await say_ended(conn, ended, reason, now)
    return len(ended)


async def end_sessions_of_account(
    conn: Connection, account_id: UUID, reason: str, now: datetime
) -> None:
    """End all sessions of an organisation's members."""
    ended = await sessions.end_sessions(conn, reason, now, account_id=account_id)
    await say_ended(conn, ended, reason, now)


async def end_session(conn: Connection, session_id: UUID, reason: str, now: datetime) -> None:
    """End one session."""
    ended = await sessions.end_sessions(conn, reason, now, session_id=session_id)
    await say_ended(conn, ended, reason, now)


async def say_ended(conn: Connection, ended: Iterable[UUID], reason: str, now: datetime) -> None:
    """Say of each session that it is over, and refuse its tokens here at once.

    Whoever was being helped in a session of staff that ended is done, too.
    """
    waiting = [(session_id, reason) for session_id in ended]
    while waiting:
        session_id, why = waiting.pop()
        await refuse(conn, session_id)
        publish(conn, SessionEnded(session_id=session_id, revision=1, occurred_at=now, reason=why))
        beside = await resident_sessions.end_sessions(
            conn, EndReason.STAFF_LEFT, now, staff_session_id=session_id
        )
        waiting += [(helped, EndReason.STAFF_LEFT) for helped in beside]
