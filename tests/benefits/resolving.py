"""Names that lead where a test says."""

import asyncio
import socket

from aiohttp.abc import AbstractResolver, ResolveResult

#: A name nobody knows, and one about which nobody ever says anything.
NOWHERE, SILENT = "nowhere", "silent"


class Names(AbstractResolver):
    """Names whose answer changes each time they are asked for."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        told = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if told == NOWHERE:
            raise OSError(f"nobody knows {host}")
        if told == SILENT:
            await asyncio.Event().wait()
        return [
            ResolveResult(
                hostname=host, host=one, port=port, family=socket.AF_INET, proto=0, flags=0
            )
            for one in told.split()
        ]

    async def close(self) -> None:
        """Nothing is kept."""
