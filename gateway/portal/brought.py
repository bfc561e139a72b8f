"""A file that came with a form: it lies outside the memory of this process and goes on piece by piece."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from os import SEEK_END
from typing import IO

#: What one upload holds in memory at a time.
_PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Brought:
    """One file of a form; the form was read to its end before, so that what follows the file in it counts, too."""

    name: str
    size: int
    _file: IO[bytes]

    @classmethod
    def of(cls, name: str, file: IO[bytes]) -> "Brought":
        """The file as it was laid down, whatever has been read of it."""
        return cls(name, file.seek(0, SEEK_END), file)

    async def pieces(self) -> AsyncIterator[bytes]:
        """Its content from the beginning."""
        await asyncio.to_thread(self._file.seek, 0)
        while piece := await asyncio.to_thread(self._file.read, _PIECE):
            yield piece

    async def sha256(self) -> str:
        """What names its content."""
        digest = hashlib.sha256()
        async for piece in self.pieces():
            digest.update(piece)
        return digest.hexdigest()

    async def first(self, most: int) -> bytes:
        """No more than so many bytes of it."""
        await asyncio.to_thread(self._file.seek, 0)
        return await asyncio.to_thread(self._file.read, most)
