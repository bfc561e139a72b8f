"""Links by mail to people who are known already, as often as the terms allow."""

from datetime import datetime, timedelta

import structlog

from chassis.database import Connection
from chassis.outbox import publish
from contracts.identity import AccountLinkRenewed, PasswordResetRequested
from services.identity.commands.office import Office
from services.identity.model.accounts import Account, AccountState
from services.identity.model.links import Purpose
from services.identity.model.members import Member, MemberState
from services.identity.model.requests import email_key
from services.identity.model.tries import key_of
from services.identity.store import accounts, links

_log = structlog.get_logger()
_FIRST = [Purpose.FIRST_PASSWORD, Purpose.ACTIVATION, Purpose.INVITATION]


async def may_mail(conn: Connection, office: Office, email: str, now: datetime) -> bool:
    """Whether one more account mail may go to the address, and count it."""
    address = key_of("mail", email_key(email))
    hour, day = await links.mails_since(
        conn, address, now - timedelta(hours=1), now - timedelta(days=1)
    )
    if hour >= office.terms.mails_an_hour or day >= office.terms.mails_a_day:
        _log.warning("too many account mails to one address", hour=hour, day=day)
        return False
    await links.note_mail(conn, address, now)
    return True


async def renew_member_link(
    conn: Connection, office: Office, account: Account, member: Member, now: datetime
) -> None:
    """Mail an invited member of a locked account a fresh link; the one before is dead from now on."""
    purpose = _purpose_of(account, member)
    account = account.link_renewed()
    new = office.new_link(account, member, purpose, now)
    await links.replace_links(conn, account.id, member.id, _FIRST, now)
    await links.add_links(conn, [new.link])
    await accounts.save_account(conn, account)
    letter = office.member_link_letter(new, account, member)
    publish(
        conn,
        AccountLinkRenewed(
            account_id=account.id, revision=account.revision, occurred_at=now, letter=letter
        ),
    )


def _purpose_of(account: Account, member: Member) -> Purpose:
    if not member.sign_in_id.endswith("-01"):
        return Purpose.INVITATION
    return Purpose.ACTIVATION if account.promote_on else Purpose.FIRST_PASSWORD


async def mail_reset_link(
    conn: Connection, office: Office, account: Account, member: Member, now: datetime
) -> None:
    """Mail a member of a locked account a link that sets a new password."""
    account = account.touched()
    new = office.new_link(account, member, Purpose.PASSWORD_RESET, now)
    await links.replace_links(conn, account.id, member.id, [Purpose.PASSWORD_RESET], now)
    await links.add_links(conn, [new.link])
    await accounts.save_account(conn, account)
    publish(
        conn,
        PasswordResetRequested(
            account_id=account.id,
            revision=account.revision,
            occurred_at=now,
            member_id=member.id,
            letter=office.member_link_letter(new, account, member),
        ),
    )


def can_be_mailed(account: Account, member: Member) -> bool:
    """Whether the person may still be sent links."""
    return account.usable and member.state is not MemberState.REMOVED


def is_pending(account: Account) -> bool:
    """Whether the account is a request that may still be confirmed."""
    return account.state in (AccountState.REQUESTED, AccountState.MAIL_BOUNCED)
