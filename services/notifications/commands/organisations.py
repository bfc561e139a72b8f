"""What follows from what the registry says: letters to an organisation, a member, and the secretariat."""

from collections.abc import Mapping
from uuid import UUID

from chassis.database import Connection
from contracts.principal import Role
from contracts.values import OrganisationKind
from services.notifications.commands.letters import Desk, Order, Recipient, put_in_line, write
from services.notifications.model.letter import (
    ACTING,
    DESK,
    Box,
    Cause,
    Contact,
    notice_send_by,
    whom_to_write,
)
from services.notifications.model.writing import Value
from services.notifications.store import contacts, letters

_SOME_ORGANISATION = "貴団体"


async def tell_organisation(
    conn: Connection, desk: Desk, cause: Cause, organisation_id: UUID, template: str,
    values: Mapping[str, Value], *, by_mail: bool = True, roles: frozenset[Role] = ACTING,
) -> None:  # fmt: skip
    """A letter into an organisation's box, and by mail to those who can act on it."""
    name = await contacts.organisation_name(conn, organisation_id) or _SOME_ORGANISATION
    order = Order(
        cause=cause,
        box=Box(organisation_id=organisation_id),
        template=template,
        values={"organisation_name": name, **values},
        addressee=f"{name} ご担当者さま",
        by_mail=by_mail,
    )
    # Another copy may be hearing of the first reader right now: one of us has to see the other.
    await contacts.hold_readers(conn, organisation_id)
    known = await contacts.contacts_of(conn, organisation_id) if by_mail else []
    await write(conn, desk, order, map(Recipient.of, whom_to_write(known, roles)))


async def tell_member(
    conn: Connection, desk: Desk, cause: Cause, organisation_id: UUID, member_id: UUID | None,
    template: str, values: Mapping[str, Value],
) -> None:  # fmt: skip
    """A letter to one member alone; to the organisation where no such member is known there."""
    await contacts.hold_readers(conn, organisation_id)
    known = await contacts.contacts_of(conn, organisation_id)
    member = next((one for one in known if one.contact_id == member_id), None)
    if member is None:
        await tell_organisation(conn, desk, cause, organisation_id, template, values)
        return
    name = await contacts.organisation_name(conn, organisation_id) or _SOME_ORGANISATION
    order = Order(
        cause=cause,
        box=Box(organisation_id=organisation_id, member_id=member_id),
        template=template,
        values={"organisation_name": name, **values},
        addressee=f"{name} {member.name}さま",
    )
    await write(conn, desk, order, [Recipient.of(member)])


async def tell_secretariat(
    conn: Connection, desk: Desk, cause: Cause, template: str, values: Mapping[str, Value]
) -> None:
    """A letter to those at the secretariat for whom work has come in."""
    for organisation_id in await contacts.organisations_of(conn, OrganisationKind.SECRETARIAT):
        box = Box(organisation_id=organisation_id)
        order = Order(cause, box, template, values, "マチポ事務局 ご担当者さま")
        await contacts.hold_readers(conn, organisation_id)
        known = await contacts.contacts_of(conn, organisation_id)
        await write(conn, desk, order, map(Recipient.of, whom_to_write(known, DESK)))


async def applicant_name(conn: Connection, organisation_id: UUID) -> str:
    """How the secretariat reads an organisation's name."""
    return await contacts.organisation_name(conn, organisation_id) or "（名称はまだ届いていません）"


async def catch_up(conn: Connection, contact: Contact) -> None:
    """Mail to the first contact what was written to the organisation before anybody was known.

    The registry's fact may be heard before identity's; its letter then lies in the box unmailed.
    """
    for row in await letters.unmailed(conn, contact.organisation_id):
        send_by = notice_send_by(row["written_at"])
        await put_in_line(conn, row["letter_id"], send_by, Recipient.of(contact))
