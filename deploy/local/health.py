"""Asking a process how it is, over plain HTTP."""

import asyncio
import json
from contextlib import suppress

from deploy.local.ports import LOOPBACK


async def ask(port: int, path: str, *, seconds: float = 2) -> tuple[int, dict[str, object]]:
    """Status and document of an answer; status 0 when there is none."""
    try:
        async with asyncio.timeout(seconds):
            raw = await _ask(port, path)
    except (OSError, TimeoutError):
        return 0, {}
    head, _, body = raw.partition(b"\r\n\r\n")
    words = head.split(None, 2)
    document: object = {}
    with suppress(ValueError):
        document = json.loads(body)
    status = int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
    return status, document if isinstance(document, dict) else {}


async def _ask(port: int, path: str) -> bytes:
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    try:
        request = f"GET {path} HTTP/1.0\r\nHost: {LOOPBACK}:{port}\r\nAccept: */*\r\n\r\n"
        writer.write(request.encode())
        await writer.drain()
        return await reader.read()
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
