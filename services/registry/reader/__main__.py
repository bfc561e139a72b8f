"""The reading process: takes one file on standard input, tells what is in it line by line, ends."""

import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

import orjson

from services.registry.model.imports.columns import ImportKind
from services.registry.model.imports.findings import Unreadable
from services.registry.model.imports.limits import LARGEST
from services.registry.model.imports.reading import rows_of
from services.registry.model.imports.table import Checked, Faulty, Table
from services.registry.reader.bounds import EXIT_TOO_HEAVY, Bounds, bind

_ROWS = 1_000
_CHARACTERS = 500_000


def tell(kind: ImportKind, content: bytes) -> Iterator[dict[str, Any]]:
    """What is in the file, in parts that are never large; the last one says that it is the last."""
    try:
        expected, lines = rows_of(content)
        table = Table(kind)
        part = _Part(table, expected)
        for row in table.read(lines):
            part.take(row)
            if part.is_full:
                yield part.told(done=False)
        yield part.told(done=True)
    except Unreadable as why:
        yield {"refused": [why.code, why.detail]}


class _Part:
    def __init__(self, table: Table, expected: int) -> None:
        self._table = table
        self._expected = expected
        self._read = self._characters = 0
        self._right: list[Any] = []
        self._faulty: list[Any] = []

    def take(self, row: Checked | Faulty) -> None:
        self._read += 1
        if isinstance(row, Checked):
            self._right.append((row.row, row.values))
            self._characters += sum(len(v) for v in row.values.values() if type(v) is str)
        else:
            self._faulty.append((row.row, row.cells, row.mistakes))
            self._characters += sum(map(len, row.cells))

    @property
    def is_full(self) -> bool:
        rows = len(self._right) + len(self._faulty)
        return rows >= _ROWS or self._characters >= _CHARACTERS

    def told(self, *, done: bool) -> dict[str, Any]:
        said = {
            "done": done,
            "read": self._read,
            # Without the heading, and never less than what was read.
            "expected": self._read if done else max(self._expected - 1, self._read),
            "headings": self._table.headings,
            "right": self._right,
            "faulty": [[n, cells, [_plain(m) for m in wrong]] for n, cells, wrong in self._faulty],
        }
        self._right, self._faulty, self._characters = [], [], 0
        return said


def _plain(mistake: Any) -> list[Any]:
    return [mistake.row, mistake.column, mistake.value, mistake.code, mistake.detail]


def _taken(source: BinaryIO) -> bytes:
    size = int.from_bytes(source.read(8), "big")
    content = source.read(min(size, LARGEST + 1))
    if len(content) != size:
        sys.exit("the file did not come whole")
    return content


def main() -> None:
    """Read one file within bounds."""
    _, kind, memory, seconds = sys.argv
    bind(Bounds(int(memory), int(seconds)))
    out = sys.stdout.buffer
    try:
        for said in tell(ImportKind(kind), _taken(sys.stdin.buffer)):
            out.write(orjson.dumps(said) + b"\n")
            out.flush()
    except MemoryError:
        sys.exit(EXIT_TOO_HEAVY)


if __name__ == "__main__":
    main()
