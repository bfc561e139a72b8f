"""Sessions in use: exchanged for short tokens, listed, ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from chassis.database import Connection, Pool, transaction
from chassis.refusal import NotFound
from contracts.principal import Principal
from services.identity.commands.endings import end_session, end_sessions_of_member, say_ended
from services.identity.commands.office import Office
from services.identity.model.accounts import Account
from services.identity.model.links import hash_of
from services.identity.model.members import Member
from services.identity.model.sessions import Session, SessionState, session_over
from services.identity.model.tries import admitted, key_of, too_many
from services.identity.store import sessions, visitors


@dataclass(frozen=True, slots=True)
class Visit:
    """A living session with the person and the organisation behind it."""

    session: Session
    member: Member
    account: Account
    registration: str


async def visit(conn: Connection, office: Office, value: str, *, now: datetime) -> Visit:
    """Whom the value of a cookie speaks for now."""
    found = await visitors.visitor(conn, hash_of(value))
    if found is None:
        raise session_over()
    session, member, account, registration = found
    waits = session.state is SessionState.SECOND_FACTOR
    if waits or not session.alive(office.terms, now) or not account.usable:
        raise session_over()
    return Visit(session, member, account, registration)


def token_for(office: Office, seen: Visit, *, now: datetime) -> tuple[str, datetime]:
    """A token that speaks for the member for a minute at most, and its end.

    Before the second factor is set up it carries neither organisation nor roles, and so opens nothing but that.
    """
    is_open = seen.session.state is SessionState.OPEN
    principal = Principal(
        kind="member",
        subject=str(seen.member.id),
        organisation_id=seen.account.id if is_open else None,
        organisation_kind=seen.account.organisation_kind if is_open else None,
        roles=seen.member.roles if is_open else frozenset(),
        session_id=seen.session.id,
        amr=seen.session.amr,
    )
    seconds = office.terms.token_seconds
    return office.keys.sign(principal, seconds=seconds), now + timedelta(seconds=seconds)


async def end_by_value(conn: Connection, value: str, *, now: datetime) -> None:
    """Sign out; whoever is signed out already may do it again."""
    found = await sessions.session_by_token(conn, hash_of(value))
    if found is not None:
        await end_session(conn, found.id, "signed-out", now)


async def end_own(conn: Connection, member_id: UUID, session_id: UUID, *, now: datetime) -> None:
    """End one of the member's own sessions."""
    found = await sessions.session(conn, session_id)
    if found is None or found.member_id != member_id or found.state is SessionState.ENDED:
        raise NotFound("no-such-session", "このログインはすでに終わっています。")
    await end_session(conn, session_id, "signed-out", now)


async def end_all(conn: Connection, member_id: UUID, *, now: datetime) -> int:
    """Sign the member out everywhere; answers of how many places."""
    return await end_sessions_of_member(conn, member_id, "signed-out-everywhere", now)


async def end_timed_out(
    conn: Connection, office: Office, *, now: datetime, limit: int = 200
) -> int:
    """End the sessions nobody used for too long, and those that lasted their longest; answers how many."""
    idle_since = now - timedelta(minutes=office.terms.idle_minutes)
    over = await sessions.sessions_over(conn, idle_since, now, limit)
    for session in over:
        reason = session.end_reason(office.terms, now) or "idle"
        ended = await sessions.end_sessions(conn, reason, now, session_id=session.id)
        await say_ended(conn, ended, reason, now)
    return len(over)


async def still_there(conn: Connection, seen: Visit, *, now: datetime) -> None:
    """Note that the session is in use, twice a minute at most."""
    if now - seen.session.last_seen_at >= timedelta(seconds=30):
        await sessions.see_session(conn, seen.session.id, now)


async def check_pace(pool: Pool, member: Member, *, now: datetime) -> None:
    """Count a try at the password of somebody signed in; too many in a row are refused for a while."""
    key = _pace_of(member)
    async with transaction(pool) as conn:
        own = (await sessions.tries_for_update(conn, [key], now))[key]
        after, wait = admitted(own, [], now, known=True)
        await sessions.save_tries(conn, after)
    if wait:
        raise too_many(wait)


async def ease_pace(pool: Pool, member: Member) -> None:
    """The password was right: nothing slows its owner down."""
    async with transaction(pool) as conn:
        await sessions.forgive(conn, [_pace_of(member)], [])


def _pace_of(member: Member) -> bytes:
    return key_of("again", str(member.id))
