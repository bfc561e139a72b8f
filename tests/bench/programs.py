"""Programs a row starts: on a core of their own, with their CPU time and memory told."""

import os
import resource
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local.child import Child
from deploy.local.places import ROOT
from deploy.local.ports import answers

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = resource.getpagesize()
#: What is measured runs on the first core, what asks it on the last.
SERVER_CORE = 0
CLIENT_CORE = max(os.sched_getaffinity(0))


@dataclass(frozen=True, slots=True)
class Program:
    """A running program and everything it started."""

    child: Child

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.child.pid.number

    def cpu_seconds(self) -> float:
        """CPU time so far, of the whole tree."""
        return cpu_seconds(self.pid)

    def resident(self) -> float:
        """Mebibytes resident now, of the whole tree."""
        return resident(self.pid)


@contextmanager
def program(
    command: Sequence[str],
    *,
    port: int,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    core: int | None = SERVER_CORE,
    within: float = 30,
) -> Iterator[Program]:
    """A program that listens on ``port``, for as long as the block lasts."""
    pinned = [] if core is None or not shutil.which("taskset") else ["taskset", "-c", str(core)]
    child = Child.start(
        command[0].rpartition("/")[2],
        [*pinned, *command],
        env={**os.environ, **(environment or {})},
        log=folder / f"{command[0].rpartition('/')[2]}-{port}.log",
        dies_with_us=True,
        cwd=ROOT,
    )
    try:
        child.wait_until(lambda: answers(port), within)
        yield Program(child)
    finally:
        child.stop(5)


def tree(pid: int) -> list[int]:
    """The process and all its descendants."""
    found, left = [], [pid]
    while left:
        one = left.pop()
        found.append(one)
        try:
            for task in Path(f"/proc/{one}/task").iterdir():
                left += [int(each) for each in (task / "children").read_text().split()]
        except OSError:
            continue
    return found


def cpu_seconds(pid: int) -> float:
    """CPU time of the process and its descendants, those that ended included."""
    total = 0
    for one in tree(pid):
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += sum(int(field) for field in fields[11:15])
    return total / _TICKS


def resident(pid: int) -> float:
    """Mebibytes resident of the process and its descendants."""
    pages = 0
    for one in tree(pid):
        try:
            pages += int(Path(f"/proc/{one}/statm").read_text().split()[1])
        except OSError:
            continue
    return pages * _PAGE / 2**20


def pin(pid: int, core: int) -> None:
    """Keep a process that runs already, and its descendants, on ``core``."""
    for one in tree(pid):
        for task in Path(f"/proc/{one}/task").iterdir():
            os.sched_setaffinity(int(task.name), {core})


def run(command: Sequence[str], *, core: int | None = CLIENT_CORE, **more: str) -> str:
    """What ``command`` prints; it ends with an error when the command does."""
    pinned = [] if core is None or not shutil.which("taskset") else ["taskset", "-c", str(core)]
    done = subprocess.run(
        [*pinned, *command], env={**os.environ, **more}, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {done.stderr[-400:]}")
    return done.stdout
