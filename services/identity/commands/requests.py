"""The eight steps until the account ID: asked for, mailed, confirmed, issued; or over."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis.database import Connection
from chassis.ids import new_id
from chassis.outbox import publish
from chassis.refusal import Conflict
from contracts.identity import (
    AccountAskedAgain,
    AccountIssued,
    AccountLinkRenewed,
    AccountRequested,
    AccountRequestExpired,
)
from contracts.principal import Role
from contracts.values import OrganisationKind
from services.identity.commands.mailing import may_mail, renew_member_link
from services.identity.commands.office import Office
from services.identity.model.accounts import (
    Account,
    AccountState,
    prefix_of,
)
from services.identity.model.links import Link, Purpose, hash_of, no_such_link
from services.identity.model.members import Member, MemberState
from services.identity.model.requests import AccountRequest, RequestForm, email_key
from services.identity.store import accounts, links, members

#: What the person who got the account for an organisation may do in it.
FIRST_ROLES = frozenset({Role.ADMIN, Role.EDITOR})


@dataclass(frozen=True, slots=True)
class Confirmed:
    """An account ID, given out, with the token that sets its password."""

    sign_in_id: str
    password_token: str
    organisation_name: str


async def answer_request(
    conn: Connection, office: Office, form: RequestForm, *, now: datetime
) -> None:
    """Open a request and mail its link; whoever has an account already is reminded of it instead."""
    await accounts.lock_address(conn, form.email)
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
    await accounts.add_request(conn, AccountRequest(account.id, form), now)
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
    earlier = await accounts.open_request_of(conn, email)
    if earlier is not None:
        await end_request(conn, await accounts.account_for_update(conn, earlier), now)


async def end_request(conn: Connection, account: Account, now: datetime) -> None:
    """A request is over: too old, or replaced by a newer one of the same address."""
    over = account.expired()
    await accounts.save_account(conn, over)
    await accounts.close_request(conn, over.id)
    await links.replace_all_links(conn, over.id, now)
    publish(
        conn, AccountRequestExpired(account_id=over.id, revision=over.revision, occurred_at=now)
    )


async def renew_request_link(
    conn: Connection, office: Office, account: Account, *, now: datetime
) -> None:
    """Mail a fresh link for a request; the one before is dead from now on."""
    request = await accounts.request_of(conn, account)
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


async def confirm(conn: Connection, office: Office, token: str, *, now: datetime) -> Confirmed:
    """The address is proven: give out the account ID."""
    link, account = await opened_link(conn, token)
    used = link.used(now, Purpose.ACCOUNT_LINK)
    await _check_no_other_account(conn, account)
    request = await accounts.request_of(conn, account)
    if request is None:
        raise no_such_link()
    prefix = await free_prefix(conn, office, account.organisation_kind, account.organisation_code)
    account, sign_in_id = account.issued(prefix, now).numbered()
    member = Member(
        id=new_id(),
        account_id=account.id,
        sign_in_id=sign_in_id,
        name=request.form.contact_name,
        email=request.form.email,
        roles=FIRST_ROLES,
        state=MemberState.INVITED,
        invited_at=now,
    )
    await links.use_link(conn, used.id, now)
    await accounts.save_account(conn, account)
    await accounts.close_request(conn, account.id)
    return await issue(conn, office, account, member, now=now)


async def _check_no_other_account(conn: Connection, account: Account) -> None:
    kind, code = account.organisation_kind, account.organisation_code
    await accounts.lock_issuing(conn)
    owned = await accounts.usable_account_of(conn, kind, code)
    if owned is None:
        return
    if owned.state is AccountState.PROVISIONAL:
        raise Conflict(
            "provisional-account-exists",
            "この団体には仮アカウントがあり、手続きなしで本アカウントに切り替わります。"
            "お手元にアカウントIDがないときは、事務局へお問い合わせください。",
        )
    raise Conflict(
        "organisation-has-account",
        "この団体のアカウントはすでに発行されています。団体の管理者の方に、招待をご依頼ください。",
    )


async def free_prefix(conn: Connection, office: Office, kind: OrganisationKind, code: str) -> str:
    """What the ids of a new account begin with; nobody else's do."""
    taken = await accounts.prefixes_taken(conn, kind, code)
    while True:
        prefix = prefix_of(kind, code, office.letters(code), taken)
        if not await accounts.is_prefix_taken(conn, prefix):
            return prefix
        taken += 1


async def issue(
    conn: Connection, office: Office, account: Account, member: Member, *, now: datetime
) -> Confirmed:
    """Keep the first member of a kept account, mail the ID, and say that the account was issued."""
    new = office.new_link(account, member, Purpose.FIRST_PASSWORD, now)
    await members.add_members(conn, [member])
    await links.add_links(conn, [new.link])
    publish(
        conn,
        AccountIssued(
            account_id=account.id,
            revision=account.revision,
            occurred_at=now,
            organisation_kind=account.organisation_kind,
            organisation_code=account.organisation_code,
            organisation_name=account.organisation_name,
            member_id=member.id,
            letter=office.member_link_letter(new, account, member),
        ),
    )
    return Confirmed(member.sign_in_id, new.token, account.organisation_name)


async def opened_link(conn: Connection, token: str) -> tuple[Link, Account]:
    """The link and its account, both locked, the account first."""
    seen = await links.link(conn, hash_of(token))
    if seen is None:
        raise no_such_link()
    account = await accounts.account_for_update(conn, seen.account_id)
    link = await links.link_for_update(conn, seen.token_hash)
    if link is None:
        raise no_such_link()
    return link, account


async def end_overdue(conn: Connection, office: Office, *, now: datetime, limit: int = 100) -> int:
    """Requests nobody confirmed for days are over; answers how many."""
    before = now - timedelta(days=office.terms.request_days)
    overdue = await accounts.requests_overdue(conn, before, limit)
    for account in overdue:
        await end_request(conn, account, now)
    return len(overdue)


async def found_secretariat(
    conn: Connection, office: Office, *, name: str, person: str, email: str, now: datetime
) -> Confirmed:
    """Begin the secretariat's own account with its first admin: the one account nobody asks for."""
    kind, code = OrganisationKind.SECRETARIAT, "secretariat"
    await accounts.lock_issuing(conn)
    if await accounts.usable_account_of(conn, kind, code):
        raise Conflict("organisation-has-account", "事務局のアカウントはすでにあります。")
    account = Account(
        id=office.account_ids(code),
        revision=1,
        organisation_kind=kind,
        organisation_code=code,
        organisation_name=name,
        state=AccountState.ISSUED,
        created_at=now,
        sign_in_prefix=await free_prefix(conn, office, kind, code),
        issued_at=now,
    )
    account, sign_in_id = account.numbered()
    await accounts.add_accounts(conn, [account])
    member = Member(
        id=new_id(),
        account_id=account.id,
        sign_in_id=sign_in_id,
        name=person,
        email=email,
        roles=FIRST_ROLES | {Role.REVIEWER, Role.APPROVER},
        state=MemberState.INVITED,
        invited_at=now,
    )
    return await issue(conn, office, account, member, now=now)
