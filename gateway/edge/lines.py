"""One line per request on standard output, shaped like every other line, written a page at a time."""

import asyncio
import os
import sys

from gateway.edge.moment import Moment

#: What a pipe takes in one piece: lines of several workers never mix.
_PIECE = 4096
_WITHIN_SECONDS = 0.1


class Lines:
    """The access log of one worker."""

    __slots__ = ("_later", "_loop", "_moment", "_plain", "_size", "_target", "_waiting")

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        moment: Moment,
        *,
        plain: bool = False,
        target: int | None = None,
    ) -> None:
        self._loop = loop
        self._moment = moment
        self._plain = plain
        self._target = sys.stdout.fileno() if target is None else target
        self._waiting: list[bytes] = []
        self._size = 0
        self._later: asyncio.TimerHandle | None = None

    def request(
        self,
        request_id: bytes,
        method: bytes,
        path: bytes,
        status: int,
        at: float,
        milliseconds: int,
        size: int,
        address: bytes,
        who: bytes,
        way: bytes,
    ) -> None:
        """Note one answered request; ``path``, ``address`` and ``who`` are JSON texts. No query is noted."""
        if self._plain:
            parts = (self._moment.text, status, method, path, milliseconds, size, way)
            line = b"%b %d %b %b %dms %dB %b\n" % parts
        else:
            line = (
                b'{"service":"gateway","request_id":"%b","method":"%b","path":%b,"status":%d,"milliseconds":%d,'
                b'"bytes":%d,"address":%b,"actor":%b,"way":"%b","event":"request","level":"info","timestamp":"%b.%03dZ"}\n'
            ) % (
                request_id,
                method,
                path,
                status,
                milliseconds,
                size,
                address,
                who,
                way,
                self._moment.text,
                self._moment.milliseconds(at),
            )
        if self._size + len(line) > _PIECE:
            self.flush()
        self._waiting.append(line)
        self._size += len(line)
        if self._later is None:
            self._later = self._loop.call_later(_WITHIN_SECONDS, self._write)

    def _write(self) -> None:
        self._later = None
        self.flush()

    def flush(self) -> None:
        """Write what waits."""
        if self._waiting:
            piece = b"".join(self._waiting)
            self._waiting.clear()
            self._size = 0
            os.write(self._target, piece)


class NoLines(Lines):
    """For a log level above what these lines are worth."""

    def request(self, *_: object) -> None:
        """Nothing."""
