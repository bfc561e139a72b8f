"""The second factor: set up, asked for, stood in for, taken off."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from chassis.access import Keys
from chassis.database import Connection
from chassis.outbox import publish
from chassis.refusal import Conflict, FieldError, Invalid, Refusal, TooMany, Unauthenticated
from contracts.identity import SecondFactorChanged
from services.identity.commands.endings import end_session, end_sessions_of_member
from services.identity.commands.office import Office
from services.identity.commands.sign_in import Attempt, Knock, Opened, arrived, knock
from services.identity.model import second_factor as rules
from services.identity.model.accounts import Account
from services.identity.model.links import hash_of, new_token
from services.identity.model.members import Member, MemberState
from services.identity.model.sessions import WRONG_CODES, Session, SessionState, session_over
from services.identity.store import accounts, members, sessions


@dataclass(frozen=True, slots=True)
class NewFactor:
    """A second factor that waits for its first code."""

    secret: str
    uri: str


def wrong_code() -> Invalid:
    """The refusal of a code that is wrong, too old or used."""
    detail = (
        "コードが違うか、使い終わったコードです。認証アプリの新しい6けたの数字を入力してください。"
    )
    return Invalid("code-wrong", detail, errors=[FieldError("code", "code_wrong", detail)])


async def begin_setup(
    conn: Connection, office: Office, member: Member, *, secret: str | None = None
) -> NewFactor:
    """Make a new secret for the member; the old factor counts until the new one is proven."""
    secret = secret or rules.new_secret()
    await members.set_pending_factor(conn, member.id, office.keys.seal("identity", secret))
    return NewFactor(secret, rules.uri_of(secret, member.sign_in_id))


async def finish_setup(
    conn: Connection, office: Office, session_id: UUID, code: str, *, now: datetime, today: date
) -> list[str]:
    """The first code proves the new factor: it counts from now on, and the session is open."""
    session, account, member = await _locked(conn, session_id)
    if member.totp_pending is None:
        raise Conflict("no-setup-begun", "設定の画面を開き直して、はじめからやり直してください。")
    secret = office.keys.unseal(member.totp_pending)
    step = rules.step_of(secret, code, newest=member.totp_step, now=now)
    if step is None or not await members.use_step(conn, member.id, step):
        raise wrong_code()
    codes = rules.new_recovery_codes()
    await members.set_factor(conn, member.id, now)
    await members.set_recovery_codes(conn, member.id, [rules.recovery_hash(c) for c in codes])
    await end_sessions_of_member(conn, member.id, "second-factor-changed", now, spare=session.id)
    waited = session.state is SessionState.SECOND_FACTOR_SETUP
    await sessions.step_up(conn, session.id, None, now)
    account = await say_changed(conn, office, account, member, "set", now)
    if waited:
        address = await sessions.address_of(conn, session.id)
        at_door = Knock(member.sign_in_id, address)
        await arrived(conn, account, member, session, "", at_door, now=now, today=today)
    return codes


async def _locked(conn: Connection, session_id: UUID) -> tuple[Session, Account, Member]:
    """A living session with its account and member, all locked, in the order everybody locks."""
    seen = await sessions.session(conn, session_id)
    if seen is None:
        raise session_over()
    account = await accounts.account_for_update(conn, seen.account_id)
    member = await members.member_for_update(conn, seen.member_id)
    session = await sessions.session_for_update(conn, session_id)
    if member is None or session is None or session.state is SessionState.ENDED:
        raise session_over()
    return session, account, member


async def say_changed(
    conn: Connection, office: Office, account: Account, member: Member, change: str, now: datetime
) -> Account:
    """Say that a member's second factor is another, and tell the member."""
    account = account.touched()
    await accounts.save_account(conn, account)
    letter = office.letter("second_factor_changed", account, member, change=change)
    publish(
        conn,
        SecondFactorChanged(
            account_id=account.id,
            revision=account.revision,
            occurred_at=now,
            member_id=member.id,
            change=change,
            letter=letter,
        ),
    )
    return account


