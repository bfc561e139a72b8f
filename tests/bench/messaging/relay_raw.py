"""The floor: bytes made beforehand go to the broker with confirms, and nothing else happens; facts a second."""

import asyncio
import struct
import time
from typing import Any
from uuid import uuid4

from chassis.broker import connect
from chassis.wire import Said, frames_of
from tests.bench.messaging.facts import KIND, TYPE, a_body, side

_BATCH = 500
_IN_FLIGHT = 4 * _BATCH
_ACK = struct.Struct(">BHIHHQB")


class _Confirms(asyncio.Protocol):
    """Counts what the broker confirms; knows nothing else of the protocol."""

    def __init__(self) -> None:
        self.confirmed, self.early = 0, set[int]()
        self.changed = asyncio.Event()
        self._rest = b""

    def data_received(self, data: bytes) -> None:
        """Walk the frames."""
        data, at = self._rest + data, 0
        while len(data) - at >= 7:
            size = int.from_bytes(data[at + 3 : at + 7], "big")
            if len(data) - at < size + 8:
                break
            if data[at] == 1 and data[at + 7 : at + 11] == b"\0\x3c\0\x50":
                *_, tag, bits = _ACK.unpack_from(data, at)
                self._confirm(tag, bool(bits & 1))
            at += size + 8
        self._rest = data[at:]
        self.changed.set()

    def _confirm(self, tag: int, multiple: bool) -> None:
        if multiple:
            self.confirmed = max(self.confirmed, tag)
        else:
            self.early.add(tag)
        while self.confirmed + 1 in self.early:
            self.confirmed += 1
            self.early.discard(self.confirmed)


def _said(n: int) -> Said:
    subject = f"thing/{n % 2000}"
    return Said(
        n, KIND, n, n, str(uuid4()), subject, n, TYPE, a_body(), "2026-04-01T00:00:00.000000Z", None
    )


async def main(told: dict[str, Any]) -> float:
    """Hand the socket of a ready connection to a protocol that only counts."""
    count = told["count"]
    async with connect(told["broker_url"], "floor") as line:
        channel = await line.channel(publisher_confirms=True)
        frames = [frames_of(_said(n + 1), channel.number, 131_064) for n in range(count)]
        batches = [b"".join(frames[at : at + _BATCH]) for at in range(0, count, _BATCH)]
        writer = line._writer_task.task.get_coro().cr_frame.f_locals["writer"]  # type: ignore[attr-defined]
        confirms = _Confirms()
        transport = writer.transport
        transport.set_protocol(confirms)
        began = time.perf_counter()
        for at, batch in enumerate(batches):
            while at * _BATCH - confirms.confirmed >= _IN_FLIGHT:
                confirms.changed.clear()
                await confirms.changed.wait()
            transport.write(batch)
        while confirms.confirmed < count:
            confirms.changed.clear()
            await confirms.changed.wait()
        seconds = time.perf_counter() - began
        transport.abort()
        return float(count / seconds)


if __name__ == "__main__":
    side(main)
