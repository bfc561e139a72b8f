"""The mail server: one mail goes out, and what the server said about it comes back."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as MAIL_POLICY
from email.utils import format_datetime
from typing import Literal
from uuid import UUID

from aiosmtplib import SMTP, SMTPException, SMTPResponseException

from chassis.clock import now
from services.notifications.model.address import one_line
from services.notifications.model.delivery import Outcome

SENDER_NAME = "マチポ"
_LONGEST_ANSWER = 500
_FOR_GOOD = 500


@dataclass(frozen=True, slots=True)
class Mail:
    """What goes into one mail."""

    delivery_id: UUID
    name: str
    address: str
    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Told:
    """How a try ended, in the mail server's words."""

    outcome: Outcome
    answer: str


@dataclass(frozen=True, slots=True)
class Post:
    """The mail server we hand our mails to."""

    host: str
    port: int
    sender: str
    security: Literal["none", "starttls", "tls"] = "none"
    user: str | None = None
    password: str | None = None
    seconds: float = 30.0

    async def carry(self, mail: Mail, hand_over: Callable[[], Awaitable[bool]]) -> Told | None:
        """Hand ``mail`` to the server; just before the text goes out, ask ``hand_over`` for leave.

        None if leave was not given. Only a connection lost after leave was given leaves it open
        whether the mail was sent; every other failure is the server's own word, or came before.
        """
        written = message_of(mail, self.sender).as_bytes()
        client = self._client()
        try:
            refused = await self._announce(client, mail)
            if refused is not None:
                return refused
            if not await hand_over():
                return None
            return await self._data(client, written)
        finally:
            with suppress(SMTPException, OSError):
                await client.quit(timeout=2)
            client.close()

    def _client(self) -> SMTP:
        return SMTP(
            hostname=self.host,
            port=self.port,
            username=self.user,
            password=self.password,
            timeout=self.seconds,
            use_tls=self.security == "tls",
            start_tls=self.security == "starttls",
        )

    async def _announce(self, client: SMTP, mail: Mail) -> Told | None:
        try:
            await client.connect()
            await client.mail(return_path(mail.delivery_id, self.sender))
        except (SMTPException, OSError, ValueError) as why:
            # A refusal before the addressee was named is about us, not about the addressee.
            return Told(Outcome.NOT_SENT, _words(why))
        try:
            await client.rcpt(mail.address)
        except SMTPResponseException as why:
            return _refusal(why)
        except (SMTPException, OSError, ValueError) as why:
            return Told(Outcome.NOT_SENT, _words(why))
        return None

    async def _data(self, client: SMTP, message: bytes) -> Told:
        try:
            answer = await client.data(message)
        except SMTPResponseException as why:
            return _refusal(why)
        except (SMTPException, OSError) as why:
            return Told(Outcome.UNKNOWN, _words(why))
        return Told(Outcome.ACCEPTED, one_line(f"{answer.code} {answer.message}"))


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
    message["Content-Language"] = "ja"
    message.set_content(mail.text, charset="utf-8", cte="base64")
    message.add_alternative(mail.html, subtype="html", charset="utf-8", cte="base64")
    return message


def _typed(name: str) -> str:
    # What looks like an encoded word would be decoded by the reader's program into something else.
    return one_line(name).replace("=?", "= ?")


def _refusal(why: SMTPResponseException) -> Told:
    outcome = Outcome.REFUSED if why.code >= _FOR_GOOD else Outcome.NOT_SENT
    return Told(outcome, _words(why))


def _words(why: Exception) -> str:
    if isinstance(why, SMTPResponseException):
        return one_line(f"{why.code} {why.message}")[:_LONGEST_ANSWER]
    return one_line(f"{type(why).__name__}: {why}")[:_LONGEST_ANSWER]
