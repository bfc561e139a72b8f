"""Seats: given in the order of arrival, never more than there are, and passed on when somebody leaves."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.database import Connection, UniqueViolation
from chassis.ids import new_id
from chassis.outbox import publish
from chassis.refusal import Conflict, Forbidden
from contracts.scheduling import (
    SessionFact,
    SessionFilled,
    SessionOpened,
    SessionReminded,
    SessionSeatTaken,
    SessionSignedUp,
    SessionSignUpWithdrawn,
    SignUpFact,
)
from contracts.values import OrganisationKind
from services.scheduling.model.session import COMING, Audience, Session, State
from services.scheduling.store import editions, sessions, sign_ups
from services.scheduling.store.sign_ups import SignUp

REMINDED_BEFORE = timedelta(days=1)
#: Who is reminded in one transaction.
_REMINDED_AT_ONCE = 100
_INVITED = {
    Audience.MUNICIPALITY: (OrganisationKind.MUNICIPALITY, "自治体"),
    Audience.PROVIDER: (OrganisationKind.PROVIDER, "決済事業者"),
}


async def sign_up(
    conn: Connection,
    session: Session,
    *,
    organisation_id: UUID,
    organisation_kind: OrganisationKind | None,
    member_id: UUID,
    now: datetime,
) -> SignUp:
    """Take a seat, or a place on the waiting list; the session must be locked."""
    _invited(session, organisation_kind)
    seated = session.takes()
    try:
        async with conn.transaction():
            made = await sign_ups.add_sign_up(
                conn,
                new_id(),
                session.id,
                organisation_id=organisation_id,
                member_id=member_id,
                state="seated" if seated else "waiting",
                at=now,
            )
    except UniqueViolation:
        raise Conflict("signed-up-already", "この会には、もう申し込んでいます。") from None
    counted = await sessions.session_for_update(conn, session.id)
    place = None if seated else counted.waiting
    said = await _say(
        conn, counted, SessionSignedUp, made, now, standing=made.state, place_in_line=place
    )
    await _balance(conn, said, now)
    return made


async def withdraw(conn: Connection, session: Session, found: SignUp, *, now: datetime) -> Session:
    """Leave; whoever waited longest takes the seat. The session must be locked."""
    if found.state == "withdrawn":
        raise Conflict("sign-up-withdrawn", "この申込みは、もう取り消しています。")
    if session.state not in COMING:
        raise Conflict("session-state", "終わった会の申込みは取り消せません。")
    await sign_ups.set_state(conn, found.id, "withdrawn", now)
    counted = await sessions.session_for_update(conn, session.id)
    said = await _say(conn, counted, SessionSignUpWithdrawn, found, now)
    return await fill_up(conn, said, now)


async def fill_up(conn: Connection, session: Session, now: datetime) -> Session:
    """Give free seats to those who wait, in the order they came."""
    while session.state in COMING and session.free != 0 and session.waiting:
        first = await sign_ups.first_waiting(conn, session.id)
        assert first is not None
        await sign_ups.set_state(conn, first.id, "seated", now)
        counted = await sessions.session_for_update(conn, session.id)
        session = await _say(conn, counted, SessionSeatTaken, first, now)
    return await _balance(conn, session, now)


async def remind(conn: Connection, *, now: datetime) -> bool:
    """Remind those with a seat of the session that begins next, a day before; whether there were any."""
    found = await sign_ups.to_remind(conn, now, REMINDED_BEFORE, _REMINDED_AT_ONCE)
    for one in found:
        session = await sessions.session_for_update(conn, one.session_id)
        starts_at = session.programme.when.starts_at
        assert starts_at is not None
        await _say(conn, session, SessionReminded, one, starts_at - REMINDED_BEFORE)
    return bool(found)


async def _balance(conn: Connection, session: Session, now: datetime) -> Session:
    balanced = session.balanced(now)
    if balanced is session:
        return session
    kind: type[SessionFact] = SessionFilled if balanced.state is State.FULL else SessionOpened
    said = balanced.said(now, shown=False)
    await sessions.save_session(conn, said)
    await editions.add_edition(conn, said.id, now)
    publish(conn, kind(**told(said), occurred_at=now))
    return said


async def _say(
    conn: Connection,
    session: Session,
    kind: type[SignUpFact],
    found: SignUp,
    at: datetime,
    **more: Any,
) -> Session:
    said = session.said(at, shown=False)
    await sessions.save_session(conn, said)
    publish(
        conn,
        kind(
            **told(said),
            occurred_at=at,
            sign_up_id=found.id,
            organisation_id=found.organisation_id,
            member_id=found.member_id,
            **more,
        ),
    )
    return said


def told(session: Session) -> dict[str, Any]:
    """What every fact says of a session; the address of an online room is for those with a seat."""
    plan, when = session.programme, session.programme.when
    return {
        "session_id": session.id,
        "revision": session.revision,
        "series": plan.series,
        "fiscal_year": plan.fiscal_year,
        "number": plan.number,
        "title": plan.title,
        "audience": plan.audience,
        "precision": when.precision,
        "first_on": when.first_on,
        "last_on": when.last_on,
        "starts_at": when.starts_at,
        "ends_at": when.ends_at,
        "place": plan.place,
        "online": bool(plan.link),
        "capacity": plan.capacity,
    }


def _invited(session: Session, kind: OrganisationKind | None) -> None:
    invited = _INVITED.get(session.programme.audience)
    if invited and kind is not invited[0]:
        raise Forbidden("not-invited", f"この会に申し込めるのは、{invited[1]}の方だけです。")
