"""The people of an organisation: invited, given roles, removed, by its admins."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from chassis.database import Connection
from chassis.ids import new_id
from chassis.outbox import publish
from chassis.refusal import Conflict, FieldError, Invalid, NotFound
from contracts.identity import MemberChanged, MemberInvited, MemberRemoved
from contracts.principal import Role
from services.identity.commands import second_factor
from services.identity.commands.endings import end_sessions_of_member
from services.identity.commands.mailing import may_mail, renew_member_link
from services.identity.commands.office import Office
from services.identity.model.accounts import Account
from services.identity.model.links import Purpose
from services.identity.model.members import (
    Member,
    MemberState,
    check_admin_remains,
    checked_roles,
    needs_factor,
)
from services.identity.model.requests import email_error, email_key, fold_text
from services.identity.store import accounts, links, members

#: More people than this share something they should not.
MOST_MEMBERS = 200


async def _organisation(conn: Connection, account_id: UUID) -> tuple[Account, list[Member]]:
    account = await accounts.account_for_update(conn, account_id)
    if not account.usable:
        raise Conflict("account-over", "この団体のアカウントは終了しています。")
    return account, await members.members_for_update(conn, account_id)


def _one_of(people: Iterable[Member], member_id: UUID) -> Member:
    for member in people:
        if member.id == member_id:
            return member
    raise NotFound("no-such-member", "この方は見つかりません。一覧から選び直してください。")


async def invite(
    conn: Connection,
    office: Office,
    account_id: UUID,
    *,
    name: str,
    email: str,
    roles: Iterable[Role],
    now: datetime,
) -> Member:
    """Invite a person; the mailed link makes them a member."""
    account, people = await _organisation(conn, account_id)
    wanted = checked_roles(account.organisation_kind, roles)
    _check_new(people, name, email)
    account, sign_in_id = account.touched().numbered()
    member = Member(
        id=new_id(),
        account_id=account.id,
        sign_in_id=sign_in_id,
        name=fold_text(name),
        email=email.strip(),
        roles=wanted,
        state=MemberState.INVITED,
        invited_at=now,
    )
    new = office.new_link(account, member, Purpose.INVITATION, now)
    await accounts.save_account(conn, account)
    await members.add_members(conn, [member])
    await links.add_links(conn, [new.link])
    publish(
        conn,
        MemberInvited(
            account_id=account.id,
            revision=account.revision,
            occurred_at=now,
            member_id=member.id,
            roles=member.roles,
            letter=office.member_link_letter(new, account, member),
        ),
    )
    return member


def _check_new(people: list[Member], name: str, email: str) -> None:
    wrong = email_error("email", email.strip())
    if not fold_text(name):
        wrong = FieldError("name", "missing", "入力してください。")
    if wrong:
        raise Invalid("fields-invalid", "入力を直してください（1か所）。", errors=[wrong])
    here = [m for m in people if m.state is not MemberState.REMOVED]
    if any(email_key(m.email) == email_key(email) for m in here):
        detail = "このメールアドレスの方は、すでに団体にいます。"
        raise Conflict(
            "member-exists", detail, errors=[FieldError("email", "member_exists", detail)]
        )
    if len(here) >= MOST_MEMBERS:
        raise Conflict("members-many", f"1つの団体に招待できるのは{MOST_MEMBERS}人までです。")


async def resend(
    conn: Connection, office: Office, account_id: UUID, member_id: UUID, *, now: datetime
) -> Member:
    """Mail somebody invited a fresh link; the one before is dead."""
    account, people = await _organisation(conn, account_id)
    member = _one_of(people, member_id)
    if member.state is not MemberState.INVITED:
        raise Conflict("member-not-invited", "この方はすでに参加しているか、団体から外れています。")
    if not await may_mail(conn, office, member.email, now):
        raise Conflict(
            "mails-many",
            "この方へのメールが続いています。1時間ほどたってから、もう一度お試しください。",
        )
    await renew_member_link(conn, office, account, member, now)
    return member


async def change_roles(
    conn: Connection, account_id: UUID, member_id: UUID, roles: Iterable[Role], *, now: datetime
) -> Member:
    """Give a member other roles; rights taken away, or new ones that ask for a second factor, need a new sign-in."""
    account, people = await _organisation(conn, account_id)
    before = _one_of(people, member_id)
    after = before.with_roles(checked_roles(account.organisation_kind, roles))
    if after.roles == before.roles:
        return before
    if before.is_admin and not after.is_admin:
        check_admin_remains(people, after)
    account = account.touched()
    await accounts.save_account(conn, account)
    await members.save_standing(conn, after)
    lacks_factor = after.totp is None and needs_factor(account.organisation_kind, after.roles)
    if lacks_factor or before.roles - after.roles:
        await end_sessions_of_member(conn, after.id, "rights-changed", now)
    publish(
        conn,
        MemberChanged(
            account_id=account.id,
            revision=account.revision,
            occurred_at=now,
            member_id=after.id,
            roles=after.roles,
        ),
    )
    return after


async def remove(conn: Connection, account_id: UUID, member_id: UUID, *, now: datetime) -> None:
    """Take a person out of the organisation; all their sessions end."""
    account, people = await _organisation(conn, account_id)
    before = _one_of(people, member_id)
    gone = before.removed(now)
    if before.is_admin:
        check_admin_remains(people, gone)
    account = account.touched()
    await accounts.save_account(conn, account)
    await members.save_standing(conn, gone)
    await members.set_recovery_codes(conn, gone.id, [])
    await links.replace_links(conn, account.id, gone.id, list(Purpose), now)
    await end_sessions_of_member(conn, gone.id, "member-removed", now)
    publish(
        conn,
        MemberRemoved(
            account_id=account.id,
            revision=account.revision,
            occurred_at=now,
            member_id=gone.id,
        ),
    )


async def take_factor_off(
    conn: Connection, office: Office, account_id: UUID, member_id: UUID, *, now: datetime
) -> None:
    """Take the second factor off a colleague who lost the device."""
    account, people = await _organisation(conn, account_id)
    await second_factor.take_off(conn, office, account, _one_of(people, member_id), now=now)
