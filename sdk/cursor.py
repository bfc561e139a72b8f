"""Where a reader is: the position it has dealt with, and the chain there."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from sdk.chain import NOTHING, Entry, link
from sdk.errors import Contradiction


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last entry that was dealt with."""

    position: int = 0
    chain: bytes = NOTHING

    def after(self, entry: Entry) -> "Cursor":
        """The cursor after ``entry``, if it follows without a gap and its chain is right."""
        if entry.position != self.position + 1:
            raise Contradiction(f"entry {entry.position} came after {self.position}")
        if link(self.chain, entry) != entry.chain:
            raise Contradiction(f"the chain breaks at entry {entry.position}")
        return Cursor(entry.position, entry.chain)


class CursorFile:
    """Keeps a cursor in a file; a crash leaves the old one or the new one, never half of one."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Cursor:
        """The cursor that was kept, or the very beginning."""
        if not self._path.exists():
            return Cursor()
        kept = json.loads(self._path.read_text(encoding="utf-8"))
        return Cursor(int(kept["position"]), bytes.fromhex(kept["chain"]))

    def write(self, cursor: Cursor) -> None:
        """Keep a cursor."""
        text = json.dumps({"position": cursor.position, "chain": cursor.chain.hex()})
        beside = self._path.with_suffix(".new")
        with beside.open("w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        beside.replace(self._path)
