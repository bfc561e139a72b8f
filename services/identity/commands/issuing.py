"""The address is proven: the account ID is given out."""

from dataclasses import dataclass
from datetime import datetime

from chassis.database import Connection
from chassis.ids import new_id
from chassis.outbox import publish
from chassis.refusal import Conflict, Invalid
from contracts.identity import AccountIssued
from contracts.principal import Role
from contracts.values import OrganisationKind
from services.identity.commands.office import Office
from services.identity.model.accounts import Account, AccountState, prefix_of
from services.identity.model.links import Link, Purpose, hash_of, no_such_link
from services.identity.model.members import Member, MemberState
from services.identity.model.requests import email_error
from services.identity.store import account_requests, accounts, links, members

#: What the person who got the account for an organisation may do in it.
FIRST_ROLES = frozenset({Role.ADMIN, Role.EDITOR})


@dataclass(frozen=True, slots=True)
class Confirmed:
    """An account ID, given out, with the token that sets its password."""

    sign_in_id: str
    password_token: str
    organisation_name: str


async def confirm(conn: Connection, office: Office, token: str, *, now: datetime) -> Confirmed:
    """The address is proven: give out the account ID."""
    link, account = await opened_link(conn, token)
    used = link.used(now, Purpose.ACCOUNT_LINK)
    await _check_no_other_account(conn, account)
    request = await account_requests.request_of(conn, account)
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
    await account_requests.close_request(conn, account.id)
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


async def found_secretariat(
    conn: Connection, office: Office, *, name: str, person: str, email: str, now: datetime
) -> Confirmed:
    """Begin the secretariat's own account with its first admin: the one account nobody asks for."""
    if wrong := email_error("email", email):
        raise Invalid("fields-invalid", wrong.detail, errors=[wrong])
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
