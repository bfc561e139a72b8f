"""Signing in: the knock, the answer to the password, and what an opened session sets off."""

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import structlog

from chassis.database import Connection
from chassis.ids import new_id
from chassis.outbox import AuditRow, publish, remember
from contracts.identity import AccountActivated
from services.identity.commands.office import Office
from services.identity.commands.promotion import promote
from services.identity.model.accounts import Account
from services.identity.model.links import hash_of, new_token
from services.identity.model.members import Member, MemberState, needs_factor
from services.identity.model.sessions import Session, SessionState, first_state
from services.identity.model.tries import admitted, key_of, network_of
from services.identity.store import accounts, members, sessions

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Knock:
    """Somebody at the door, with an id and from a place."""

    sign_in_id: str
    address: str
    user_agent: str = ""
    device: str | None = None

    @property
    def name(self) -> str:
        """The id as it is kept."""
        return unicodedata.normalize("NFKC", self.sign_in_id).strip().lower()[:64]

    @property
    def network(self) -> str:
        """The network the knock came from."""
        return network_of(self.address)

    @property
    def places(self) -> list[bytes]:
        """What makes the place known if the member signed in from there before."""
        found = [key_of("network", self.network)]
        return found + ([key_of("device", self.device)] if self.device else [])


@dataclass(frozen=True, slots=True)
class Attempt:
    """A knock that was counted; with ``wait`` it came too early."""

    member: Member | None
    own: bytes
    shared: tuple[bytes, ...]
    known: bool
    wait: timedelta | None


@dataclass(frozen=True, slots=True)
class Opened:
    """A session and the value of its cookie, told once."""

    session: Session
    value: str
    #: For the browser to keep, so that it is known the next time.
    device: str | None = None


async def knock(
    conn: Connection, at_door: Knock, *, now: datetime, what: str = "password"
) -> Attempt:
    """Count the knock before anything is compared, and tell whether it came too early."""
    member = await members.member_by_sign_in_id(conn, at_door.name)
    known = await members.is_known_place(conn, member.id if member else None, at_door.places)
    own = key_of("known" if known else "pair", what, at_door.name, at_door.network)
    shared = (
        () if known else (key_of("account", what, at_door.name), key_of("network", at_door.network))
    )
    tries = await sessions.tries_for_update(conn, [own, *shared], now)
    after, wait = admitted(tries[own], [tries[k] for k in shared], now, known=known)
    await sessions.save_tries(conn, after)
    if wait:
        _log.info("a knock came too early", what=what, seconds=wait.total_seconds())
    return Attempt(member, own, shared, known, wait)


async def enter(
    conn: Connection,
    office: Office,
    at_door: Knock,
    attempt: Attempt,
    *,
    now: datetime,
    today: date,
) -> Opened | None:
    """Open a session after the right password; None if the account or password changed meanwhile."""
    seen = attempt.member
    if seen is None:
        return None
    account = await _account_of(conn, seen, today)
    member = await members.member_for_update(conn, seen.id)
    if account is None or member is None or not _may_enter(account, member, seen):
        return None
    await sessions.forgive(conn, [attempt.own, *attempt.shared[:1]], list(attempt.shared[1:]))
    state = first_state(
        has_factor=member.totp is not None,
        needs_factor=needs_factor(account.organisation_kind, member.roles),
    )
    session = Session(
        id=new_id(),
        member_id=member.id,
        account_id=account.id,
        state=state,
        amr=("pwd",),
        created_at=now,
        last_seen_at=now,
        ends_at=now + timedelta(hours=office.terms.session_hours),
    )
    value = new_token()
    await sessions.add_session(
        conn, session, hash_of(value), at_door.address[:64], at_door.user_agent[:300]
    )
    remember(conn, answer=None, audit=_audit(member, "identity.sign_in"))
    if state is not SessionState.OPEN:
        return Opened(session, value)
    return await arrived(conn, account, member, session, value, at_door, now=now, today=today)


async def _account_of(conn: Connection, member: Member, today: date) -> Account | None:
    """The account; locked if the sign-in is going to change it."""
    account = await accounts.account(conn, member.account_id)
    if account and (account.activated_at is None or account.due(today)):
        return await accounts.account_for_update(conn, account.id)
    return account


def _may_enter(account: Account, member: Member, seen: Member) -> bool:
    return (
        account.usable
        and member.state is MemberState.JOINED
        # Not the hash: the same password is kept under stronger parameters now and then.
        and member.password_set_at == seen.password_set_at
    )


async def arrived(
    conn: Connection,
    account: Account,
    member: Member,
    session: Session,
    value: str,
    at_door: Knock,
    *,
    now: datetime,
    today: date,
) -> Opened:
    """What an open session sets off: the place is known, the account active, a due promotion done."""
    device = at_door.device or new_token()
    places = [key_of("network", at_door.network), key_of("device", device)]
    await members.note_places(conn, member.id, places, now)
    if account.due(today):
        account = await promote(conn, account, now=now, today=today)
    if account.activated_at is None:
        account = await _activate(conn, account, now)
    if _is_new_to(member, account):
        await sessions.set_notice(conn, session.id, "promoted")
    await members.note_sign_in(conn, member.id, now)
    return Opened(session, value, device)


def _is_new_to(member: Member, account: Account) -> bool:
    """Whether the account became a full one since the member was last here."""
    if account.promoted_at is None:
        return False
    return member.last_signed_in_at is None or member.last_signed_in_at < account.promoted_at


async def _activate(conn: Connection, account: Account, now: datetime) -> Account:
    account = account.activated(now)
    await accounts.save_account(conn, account)
    publish(
        conn,
        AccountActivated(account_id=account.id, revision=account.revision, occurred_at=now),
    )
    return account


def _audit(member: Member, action: str) -> AuditRow:
    return AuditRow(
        actor=f"member/{member.id}", organisation_id=str(member.account_id), action=action
    )
