"""The time as lines and headers want it, worked out once a second, and ids that sort by it."""

import os
from asyncio import AbstractEventLoop
from email.utils import format_datetime

from chassis.clock import JAPAN, now

_LOW_48 = (1 << 48) - 1
_CHANCE = 74


class Moment:
    """This instant, as cheap as reading a field."""

    __slots__ = ("_chance", "_loop", "_second", "_until", "date", "day", "text")

    def __init__(self, loop: AbstractEventLoop) -> None:
        self._loop = loop
        self._until = -1.0
        self._second = 0
        self._chance = 0
        #: ``Date`` header line of this second.
        self.date = b""
        #: ISO text of this second, without fraction.
        self.text = b""
        #: Which day it is in Japan; an answer kept yesterday is not told today.
        self.day = 0
        self.read()

    def read(self) -> float:
        """The loop's time; the fields are right for it."""
        at = self._loop.time()
        if at >= self._until:
            self._turn(at)
        return at

    def _turn(self, at: float) -> None:
        instant = now()
        self._second = int(instant.timestamp())
        self._until = at + 1 - instant.microsecond / 1e6
        self.date = b"\r\nDate: " + format_datetime(instant, usegmt=True).encode()
        self.text = instant.strftime("%Y-%m-%dT%H:%M:%S").encode()
        self.day = instant.astimezone(JAPAN).toordinal()
        self._chance = int.from_bytes(os.urandom(10), "big") >> (80 - _CHANCE)

    def milliseconds(self, at: float) -> int:
        """Which thousandth of this second ``at`` is."""
        return min(max(int((at - self._until + 1) * 1000), 0), 999)

    def request_id(self, at: float) -> bytes:
        """A UUIDv7 (RFC 9562): milliseconds, then a count that starts anywhere each second."""
        chance = self._chance = (self._chance + 1) & ((1 << _CHANCE) - 1)
        ms = self._second * 1000 + self.milliseconds(at)
        return b"%08x-%04x-7%03x-%04x-%012x" % (
            ms >> 16,
            ms & 0xFFFF,
            chance >> 62,
            0x8000 | chance >> 48 & 0x3FFF,
            chance & _LOW_48,
        )
