"""How the catcher answers a mail client, and the parts some addresses play."""

import asyncio
from asyncio.subprocess import PIPE
from collections.abc import Callable

import structlog
from aiosmtpd.smtp import SMTP, Envelope, Session

from services.notifications.catcher.returning import returned
from services.notifications.catcher.shelf import Shelf

_log = structlog.get_logger()
_SLOW_SECONDS = 5.0
_BUSY_TIMES = 2
_TAKEN = "250 2.0.0 taken"


def part_of(address: str) -> str:
    """The part an address plays: ``bounce`` of ``Bounce+17@example.jp``."""
    return address.rpartition("@")[0].partition("+")[0].lower()


class Door:
    """Answers MAIL, RCPT and DATA as the addressee's part demands."""

    def __init__(self, shelf: Shelf, return_command: str | None) -> None:
        self._shelf = shelf
        self._return_command = return_command
        self._errands: set[asyncio.Task[None]] = set()

    async def handle_RCPT(  # noqa: N802 - the name is the library's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Whether the addressee is taken."""
        part = part_of(address)
        if part == "bounce":
            return "550 5.1.1 nobody of this name here"
        if part == "busy" and self._shelf.tried(address) <= _BUSY_TIMES:
            return "451 4.2.1 busy, try again later"
        if part == "drop":
            _hang_up(server)
        if part == "slow-to-know":
            await asyncio.sleep(_SLOW_SECONDS)
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 known"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Whether the mail is taken; it lies on the shelf before we say so."""
        parts = {part_of(a) for a in envelope.rcpt_tos}
        if "refuse-data" in parts:
            return "554 5.7.1 not this text"
        if "busy-data" in parts and self._shelf.tried(envelope.rcpt_tos[0]) <= _BUSY_TIMES:
            return "451 4.3.0 busy, try again later"
        self._keep(envelope)
        if "slow" in parts:
            await asyncio.sleep(_SLOW_SECONDS)
        if "drop-after-data" in parts:
            _hang_up(server)
        return _TAKEN

    def _keep(self, envelope: Envelope) -> None:
        raw = envelope.original_content or b""
        for address in envelope.rcpt_tos:
            self._shelf.put(envelope.mail_from or "", address, raw)
            if part_of(address) == "return" and self._return_command:
                notice = returned(address, envelope.mail_from or "", raw)
                errand = asyncio.create_task(_hand_back(self._return_command, notice))
                self._errands.add(errand)
                errand.add_done_callback(self._errands.discard)


def protocols(door: Door) -> Callable[[], SMTP]:
    """What makes the conversation for each connection."""
    return lambda: SMTP(door, hostname="catcher.localhost", ident="machipo catcher")


def _hang_up(server: SMTP) -> None:
    if isinstance(server.transport, asyncio.WriteTransport):
        server.transport.abort()
    raise ConnectionResetError


async def _hand_back(command: str, notice: bytes) -> None:
    child = await asyncio.create_subprocess_shell(command, stdin=PIPE)
    await child.communicate(notice)
    _log.info("mail sent back", answer=child.returncode)
