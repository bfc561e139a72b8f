"""One kept connection to a server, read by hand, so that little of what is measured is the asker's own."""

import asyncio
import time
from dataclasses import dataclass


@dataclass(slots=True)
class Line:
    """A connection over which one request after the other is asked."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def to(cls, port: int) -> "Line":
        """A fresh one."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def get(self, path: str) -> tuple[bytes, float]:
        """The body of an answer, and the milliseconds it took."""
        request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        began = time.perf_counter()
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.partition(b":")[2])
            for line in head.lower().split(b"\r\n")
            if line.startswith(b"content-length")
        )
        body = await self.reader.readexactly(length)
        took = (time.perf_counter() - began) * 1000
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"{path}: {head[:60]!r} {body[:200]!r}")
        return body, took
