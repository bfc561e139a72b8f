"""A mail server: one mail goes out, and what the server said about it comes back."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from aiosmtplib import SMTP, SMTPException, SMTPResponseException

from services.notifications.model.address import one_line
from services.notifications.model.delivery import Outcome
from services.notifications.outside.mail import Mail, message_of, return_path

_LONGEST_ANSWER = 500
_FOR_GOOD = 500


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
        client = self.client()
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

    def client(self) -> SMTP:
        """A line to the server, not yet open."""
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
            return Told(Outcome.NOT_SENT, words(why))
        try:
            await client.rcpt(mail.address)
        except SMTPResponseException as why:
            return refusal(why)
        except (SMTPException, OSError, ValueError) as why:
            return Told(Outcome.NOT_SENT, words(why))
        return None

    async def _data(self, client: SMTP, message: bytes) -> Told:
        try:
            answer = await client.data(message)
        except SMTPResponseException as why:
            return refusal(why)
        except (SMTPException, OSError) as why:
            return Told(Outcome.UNKNOWN, words(why))
        return Told(Outcome.ACCEPTED, one_line(f"{answer.code} {answer.message}"))


def refusal(why: SMTPResponseException) -> Told:
    """What a server's no comes to: for good, or for now."""
    outcome = Outcome.REFUSED if why.code >= _FOR_GOOD else Outcome.NOT_SENT
    return Told(outcome, words(why))


def words(why: Exception) -> str:
    """A failure in one line."""
    if isinstance(why, SMTPResponseException):
        return one_line(f"{why.code} {why.message}")[:_LONGEST_ANSWER]
    return one_line(f"{type(why).__name__}: {why}")[:_LONGEST_ANSWER]
