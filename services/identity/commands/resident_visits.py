"""Sessions of residents: opened by card, exchanged for short tokens, ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from chassis.database import Connection
from chassis.ids import new_id
from chassis.outbox import AuditRow, remember
from chassis.refusal import Forbidden
from contracts.principal import Principal
from contracts.values import OrganisationKind
from services.identity.commands import visiting
from services.identity.commands.cards import Reading, lock
from services.identity.commands.endings import say_ended
from services.identity.commands.office import Office
from services.identity.commands.residents import holder_of
from services.identity.model.assertions import AT_THE_DOOR, Challenge, Purpose, Shown, check
from services.identity.model.links import hash_of, new_token
from services.identity.model.residents import (
    DESK_LASTS,
    Desk,
    EndReason,
    Resident,
    ResidentSession,
    person_over,
)
from services.identity.model.sessions import SessionState
from services.identity.store import cards, resident_sessions

#: The value of a resident's cookie begins so; a member's never does.
MARK = "r."


@dataclass(frozen=True, slots=True)
class OpenedForResident:
    """A session and the value of its cookie, told once."""

    session: ResidentSession
    value: str


@dataclass(frozen=True, slots=True)
class ResidentVisit:
    """A living session with its resident."""

    session: ResidentSession
    resident: Resident


def idle_after(office: Office) -> timedelta:
    """How long a session at home lives without anybody there."""
    return timedelta(minutes=office.terms.resident_idle_minutes)


async def sign_in(
    conn: Connection, office: Office, reading: Reading, *, now: datetime
) -> OpenedForResident:
    """Open a session at home for the person whose card was read."""
    await _answered(conn, office, reading, Purpose.SIGN_IN, None, now)
    resident = await holder_of(conn, reading, now=now)
    ends_at = now + timedelta(hours=office.terms.resident_hours)
    return await _opened(conn, resident, ends_at, None, now)


async def start_at_desk(
    conn: Connection,
    office: Office,
    reading: Reading,
    *,
    staff_value: str,
    terminal: str,
    now: datetime,
) -> OpenedForResident:
    """Begin with the person whose card was read; whoever was before at this terminal is done."""
    staff = await visiting.visit(conn, office, staff_value, now=now)
    is_open = staff.session.state is SessionState.OPEN
    if not is_open or staff.account.organisation_kind is not OrganisationKind.MUNICIPALITY:
        raise Forbidden("desk-staff-only", "支援窓口は、自治体の職員の方だけが開けます。")
    challenge = await _answered(conn, office, reading, Purpose.DESK, staff.session.id, now)
    if challenge.target != terminal:
        raise Forbidden(
            "card-other-session", "別の端末で始めた読み取りです。もう一度読み取ってください。"
        )
    resident = await holder_of(conn, reading, now=now)
    desk = Desk(new_id(), terminal, staff.account.id, staff.member.id, staff.session.id)
    before = await resident_sessions.end_sessions(
        conn,
        EndReason.NEXT_PERSON,
        now,
        staff_session_id=staff.session.id,
        terminal=(staff.account.id, terminal),
    )
    await say_ended(conn, before, EndReason.NEXT_PERSON, now)
    await visiting.still_there(conn, staff, now=now)
    return await _opened(conn, resident, now + DESK_LASTS, desk, now)


async def _answered(
    conn: Connection,
    office: Office,
    reading: Reading,
    purpose: Purpose,
    session_id: UUID | None,
    now: datetime,
) -> Challenge:
    challenge = await lock(conn, reading)
    if challenge.purpose is not purpose or challenge.session_id != session_id:
        raise Forbidden(
            "card-other-session",
            "別の手続きのための読み取りです。この画面からもう一度読み取ってください。",
        )
    check(Shown(challenge, None, None, idle_after(office), now), AT_THE_DOOR)
    await cards.use_challenge(conn, challenge.id, reading.digest, now)
    return challenge


async def _opened(
    conn: Connection, resident: Resident, ends_at: datetime, desk: Desk | None, now: datetime
) -> OpenedForResident:
    session = ResidentSession(new_id(), resident.id, now, now, ends_at, desk)
    value = MARK + new_token()
    await resident_sessions.add_session(conn, session, hash_of(value))
    organisation = str(desk.account_id) if desk else None
    actor = f"resident/{resident.id}"
    remember(conn, answer=None, audit=AuditRow(actor, organisation, "identity.sign_in_by_card"))
    return OpenedForResident(session, value)


async def visit(conn: Connection, office: Office, value: str, *, now: datetime) -> ResidentVisit:
    """Whom the value of a cookie speaks for now."""
    found = await resident_sessions.visitor(conn, hash_of(value))
    if found is None:
        raise person_over()
    session, resident, helped = found
    if not session.alive(now, idle_after(office)) or resident.closed_at or not helped:
        raise person_over()
    return ResidentVisit(session, resident)


async def still_there(conn: Connection, seen: ResidentVisit, *, now: datetime) -> None:
    """Note that the session is in use: at a desk each time, at home twice a minute at most."""
    pause = timedelta(seconds=1 if seen.session.desk else 30)
    if now - seen.session.last_seen_at >= pause:
        await resident_sessions.see_session(conn, seen.session.id, now)


def token_for(office: Office, seen: ResidentVisit, *, now: datetime) -> tuple[str, datetime]:
    """A token that speaks for the resident for a minute at most, and its end."""
    principal = Principal(
        kind="resident",
        subject=str(seen.resident.id),
        session_id=seen.session.id,
        amr=("card",),
        desk_id=seen.session.desk.id if seen.session.desk else None,
    )
    end = seen.session.idle_until(idle_after(office))
    seconds = min(office.terms.token_seconds, max(1, int((end - now).total_seconds())))
    return office.keys.sign(principal, seconds=seconds), now + timedelta(seconds=seconds)


async def end_by_value(conn: Connection, value: str, reason: EndReason, *, now: datetime) -> None:
    """End the session; what has ended already may be ended again."""
    found = await resident_sessions.visitor(conn, hash_of(value))
    if found is not None:
        await end(conn, found[0].id, reason, now=now)


async def end(conn: Connection, session_id: UUID, reason: EndReason, *, now: datetime) -> None:
    """End one session of a resident."""
    ended = await resident_sessions.end_sessions(conn, reason, now, session_id=session_id)
    await say_ended(conn, ended, reason, now)


async def end_others(conn: Connection, resident_id: UUID, here: UUID, *, now: datetime) -> None:
    """End every session of a resident but one, at home or at a desk."""
    reason = EndReason.SIGNED_OUT
    ended = await resident_sessions.end_sessions(
        conn, reason, now, resident_id=resident_id, spare=here
    )
    await say_ended(conn, ended, reason, now)


async def end_timed_out(
    conn: Connection, office: Office, *, now: datetime, limit: int = 200
) -> int:
    """End what time has ended; answers how many."""
    over = await resident_sessions.sessions_over(conn, now - idle_after(office), now, limit)
    for session in over:
        await end(conn, session.id, session.end_reason(now), now=now)
    return len(over)
