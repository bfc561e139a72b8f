"""A line to a mail server that is kept open for one mail after another."""

from contextlib import suppress
from types import TracebackType
from typing import Self

from aiosmtplib import SMTP, SMTPException, SMTPResponseException

from services.notifications.model.delivery import Outcome
from services.notifications.outside.mail import Mail, return_path
from services.notifications.outside.post import Post, Told, refusal, words
from services.notifications.outside.wide import bytes_of


class Line:
    """One connection; opened when a mail needs it, opened anew after any doubt."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self._client: SMTP | None = None
        #: An answer was waited for in vain once: another mail would wait as long.
        self.silent = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, why: BaseException | None, at: TracebackType | None
    ) -> None:
        if self._client is not None:
            with suppress(SMTPException, OSError):
                await self._client.quit(timeout=2)
            self._hang_up()

    async def carry(self, mail: Mail) -> Told:
        """Hand ``mail`` over; leave to do so was given before."""
        try:
            written = bytes_of(mail, self._post.sender)
        except (ValueError, IndexError) as why:
            return Told(Outcome.REFUSED, words(why))
        try:
            client = await self._open()
            await client.mail(return_path(mail.delivery_id, self._post.sender))
        except (SMTPException, OSError, ValueError) as why:
            self._fell(why)
            return Told(Outcome.NOT_SENT, words(why))
        return await self._say(client, mail.address, written)

    async def _say(self, client: SMTP, address: str, written: bytes) -> Told:
        try:
            await client.rcpt(address)
        except SMTPResponseException as why:
            with suppress(SMTPException, OSError):
                await client.rset()
            return refusal(why)
        except (SMTPException, OSError, ValueError) as why:
            self._fell(why)
            return Told(Outcome.NOT_SENT, words(why))
        try:
            answer = await client.data(written)
        except SMTPResponseException as why:
            return refusal(why)
        except (SMTPException, OSError) as why:
            self._fell(why)
            return Told(Outcome.UNKNOWN, words(why))
        return Told(Outcome.ACCEPTED, f"{answer.code} {answer.message}"[:200])

    async def _open(self) -> SMTP:
        if self._client is None:
            self._client = self._post.client()
            await self._client.connect()
        return self._client

    def _fell(self, why: Exception) -> None:
        self.silent = self.silent or isinstance(why, TimeoutError)
        self._hang_up()

    def _hang_up(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None
