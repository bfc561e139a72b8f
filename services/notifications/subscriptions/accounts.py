"""What identity says about accounts: whom to write to, and the letters it asks for."""

from collections.abc import Mapping
from uuid import UUID

from chassis.database import Connection
from contracts.event import Fact
from contracts.identity import (
    AccountAskedAgain,
    AccountClosed,
    AccountImported,
    AccountIssued,
    AccountLinkRenewed,
    AccountPromoted,
    AccountRequested,
    LetterContent,
    MemberChanged,
    MemberInvited,
    MemberJoined,
    MemberRemoved,
    PasswordChanged,
    PasswordResetRequested,
    SecondFactorChanged,
)
from contracts.principal import Role
from services.notifications.commands import accounts
from services.notifications.commands.letters import Desk
from services.notifications.model.address import one_line
from services.notifications.model.letter import Contact
from services.notifications.store import contacts
from services.notifications.subscriptions.writing import Writer, cause_of

#: The first member of an account, and whoever stands in for one, may do everything there.
_EVERYTHING = frozenset({Role.ADMIN, Role.EDITOR})


async def _write_to_address(
    desk: Desk, conn: Connection, fact: AccountRequested | AccountLinkRenewed | AccountAskedAgain
) -> None:
    content = accounts.opened(desk, fact.letter)
    await accounts.write_to_stranger(conn, desk, cause_of(fact), fact.letter, content)


async def _imported(desk: Desk, conn: Connection, fact: AccountImported) -> None:
    await contacts.save_organisation(
        conn, fact.account_id, fact.organisation_kind, one_line(fact.organisation_name)
    )
    # Where the fact does not name its first member, the organisation stands in for one.
    await _welcome(desk, conn, fact, fact.member_id or fact.account_id, _EVERYTHING)


async def _issued(desk: Desk, conn: Connection, fact: AccountIssued) -> None:
    await contacts.save_organisation(
        conn, fact.account_id, fact.organisation_kind, one_line(fact.organisation_name)
    )
    await _welcome(desk, conn, fact, fact.member_id, _EVERYTHING)


async def _promoted(desk: Desk, conn: Connection, fact: AccountPromoted) -> None:
    await contacts.save_organisation(
        conn, fact.account_id, fact.organisation_kind, one_line(fact.organisation_name)
    )


async def _joined(desk: Desk, conn: Connection, fact: MemberJoined) -> None:
    await _welcome(desk, conn, fact, fact.member_id, fact.roles)


async def _welcome(
    desk: Desk,
    conn: Connection,
    fact: AccountImported | AccountIssued | MemberJoined,
    contact_id: UUID,
    roles: frozenset[Role],
) -> None:
    content = accounts.opened(desk, fact.letter)
    await accounts.keep_contact(conn, _contact(fact.account_id, contact_id, roles, content))
    await accounts.write_to_member(
        conn, desk, cause_of(fact), fact.letter, content, fact.account_id, contact_id
    )


def _contact(
    account_id: UUID, contact_id: UUID, roles: frozenset[Role], content: LetterContent
) -> Contact:
    return Contact(contact_id, account_id, roles, one_line(content.to_name), content.to_address)


async def _write_to_member(
    desk: Desk,
    conn: Connection,
    fact: MemberInvited | PasswordResetRequested | PasswordChanged | SecondFactorChanged,
) -> None:
    content = accounts.opened(desk, fact.letter)
    await accounts.write_to_member(
        conn, desk, cause_of(fact), fact.letter, content, fact.account_id, fact.member_id
    )


async def _roles_changed(desk: Desk, conn: Connection, fact: MemberChanged) -> None:
    await contacts.save_roles(conn, fact.member_id, fact.roles)


async def _removed(desk: Desk, conn: Connection, fact: MemberRemoved) -> None:
    await accounts.forget_member(conn, fact.member_id, fact.occurred_at)


async def _closed(desk: Desk, conn: Connection, fact: AccountClosed) -> None:
    await accounts.close(conn, desk, cause_of(fact), fact.account_id, fact.reason)


WRITERS: Mapping[type[Fact], Writer] = {
    AccountRequested: _write_to_address,
    AccountLinkRenewed: _write_to_address,
    AccountAskedAgain: _write_to_address,
    AccountImported: _imported,
    AccountIssued: _issued,
    AccountPromoted: _promoted,
    MemberInvited: _write_to_member,
    MemberJoined: _joined,
    MemberChanged: _roles_changed,
    MemberRemoved: _removed,
    PasswordResetRequested: _write_to_member,
    PasswordChanged: _write_to_member,
    SecondFactorChanged: _write_to_member,
    AccountClosed: _closed,
}
