"""The eight steps until the account ID: asked for, mailed, confirmed, issued; or over."""

from datetime import datetime, timedelta

from chassis.database import Connection
from chassis.outbox import publish
from contracts.identity import (
    AccountAskedAgain,
    AccountLinkRenewed,
    AccountRequested,
    AccountRequestExpired,
)
from services.identity.commands.mailing import may_mail, renew_member_link
from services.identity.commands.office import Office
from services.identity.model.accounts import (
    Account,
    AccountState,
)
from services.identity.model.links import Purpose
from services.identity.model.members import MemberState
from services.identity.model.requests import AccountRequest, RequestForm, email_key
from services.identity.store import account_requests, accounts, links, members


async def answer_request(
    conn: Connection, office: Office, form: RequestForm, *, now: datetime
) -> None:
    """Open a request and mail its link; whoever has an account already is reminded of it instead."""
    await account_requests.lock_address(conn, form.email)
    if not await may_mail(conn, office, form.email, now):
        return
    owned = await accounts.usable_account_of(conn, form.organisation_kind, form.organisation_code)
    if owned and await _remind(conn, office, owned, form.email, now):
        return
    await _end_earlier(conn, form.email, now)
    account = Account(
        id=office.account_ids(form.organisation_code),
        revision=1,
        organisation_kind=form.organisation_kind,
        organisation_code=form.organisation_code,
        organisation_name=form.organisation_name,
        state=AccountState.REQUESTED,
        created_at=now,
    )
    new = office.new_link(account, None, Purpose.ACCOUNT_LINK, now)
    await accounts.add_accounts(conn, [account])
    await account_requests.add_request(conn, AccountRequest(account.id, form), now)
    await links.add_links(conn, [new.link])
    letter = office.link_letter(new, account, to=(form.email, form.contact_name), sign_in_id=None)
    publish(
        conn,
        AccountRequested(
            account_id=account.id,
            revision=1,
            occurred_at=now,
            organisation_kind=account.organisation_kind,
            letter=letter,
        ),
    )


async def _remind(
    conn: Connection, office: Office, owned: Account, email: str, now: datetime
) -> bool:
    """Whether the address belongs to a member of the account already; then the member is written to."""
    account = await accounts.account_for_update(conn, owned.id)
    people = await members.members_for_update(conn, account.id)
    own = [m for m in people if email_key(m.email) == email_key(email)]
    member = next((m for m in own if m.state is not MemberState.REMOVED), None)
    if member is None or not account.usable:
        return False
    if member.state is MemberState.INVITED:
        await renew_member_link(conn, office, account, member, now)
        return True
    account = account.touched()
    await accounts.save_account(conn, account)
    letter = office.letter("account_exists", account, member)
    publish(
        conn,
        AccountAskedAgain(
            account_id=account.id, revision=account.revision, occurred_at=now, letter=letter
        ),
    )
    return True


async def _end_earlier(conn: Connection, email: str, now: datetime) -> None:
    earlier = await account_requests.open_request_of(conn, email)
    if earlier is not None:
        await end_request(conn, await accounts.account_for_update(conn, earlier), now)


async def end_request(conn: Connection, account: Account, now: datetime) -> None:
    """A request is over: too old, or replaced by a newer one of the same address."""
    over = account.expired()
    await accounts.save_account(conn, over)
    await account_requests.close_request(conn, over.id)
    await links.replace_all_links(conn, over.id, now)
    publish(
        conn, AccountRequestExpired(account_id=over.id, revision=over.revision, occurred_at=now)
    )


async def renew_request_link(
    conn: Connection, office: Office, account: Account, *, now: datetime
) -> None:
    """Mail a fresh link for a request; the one before is dead from now on."""
    request = await account_requests.request_of(conn, account)
    if request is None:
        return
    account = account.link_renewed()
    new = office.new_link(account, None, Purpose.ACCOUNT_LINK, now)
    await links.replace_links(conn, account.id, None, [Purpose.ACCOUNT_LINK], now)
    await links.add_links(conn, [new.link])
    await accounts.save_account(conn, account)
    to = (request.form.email, request.form.contact_name)
    letter = office.link_letter(new, account, to=to, sign_in_id=None)
    publish(
        conn,
        AccountLinkRenewed(
            account_id=account.id, revision=account.revision, occurred_at=now, letter=letter
        ),
    )


async def end_overdue(conn: Connection, office: Office, *, now: datetime, limit: int = 100) -> int:
    """Requests nobody confirmed for days are over; answers how many."""
    before = now - timedelta(days=office.terms.request_days)
    overdue = await account_requests.requests_overdue(conn, before, limit)
    for account in overdue:
        await end_request(conn, account, now)
    return len(overdue)
