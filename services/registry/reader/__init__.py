"""Files of strangers are read in a process of their own: bounded in memory and time, with nothing worth taking.

``python -m services.registry.reader`` is that process; ``Reader`` starts it for one file and hears what it finds.
"""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson

from services.registry.model.imports.columns import ImportKind
from services.registry.model.imports.findings import Mistake, Unreadable
from services.registry.model.imports.table import Checked, Faulty
from services.registry.reader.bounds import EXIT_TOO_HEAVY, SIGNAL_TOO_LONG, Bounds

#: The longest line the process writes.
_LONGEST = 8 * 1024 * 1024
_ENVIRONMENT = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "LANG", "LC_ALL")


class Lost(Exception):
    """The process ended without a word; the same file may be read again."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of a file, and how far reading has come."""

    read: int
    expected: int
    headings: list[str] = field(default_factory=list)
    right: list[Checked] = field(default_factory=list)
    faulty: list[Faulty] = field(default_factory=list)


class Reader:
    """Reads so many files at once and no more; whoever comes later waits."""

    def __init__(self, bounds: Bounds | None = None, *, at_once: int = 1) -> None:
        self._bounds = bounds or Bounds()
        self._seats = asyncio.Semaphore(at_once)

    async def read(self, kind: ImportKind, content: bytes) -> AsyncGenerator[Part, None]:
        """The rows of a file, part by part; raises ``Unreadable`` where there is no reading it."""
        async with self._seats, _program(kind, self._bounds) as program:
            await _hand_over(program, content)
            done = False
            async for said in _lines(program):
                if "refused" in said:
                    raise Unreadable(*said["refused"])
                done = said["done"]
                yield _part(said)
            if not done:
                raise _ending(await program.wait())


@asynccontextmanager
async def _program(kind: ImportKind, bounds: Bounds) -> AsyncIterator[asyncio.subprocess.Process]:
    command = [sys.executable, "-m", "services.registry.reader", kind]
    command += [str(bounds.memory), str(bounds.seconds)]
    program = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=_LONGEST,
        # No password, no key: what reads strangers' files knows nothing.
        env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
    )
    try:
        yield program
    finally:
        if program.returncode is None:
            program.kill()
        await program.wait()


async def _hand_over(program: asyncio.subprocess.Process, content: bytes) -> None:
    stdin = program.stdin
    if stdin is None:
        raise Lost
    try:
        stdin.write(len(content).to_bytes(8, "big"))
        stdin.write(content)
        await stdin.drain()
        stdin.close()
    except (BrokenPipeError, ConnectionResetError):
        raise Lost from None


async def _lines(program: asyncio.subprocess.Process) -> AsyncIterator[dict[str, Any]]:
    stdout = program.stdout
    if stdout is None:
        raise Lost
    while line := await stdout.readline():
        if not line.endswith(b"\n"):
            return
        yield orjson.loads(line)


def _part(said: dict[str, Any]) -> Part:
    return Part(
        read=said["read"],
        expected=said["expected"],
        headings=said["headings"],
        right=[Checked(row, values) for row, values in said["right"]],
        faulty=[
            Faulty(row, cells, [Mistake(*mistake) for mistake in mistakes])
            for row, cells, mistakes in said["faulty"]
        ],
    )


def _ending(status: int) -> Exception:
    if status in (EXIT_TOO_HEAVY, -SIGNAL_TOO_LONG):
        return Unreadable(
            "file-too-heavy",
            "読むのに時間かメモリーがかかりすぎるファイルです。CSVで保存し直すか、分けてください。",
        )
    return Lost(f"the reader ended with {status}")
