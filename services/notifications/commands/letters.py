"""Write a letter, and put its mails in line."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.clock import now
from chassis.database import Connection
from services.notifications.commands.mails import conclude
from services.notifications.model.address import usable
from services.notifications.model.delivery import Delivery, State
from services.notifications.model.letter import (
    Box,
    Cause,
    Contact,
    Letter,
    delivery_id_of,
    letter_id_of,
)
from services.notifications.model.tokens import Tag, token_of
from services.notifications.model.writing import LANGUAGE, Value, written
from services.notifications.store import deliveries, letters

#: What a link of ours may be for.
STOP, CONFIRM, ADDRESS = "stop", "confirm", "address"


@dataclass(frozen=True, slots=True)
class Desk:
    """What a letter is written with, besides the database."""

    public_url: str
    unseal: Callable[[str], str]
    #: A short proof that a text came from us.
    tag: Tag = str.encode

    def stop_link(self, subscriber_id: UUID) -> str:
        """Where a reader changes and stops what is sent."""
        return f"{self.public_url}/follow/{token_of(self.tag, STOP, subscriber_id)}"

    def confirm_link(self, subscription_id: UUID) -> str:
        """Where a reader says that a subscription is wanted."""
        return f"{self.public_url}/follow/confirm/{token_of(self.tag, CONFIRM, subscription_id)}"

    def address_link(self, ask_id: UUID) -> str:
        """Where a resident says that an address is theirs."""
        return f"{self.public_url}/my/settings/address/{token_of(self.tag, ADDRESS, ask_id)}"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where one mail of a letter goes; without ``contact_id`` to somebody who has no account."""

    name: str
    address: str
    contact_id: UUID | None = None
    #: Not before, because the reader wants to be left alone.
    held_until: datetime | None = None

    @classmethod
    def of(cls, contact: Contact) -> "Recipient":
        """The recipient a contact is."""
        return cls(contact.name, contact.address, contact.contact_id)


@dataclass(frozen=True, slots=True)
class Secret:
    """The one-time link of a letter: sealed as it came, and when it is dead."""

    sealed: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Order:
    """A letter that is to be written."""

    cause: Cause
    box: Box
    template: str
    values: Mapping[str, Value]
    addressee: str
    secret: Secret | None = None
    by_mail: bool = True
    language: str = LANGUAGE
    #: When a link that only the mail carries is dead; where there is no secret to say it.
    link_until: datetime | None = None


async def write(
    conn: Connection, desk: Desk, order: Order, recipients: Iterable[Recipient]
) -> None:
    """Write the letter of an order and a mail for each recipient; once, however often it is told."""
    letter = _letter(desk, order)
    if not await letters.add_letter(conn, letter):
        return
    for recipient in recipients:
        await put_in_line(conn, letter.letter_id, letter.send_by, recipient)


async def put_in_line(
    conn: Connection, letter_id: UUID, send_by: datetime, recipient: Recipient
) -> None:
    """A mail of a letter; one that cannot be sent has failed at once, and that is said."""
    at = now()
    address = usable(recipient.address)
    waiting = Delivery(
        delivery_id=delivery_id_of(letter_id, recipient.contact_id),
        letter_id=letter_id,
        contact_id=recipient.contact_id,
        name=recipient.name,
        address=address or recipient.address,
        state=State.WAITING,
        queued_at=at,
        send_by=send_by,
        due_at=max(at, recipient.held_until or at),
    )
    await deliveries.add_delivery(conn, waiting)
    await conclude(conn, waiting, waiting.checked(usable=address is not None, at=at))


def _letter(desk: Desk, order: Order) -> Letter:
    values = {**order.values, "addressee": order.addressee, "public_url": desk.public_url}
    writing = written(order.template, values, order.language)
    return Letter(
        letter_id=letter_id_of(order.cause, order.template, order.box),
        cause=order.cause,
        box=order.box,
        template=order.template,
        version=writing.version,
        language=writing.language,
        subject=writing.subject,
        text=writing.text,
        by_mail=order.by_mail,
        sealed=order.secret.sealed if order.secret else None,
        link_until=order.secret.until if order.secret else order.link_until,
    )
