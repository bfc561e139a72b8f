"""A mail server that takes many mails quickly, and loses some of its answers after it has taken them."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from services.notifications.outside import Post

_ADDRESS = re.compile(rb"<([^>]*)>")
_MESSAGE_ID = re.compile(rb"^Message-ID: <([0-9a-f-]{36})@", re.MULTILINE | re.IGNORECASE)


@dataclass
class Sink:
    """What it took, by the id of each mail, and which answers it never gave."""

    #: Every so many mails its answer is lost; 0: never.
    loses_every: int = 0
    #: Domains for which it waits so long before it takes the addressee.
    slow: dict[str, float] = field(default_factory=dict)
    refuses: frozenset[str] = frozenset()
    #: It takes mails and says nothing until it is let go.
    hangs: bool = False
    let_go: asyncio.Event = field(default_factory=asyncio.Event)
    taken: Counter[str] = field(default_factory=Counter)
    #: Two sinks that share it lose the answer for a letter once between them: the second time a person has to look.
    lost: Counter[str] = field(default_factory=Counter)
    to: Counter[str] = field(default_factory=Counter)
    port: int = 0
    headers: bytes = b""

    def post(self, seconds: float) -> Post:
        """The way to it, with so much patience."""
        return Post("127.0.0.1", self.port, "no-reply@machipo.example", seconds=seconds)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        writer.write(b"220 sink\r\n")
        domain = ""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while line := await reader.readline():
                verb = line[:4].upper()
                if verb == b"RCPT":
                    domain = _address(line).rpartition("@")[2]
                    await asyncio.sleep(self.slow.get(domain, 0))
                    writer.write(b"550 no\r\n" if domain in self.refuses else b"250 ok\r\n")
                elif verb == b"DATA":
                    writer.write(b"354 go\r\n")
                    if not await self._take(await reader.readuntil(b"\r\n.\r\n"), domain):
                        await self._say_nothing(reader)
                        break
                    writer.write(b"250 taken\r\n")
                else:
                    writer.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
        writer.close()

    async def _say_nothing(self, reader: asyncio.StreamReader) -> None:
        """It took the mail; after the first whose answer it loses it waits, after the others it hangs up."""
        if self.hangs:
            await self.let_go.wait()
        elif sum(self.lost.values()) == 1:
            await reader.read()

    async def _take(self, text: bytes, domain: str) -> bool:
        found = _MESSAGE_ID.search(text)
        assert found is not None
        one = found[1].decode()
        self.taken[one] += 1
        self.to[domain] += 1
        self.headers = text
        if self.hangs:
            return False
        total = sum(self.taken.values()) if self.loses_every and not self.lost[one] else 0
        if self.loses_every and total % self.loses_every == 1:
            self.lost[one] += 1
            return False
        return True


def _address(line: bytes) -> str:
    found = _ADDRESS.search(line)
    return found[1].decode() if found else ""


@asynccontextmanager
async def opened(sink: Sink) -> AsyncIterator[Sink]:
    """The sink on a port of its own."""
    server = await asyncio.start_server(sink.talk, "127.0.0.1", 0, limit=1 << 20)
    sink.port = server.sockets[0].getsockname()[1]
    try:
        yield sink
    finally:
        sink.let_go.set()
        server.close()
