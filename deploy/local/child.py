"""A child process that leads its own group, and how to end one: ours or a crashed launcher's."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from deploy.local.trouble import Trouble

#: How long anything may take to start. What ends while it starts is noticed at once, so that this is for what hangs,
#: and may be long: a slow machine is no reason to give up.
START_SECONDS = 300
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class Pid:
    """A process id that cannot be mistaken for a later process with the same number."""

    name: str
    number: int
    started: str
    how: int = signal.SIGTERM

    @classmethod
    def of(cls, name: str, number: int, how: int = signal.SIGTERM) -> "Pid":
        """The process that has ``number`` now, to be ended by signal ``how``."""
        return cls(name, number, _started(number), int(how))

    @property
    def alive(self) -> bool:
        """Whether this very process still runs."""
        return bool(self.started) and _started(self.number) == self.started

    def send(self, how: int) -> None:
        """Signal the process, if it still is the one meant."""
        if self.alive:
            try:
                os.kill(self.number, how)
            except ProcessLookupError:
                return

    def end_group(self) -> None:
        """Kill what is left of the group this process led."""
        if self.started:
            try:
                os.killpg(self.number, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                return

    def as_json(self) -> dict[str, object]:
        """The fields, for the run file."""
        return asdict(self)


def _started(number: int) -> str:
    """When a process started, as the kernel or `ps` tells; empty when there is none."""
    try:
        fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
        return "" if fields[0] == "Z" else fields[19]
    except FileNotFoundError:
        if Path("/proc/self/stat").exists():
            return ""
    except OSError:
        return ""
    asked = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(number)], capture_output=True, text=True
    )
    return asked.stdout.strip()


def end(pids: Sequence[Pid], within: float) -> list[Pid]:
    """Ask each to end, wait, kill what did not; tell which had to be killed."""
    for pid in pids:
        pid.send(pid.how)
    deadline = time.monotonic() + within
    while any(pid.alive for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.02)
    late = [pid for pid in pids if pid.alive]
    for pid in late:
        pid.send(signal.SIGKILL)
        pid.end_group()
    return late


def _follow() -> None:
    """Have the kernel kill this process when the one that started it dies, however it dies."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Newborn:
    """A process that became our child without our starting it: what `subprocess.Popen` tells of its own."""

    def __init__(self, number: int) -> None:
        self.pid = number
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """How it ended; None while it runs."""
        if self.returncode is None:
            number, status = os.waitpid(self.pid, os.WNOHANG)
            self.returncode = os.waitstatus_to_exitcode(status) if number else None
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """How it ended, once it has."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if deadline is not None and time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            time.sleep(0.02)
        return code

    def kill(self) -> None:
        """End it at once."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)


@dataclass(slots=True)
class Child:
    """A server we started, its log, and the process behind it."""

    pid: Pid
    process: subprocess.Popen[bytes] | Newborn
    log: Path

    @classmethod
    def start(
        cls,
        name: str,
        command: Sequence[str],
        *,
        env: dict[str, str],
        log: Path,
        how: int = signal.SIGTERM,
        dies_with_us: bool = False,
        **options: object,
    ) -> "Child":
        """Start ``command``, its output appended to ``log``."""
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as out:
            process = subprocess.Popen(  # type: ignore[call-overload]
                command,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_follow if dies_with_us else None,  # noqa: PLW1509 - only tests ask for it
                **options,
            )
        return cls(Pid.of(name, process.pid, how), process, log)

    @property
    def ended(self) -> bool:
        """Whether it runs no more."""
        return self.process.poll() is not None

    def wait_until(self, ready: Callable[[], bool], within: float) -> None:
        """Return when ``ready`` says so; raise its last words when it ends or takes too long."""
        deadline = time.monotonic() + within
        while not ready():
            if self.process.poll() is not None:
                raise Trouble(f"{self.pid.name} ended while starting: {self.last_words()}")
            if time.monotonic() > deadline:
                raise Trouble(
                    f"{self.pid.name} is not ready after {within:.0f} s, see {self.log}: "
                    f"{self.last_words()}"
                )
            time.sleep(0.05)

    def last_words(self, lines: int = 3) -> str:
        """The end of the log, on one line."""
        try:
            text = self.log.read_text(errors="replace").strip().splitlines()
        except OSError:
            return "no log"
        return " / ".join(line.strip() for line in text[-lines:]) or "it said nothing"

    def stop(self, within: float = 10) -> None:
        """End it, by force when it takes longer than ``within`` seconds."""
        if self.process.poll() is None:
            self.pid.send(self.pid.how)
        try:
            self.process.wait(within)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.pid.end_group()
