"""What the processes write: one file each, followed on the screen."""

import asyncio
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from deploy.local.places import PORTAL
from deploy.local.screen import Screen

LOGS = PORTAL / "log"
_MOST_BYTES = 20_000_000


def make_room() -> None:
    """Put long logs of earlier runs aside, and the logs before those away."""
    LOGS.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in LOGS.glob("*.log"):
        if path.stat().st_size > _MOST_BYTES:
            path.replace(path.with_suffix(".log.old"))


class Reader:
    """Reads on where it stopped, whole lines only."""

    def __init__(self, path: Path, *, last: int | None = None) -> None:
        self._path = path
        self._place = 0 if last is None else _place_of(path, last)

    def lines(self) -> list[str]:
        """What was written since."""
        try:
            if self._path.stat().st_size < self._place:
                self._place = 0
            with self._path.open("rb") as file:
                file.seek(self._place)
                text = file.read(1 << 20)
        except OSError:
            return []
        cut = text.rfind(b"\n") + 1
        self._place += cut
        return text[:cut].decode(errors="replace").splitlines()


def _place_of(path: Path, last: int) -> int:
    """Where the ``last`` lines begin."""
    try:
        with path.open("rb") as file:
            end = file.seek(0, os.SEEK_END)
            start = max(0, end - 400 * (last + 1))
            file.seek(start)
            text = file.read()
    except OSError:
        return 0
    lines = text.splitlines(keepends=True)
    return end - sum(len(line) for line in (lines[-last:] if last else []))


async def follow(
    screen: Screen, names: Callable[[], Iterable[str]], *, last: int = 0, forever: bool = True
) -> None:
    """Show the ``last`` lines of each process, then what they write as they write it."""
    readers: dict[str, Reader] = {}
    while True:
        for name in names():
            if name not in readers:
                readers[name] = Reader(LOGS / f"{name}.log", last=last)
            for line in readers[name].lines():
                screen.log(name, line)
        if not forever:
            return
        await asyncio.sleep(0.2)
