"""Provisional accounts (仮アカウント), brought in by the secretariat."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from chassis.database import Connection
from chassis.ids import new_id
from chassis.outbox import publish
from contracts.identity import AccountImported
from contracts.values import OrganisationKind
from services.identity.commands.issuing import FIRST_ROLES
from services.identity.commands.office import NewLink, Office
from services.identity.model.accounts import READABLE, Account, AccountState, prefix_of
from services.identity.model.links import Purpose
from services.identity.model.members import Member, MemberState
from services.identity.model.provisional import ProvisionalRow, RowError, read
from services.identity.store import accounts, links, members


@dataclass(frozen=True, slots=True)
class Import:
    """What an import did, or would do; with errors it did nothing."""

    rows: list[ProvisionalRow]
    errors: list[RowError]
    imported: int = 0


async def check(conn: Connection, raw: bytes) -> Import:
    """What importing the file would do, with every row that cannot be."""
    rows, errors = read(raw)
    owned = await accounts.codes_in_use(conn, [r.organisation_code for r in rows])
    taken = [
        RowError(
            row.row,
            "団体コード",
            "account_exists",
            f"「{owned[row.organisation_code]}」のアカウントがすでにあります。この行を消してください。",
        )
        for row in rows
        if row.organisation_code in owned
    ]
    return Import(rows, sorted([*errors, *taken], key=lambda e: (e.row, e.column)))


async def bring_in(
    conn: Connection, office: Office, raw: bytes, *, promote_on: date, now: datetime
) -> Import:
    """Import every row of the file, or none of them."""
    await accounts.lock_issuing(conn)
    checked = await check(conn, raw)
    if checked.errors:
        return checked
    numbered = await accounts.codes_numbered(conn, [r.organisation_code for r in checked.rows])
    made = [_made(office, row, numbered, promote_on, now) for row in checked.rows]
    await accounts.add_accounts(conn, [account for account, _, _ in made])
    await members.add_members(conn, [member for _, member, _ in made])
    await links.add_links(conn, [new.link for _, _, new in made])
    _say(conn, office, made, now)
    return Import(checked.rows, [], len(made))


def _made(
    office: Office, row: ProvisionalRow, numbered: dict[str, int], promote_on: date, now: datetime
) -> tuple[Account, Member, NewLink]:
    code = row.organisation_code
    kind = OrganisationKind.MUNICIPALITY
    account = Account(
        id=office.account_ids(code),
        revision=1,
        organisation_kind=kind,
        organisation_code=code,
        organisation_name=row.organisation_name,
        state=AccountState.PROVISIONAL,
        created_at=now,
        sign_in_prefix=prefix_of(kind, code, READABLE[-1], numbered.get(code, 0)),
        promote_on=row.promote_on or promote_on,
    )
    account, sign_in_id = account.numbered()
    member = Member(
        id=new_id(),
        account_id=account.id,
        sign_in_id=sign_in_id,
        name=row.contact_name,
        email=row.email,
        roles=FIRST_ROLES,
        state=MemberState.INVITED,
        invited_at=now,
    )
    return account, member, office.new_link(account, member, Purpose.ACTIVATION, now)


def _say(
    conn: Connection, office: Office, made: Iterable[tuple[Account, Member, NewLink]], now: datetime
) -> None:
    for account, member, new in made:
        publish(
            conn,
            AccountImported(
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