async def show(
    conn: Connection,
    office: Office,
    value: str,
    code: str,
    address: str,
    *,
    now: datetime,
    today: date,
) -> Opened | Refusal:
    """Open a session that waits for its second factor; a refusal is answered, not raised, so that it counts."""
    seen = await sessions.session_by_token(conn, hash_of(value))
    if seen is None or not seen.alive(office.terms, now):
        return session_over()
    session, account, member = await _locked(conn, seen.id)
    if session.state is not SessionState.SECOND_FACTOR or member.totp is None:
        return session_over()
    at_door = Knock(member.sign_in_id, address or await sessions.address_of(conn, session.id))
    attempt = await knock(conn, at_door, now=now, what="code")
    if attempt.wait:
        return _too_early(attempt.wait)
    used_code = await _prove(conn, office, member, code, now)
    if used_code is None:
        return await _wrong(conn, session, now)
    if used_code == "recovery":
        account = await say_changed(conn, office, account, member, "recovery_code_used", now)
    return await _open(conn, account, member, session, at_door, attempt, now=now, today=today)


async def _open(
    conn: Connection,
    account: Account,
    member: Member,
    session: Session,
    at_door: Knock,
    attempt: Attempt,
    *,
    now: datetime,
    today: date,
) -> Opened:
    await sessions.forgive(conn, [attempt.own, *attempt.shared[:1]], list(attempt.shared[1:]))
    value = new_token()
    await sessions.step_up(conn, session.id, hash_of(value), now)
    session = replace(session, state=SessionState.OPEN, last_seen_at=now)
    return await arrived(conn, account, member, session, value, at_door, now=now, today=today)


async def _prove(
    conn: Connection, office: Office, member: Member, code: str, now: datetime
) -> str | None:
    """Which kind of code it was, used up by this; None if it was none."""
    secret = office.keys.unseal(member.totp or "")
    step = rules.step_of(secret, code, newest=member.totp_step, now=now)
    if step is not None:
        return "app" if await members.use_step(conn, member.id, step) else None
    hashed = rules.recovery_hash(code)
    return "recovery" if await members.use_recovery_code(conn, member.id, hashed, now) else None


async def _wrong(conn: Connection, session: Session, now: datetime) -> Refusal:
    if await sessions.count_wrong_code(conn, session.id) < WRONG_CODES:
        return wrong_code()
    await end_session(conn, session.id, "wrong-codes", now)
    return Unauthenticated(
        "too-many-wrong-codes", "コードの間違いが続いたため、はじめからログインし直してください。"
    )


def _too_early(wait: timedelta) -> TooMany:
    seconds = max(1, -(-wait // timedelta(seconds=1)))
    return TooMany(
        "code-too-often",
        f"続けて間違えたため、少し間をあけています。{seconds}秒たってから、新しいコードを入力してください。",
        retry_after=seconds,
    )


async def take_off(
    conn: Connection, office: Office, account: Account, member: Member, *, now: datetime
) -> None:
    """Take the second factor off a member who lost it; the next sign-in sets up a new one."""
    if member.state is not MemberState.JOINED:
        raise Conflict("member-not-joined", "この方はまだ参加していません。")
    member = member.without_factor()
    await members.save_standing(conn, member)
    await members.set_recovery_codes(conn, member.id, [])
    await end_sessions_of_member(conn, member.id, "second-factor-changed", now)
    await say_changed(conn, office, account, member, "removed", now)


async def seal_again(conn: Connection, old: Keys, new: Keys) -> int:
    """Seal every second factor with the new key instead of the old; answers of how many members."""
    rows = await members.sealed_factors_for_update(conn)
    for row in rows:
        fresh = [
            new.seal("identity", old.unseal(kept)) if kept else None
            for kept in (row["totp"], row["totp_pending"])
        ]
        await members.seal_again(conn, row["member_id"], *fresh)
    return len(rows)
