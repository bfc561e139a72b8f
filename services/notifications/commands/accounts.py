"""What follows from what identity says about accounts: letters, and who can be written to."""

import re
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from pydantic import ValidationError

from chassis.clock import now
from chassis.database import Connection
from chassis.refusal import Invalid
from contracts.identity import LetterContent
from contracts.notifications import ACCOUNT_LETTERS
from services.notifications.commands.following import begin_following
from services.notifications.commands.letters import Desk, Order, Recipient, Secret, write
from services.notifications.commands.organisations import catch_up
from services.notifications.model.address import one_line, shown_name
from services.notifications.model.letter import Box, Cause, Contact
from services.notifications.model.writing import LINK_IS_IN_THE_MAIL, Value
from services.notifications.store import contacts, tellings

_LINK = re.compile(r"https?://[^\s<>\"']{1,2000}")
_SOMEBODY = "ご担当者"
_SOME_ORGANISATION = "貴団体"


def opened(desk: Desk, sealed: str) -> LetterContent:
    """What lies inside a sealed letter, complete for its template; ``Invalid`` otherwise."""
    try:
        content = LetterContent.model_validate_json(desk.unseal(sealed))
    except (ValueError, ValidationError) as why:
        raise Invalid("letter-sealed-for-others", f"封をした手紙を開けません：{why}") from None
    needed = ACCOUNT_LETTERS.get(content.template)
    if needed is None:
        raise Invalid("letter-template-unknown", f"ひな形 {content.template} がありません。")
    missing = sorted(name for name in needed if not content.values.get(name, "").strip())
    if missing:
        raise Invalid(
            "letter-value-missing", f"{content.template}: {'、'.join(missing)} がありません。"
        )
    return content


async def write_to_stranger(
    conn: Connection, desk: Desk, cause: Cause, sealed: str, content: LetterContent
) -> None:
    """A letter to somebody whose address is not proven; in nobody's box."""
    values = {
        name: shown_name(value, _SOME_ORGANISATION) if name == "organisation_name" else value
        for name, value in content.values.items()
    }
    name = shown_name(content.to_name, _SOMEBODY)
    addressee = f"{values['organisation_name']} {name}さま"
    order = _order(cause, Box(), content, values, addressee, sealed)
    await write(conn, desk, order, [Recipient(name, content.to_address)])


async def write_to_member(
    conn: Connection, desk: Desk, cause: Cause, sealed: str, content: LetterContent,
    organisation_id: UUID, member_id: UUID,
) -> None:  # fmt: skip
    """A letter to one member, into the member's own box."""
    values = {name: one_line(value) for name, value in content.values.items()}
    name = one_line(content.to_name)
    addressee = f"{values['organisation_name']} {name}さま"
    box = Box(organisation_id=organisation_id, member_id=member_id)
    order = _order(cause, box, content, values, addressee, sealed)
    await write(conn, desk, order, [Recipient(name, content.to_address, member_id)])


async def keep_contact(conn: Connection, contact: Contact) -> None:
    """Remember how to write to a member, who also gets what nobody there was mailed yet."""
    await contacts.hold_letters(conn, contact.organisation_id)
    if contact.contact_id != contact.organisation_id:
        # The organisation's own stand-in is not needed any more.
        await contacts.forget_contact(conn, contact.organisation_id)
    first = not await contacts.contacts_of(conn, contact.organisation_id)
    await contacts.save_contact(conn, contact)
    await begin_following(conn, contact.contact_id, now())
    if first:
        await catch_up(conn, contact)


async def forget_member(conn: Connection, member_id: UUID, at: datetime) -> None:
    """Write to a member no longer; what is still in line with many others is not sent."""
    await tellings.drop(conn, member_id, at)
    await contacts.forget_contact(conn, member_id)


async def close(
    conn: Connection, desk: Desk, cause: Cause, organisation_id: UUID, reason: str
) -> None:
    """Tell everybody there that the account is closed, then write to nobody there again."""
    name = await contacts.organisation_name(conn, organisation_id) or _SOME_ORGANISATION
    values: dict[str, Value] = {"organisation_name": name, "reason": reason}
    box = Box(organisation_id=organisation_id)
    order = Order(cause, box, "account_closed", values, f"{name} {_SOMEBODY}さま")
    known = await contacts.contacts_of(conn, organisation_id)
    await write(conn, desk, order, map(Recipient.of, known))
    for contact in known:
        await tellings.drop(conn, contact.contact_id, cause.at)
    await contacts.close_organisation(conn, organisation_id)


def _order(
    cause: Cause, box: Box, content: LetterContent, given: Mapping[str, str], addressee: str,
    sealed: str,
) -> Order:  # fmt: skip
    values: dict[str, Value] = dict(given)
    secret = None
    if "expires_at" in values:
        values["expires_at"] = until = _instant(given["expires_at"])
        if "link" in values:
            values["link"] = LINK_IS_IN_THE_MAIL
            secret = Secret(sealed, until)
            link_in(content)
    return Order(cause, box, content.template, values, addressee, secret)


def link_in(content: LetterContent) -> str:
    """The link of a letter, if it is one that can stand alone on a line."""
    link = content.values.get("link", "")
    if not _LINK.fullmatch(link):
        raise Invalid("letter-link-shape", f"{content.template}: リンクの形がちがいます。")
    return link


def _instant(value: str) -> datetime:
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise Invalid("letter-instant-shape", f"{value} は時差のついた日時ではありません。")
    return instant
