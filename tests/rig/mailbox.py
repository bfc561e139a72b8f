"""The mails people got, read from the catcher as a program reads them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.rig.waiting import eventually

_TOKEN = re.compile(r"/([A-Za-z0-9_-]{20,})/?$")


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail."""

    id: int
    to: str
    subject: str
    text: str
    message_id: str
    links: Sequence[str]

    @property
    def link(self) -> str:
        """The one-time link in it."""
        found = [link for link in self.links if _TOKEN.search(link)]
        assert len(set(found)) == 1, (self.subject, self.links)
        return found[0]

    @property
    def token(self) -> str:
        """The secret part of that link."""
        found = _TOKEN.search(self.link)
        assert found
        return found[1]


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Everybody's mail."""

    url: str
    http: aiohttp.ClientSession

    async def mails(self, to: str | None = None, *, after: int = 0) -> list[Mail]:
        """What came, oldest first."""
        query = {"after": str(after), **({"to": to} if to else {})}
        async with self.http.get(f"{self.url}/mails", params=query) as response:
            found: list[dict[str, Any]] = (await response.json())["mails"]
        return [
            Mail(m["id"], m["to"], m["subject"], m["text"], m["message_id"], m["links"])
            for m in reversed(found)
        ]

    async def next(self, to: str, subject: str, *, after: int = 0, within: float = 60) -> Mail:
        """The first mail to ``to`` with ``subject`` in its subject that came after mail ``after``."""

        async def come() -> Mail | None:
            try:
                mails = await self.mails(to, after=after)
            except aiohttp.ClientError:
                return None
            return next((mail for mail in mails if subject in mail.subject), None)

        try:
            found: Mail | None = await eventually(come, within=within)
        except AssertionError:
            subjects = [mail.subject for mail in await self.mails(to)]
            raise AssertionError(f"no mail {subject!r} to {to}, only {subjects}") from None
        assert found
        return found
