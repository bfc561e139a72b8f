"""Passwords: set by a mailed link, or changed by somebody who knows the old one."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.database import Connection
from chassis.outbox import publish
from chassis.refusal import Conflict
from contracts.identity import MemberJoined, PasswordChanged
from services.identity.commands.endings import end_sessions_of_member
from services.identity.commands.issuing import opened_link
from services.identity.commands.office import Office
from services.identity.model.accounts import Account
from services.identity.model.links import SETS_PASSWORD, Link, Purpose, hash_of, no_such_link
from services.identity.model.members import Member, MemberState
from services.identity.model.passwords import checked_password
from services.identity.model.tries import key_of
from services.identity.store import accounts, links, members, sessions


@dataclass(frozen=True, slots=True)
class LookedAt:
    """A link and whom it belongs to, seen without changing anything."""

    link: Link
    account: Account
    member: Member | None


async def look(conn: Connection, token: str) -> LookedAt:
    """What a mailed link is for."""
    link = await links.link(conn, hash_of(token))
    account = await accounts.account(conn, link.account_id) if link else None
    if link is None or account is None:
        raise no_such_link()
    member = await members.member(conn, link.member_id) if link.member_id else None
    return LookedAt(link, account, member)


async def check_new_password(conn: Connection, token: str, password: str, *, now: datetime) -> str:
    """The password in the form to be hashed, if the link may set one and it will do."""
    seen = await look(conn, token)
    seen.link.used(now, *SETS_PASSWORD)
    member = _settable(seen.account, seen.member)
    return checked_password(
        password, has_factor=member.totp is not None, own_words=own_words(seen.account, member)
    )


def own_words(account: Account, member: Member) -> list[str]:
    """What a guesser who knows the person would try."""
    return [
        account.organisation_name,
        account.organisation_code,
        member.sign_in_id,
        *(member.sign_in_id.split("-")),
        *(member.name.split()),
        *(member.email.replace("@", ".").split(".")),
    ]


def _settable(account: Account, member: Member | None) -> Member:
    if member is None or member.state is MemberState.REMOVED or not account.usable:
        raise Conflict(
            "account-over",
            "このアカウントは使えなくなっています。団体の管理者の方か事務局へお問い合わせください。",
        )
    return member


async def set_password(
    conn: Connection, office: Office, token: str, password_hash: str, *, now: datetime
) -> str:
    """Set the password a link lets its holder set; answers the sign-in id it goes with."""
    link, account = await opened_link(conn, token)
    used = link.used(now, *SETS_PASSWORD)
    found = await members.member_for_update(conn, link.member_id) if link.member_id else None
    before = _settable(account, found)
    member = before.with_password(password_hash, now)
    await links.use_link(conn, used.id, now)
    await links.replace_links(conn, account.id, member.id, list(Purpose), now)
    await members.save_standing(conn, member)
    # The mailbox was proven just now; what strangers tried before does not slow its owner down.
    await sessions.forgive(conn, [key_of("account", "password", member.sign_in_id)], [])
    await end_sessions_of_member(conn, member.id, "password-changed", now)
    await _say(conn, office, account, member, now, joined=before.state is MemberState.INVITED)
    return member.sign_in_id


async def _say(
    conn: Connection,
    office: Office,
    account: Account,
    member: Member,
    now: datetime,
    *,
    joined: bool,
) -> None:
    account = account.touched()
    await accounts.save_account(conn, account)
    if joined:
        publish(
            conn,
            MemberJoined(
                account_id=account.id,
                revision=account.revision,
                occurred_at=now,
                member_id=member.id,
                roles=member.roles,
                letter=office.letter("welcome", account, member),
            ),
        )
    else:
        publish(
            conn,
            PasswordChanged(
                account_id=account.id,
                revision=account.revision,
                occurred_at=now,
                member_id=member.id,
                letter=office.letter("password_changed", account, member),
            ),
        )


async def change_password(
    conn: Connection,
    office: Office,
    member_id: UUID,
    password_hash: str,
    *,
    seen_set_at: datetime | None,
    spare: UUID | None,
    now: datetime,
) -> None:
    """Keep a new password of a member whose old one was shown; all other sessions end."""
    seen = await members.member(conn, member_id)
    if seen is None:
        raise no_such_link()
    account = await accounts.account_for_update(conn, seen.account_id)
    member = await members.member_for_update(conn, member_id)
    if member is None or member.password_set_at != seen_set_at:
        raise Conflict(
            "password-changed-meanwhile",
            "パスワードが別の画面で変更されました。もう一度ログインしてください。",
        )
    member = member.with_password(password_hash, now)
    await links.replace_links(conn, account.id, member.id, [Purpose.PASSWORD_RESET], now)
    await members.save_standing(conn, member)
    await end_sessions_of_member(conn, member.id, "password-changed", now, spare=spare)
    await _say(conn, office, account, member, now, joined=False)
