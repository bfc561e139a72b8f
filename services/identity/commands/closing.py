"""The end of an account, and what others tell us about accounts."""

from datetime import datetime
from uuid import UUID

from chassis.database import Connection
from chassis.outbox import publish
from chassis.refusal import Conflict, NotFound
from contracts.identity import AccountClosed, AccountMailBounced
from contracts.values import OrganisationKind
from services.identity.commands import machines
from services.identity.commands.endings import end_sessions_of_account
from services.identity.commands.mailing import is_pending, may_mail, renew_member_link
from services.identity.commands.office import Office
from services.identity.commands.requests import renew_request_link
from services.identity.model.accounts import Account, AccountState
from services.identity.model.members import MemberState
from services.identity.store import account_requests, accounts, links, members


def _no_such_account() -> NotFound:
    return NotFound("no-such-account", "このアカウントは見つかりません。")


async def _for_update(conn: Connection, account_id: UUID) -> Account:
    if await accounts.account(conn, account_id) is None:
        raise _no_such_account()
    return await accounts.account_for_update(conn, account_id)


async def close(conn: Connection, account_id: UUID, reason: str, *, now: datetime) -> Account:
    """Close an account for good: nobody signs in, no machine asks, no link works."""
    account = await _for_update(conn, account_id)
    if account.organisation_kind is OrganisationKind.SECRETARIAT:
        raise Conflict("account-of-secretariat", "事務局のアカウントは終了できません。")
    closed = account.closed(reason, now)
    await accounts.save_account(conn, closed)
    await account_requests.close_request(conn, closed.id)
    await links.replace_all_links(conn, closed.id, now)
    await end_sessions_of_account(conn, closed.id, "account-closed", now)
    await machines.revoke_all(conn, closed.id, now=now)
    publish(
        conn,
        AccountClosed(
            account_id=closed.id, revision=closed.revision, occurred_at=now, reason=reason
        ),
    )
    return closed


async def renew_link(
    conn: Connection, office: Office, account_id: UUID, *, now: datetime
) -> Account:
    """Mail a fresh link to whoever asked for the account or was given it first."""
    account = await _for_update(conn, account_id)
    if is_pending(account):
        request = await account_requests.request_of(conn, account)
        if request is not None:
            await _check_may_mail(conn, office, request.form.email, now)
            await renew_request_link(conn, office, account, now=now)
            return await _for_update(conn, account_id)
    people = await members.members_for_update(conn, account_id)
    invited = [m for m in people if m.state is MemberState.INVITED]
    if not account.usable or not invited or any(m.state is MemberState.JOINED for m in people):
        raise Conflict("nothing-to-renew", "このアカウントには、送り直すリンクがありません。")
    await _check_may_mail(conn, office, invited[0].email, now)
    await renew_member_link(conn, office, account, invited[0], now)
    return await _for_update(conn, account_id)


async def _check_may_mail(conn: Connection, office: Office, email: str, now: datetime) -> None:
    if not await may_mail(conn, office, email, now):
        raise Conflict(
            "mails-many",
            "この宛先へのメールが続いています。1時間ほどたってから、もう一度お試しください。",
        )


async def mail_bounced(
    conn: Connection, account_id: UUID, *, about_revision: int | None, at: datetime
) -> None:
    """An account mail came back; a bounce of an older link says nothing about the newer one."""
    account = await accounts.account(conn, account_id)
    if account is None:
        return
    account = await accounts.account_for_update(conn, account_id)
    if account.state not in (AccountState.REQUESTED, AccountState.PROVISIONAL, AccountState.ISSUED):
        return
    if about_revision is not None and about_revision < account.revision:
        return
    account = account.bounced(at)
    await accounts.save_account(conn, account)
    publish(
        conn,
        AccountMailBounced(account_id=account.id, revision=account.revision, occurred_at=at),
    )
