"""A mail as it is written on the wire."""

from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as MAIL_POLICY
from email.utils import format_datetime
from uuid import UUID

from chassis.clock import now
from services.notifications.model.address import one_line

SENDER_NAME = "マチポ"


@dataclass(frozen=True, slots=True)
class Mail:
    """What goes into one mail."""

    delivery_id: UUID
    name: str
    address: str
    subject: str
    text: str
    html: str
    language: str = "ja"
    #: Where one click stops mails like this one (RFC 8058); none for letters that cannot be stopped.
    stop_link: str | None = None


def return_path(delivery_id: UUID, sender: str) -> str:
    """Where a mail that comes back goes: the address itself says which mail it was."""
    return f"bounce+{delivery_id.hex}@{sender.rpartition('@')[2]}"


def message_id(delivery_id: UUID, sender: str) -> str:
    """The Message-ID of a mail, the same however often it is tried."""
    return f"<{delivery_id}@{sender.rpartition('@')[2]}>"


def message_of(mail: Mail, sender: str) -> EmailMessage:
    """The mail as it is written on the wire: plain text and its HTML twin, no attachment."""
    message = EmailMessage(policy=MAIL_POLICY)
    message["From"] = Address(SENDER_NAME, addr_spec=sender)
    message["To"] = Address(_typed(mail.name), addr_spec=mail.address)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(now())
    message["Message-ID"] = message_id(mail.delivery_id, sender)
    message["Auto-Submitted"] = "auto-generated"
    if mail.stop_link is not None:
        message["List-Unsubscribe"] = f"<{mail.stop_link}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message["Precedence"] = "bulk"
    message.set_content(mail.text, charset="utf-8", cte="base64")
    message.add_alternative(mail.html, subtype="html", charset="utf-8", cte="base64")
    # Last: setting the content takes away whatever is said about the content before.
    message["Content-Language"] = "en" if mail.language == "en" else "ja"
    return message


def _typed(name: str) -> str:
    # What looks like an encoded word would be decoded by the reader's program into something else.
    return one_line(name).replace("=?", "= ?")
