"""`./portal test`: everything that continuous integration runs, one summary at the end."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import IO

from deploy.local.browser import find_chromium, find_libraries
from deploy.local.environment import ensure_environment, needs_own_postgres
from deploy.local.places import ROOT, VENV
from deploy.local.rabbitmq import find_rabbitmq
from deploy.local.screen import Screen

_SOURCES = ["portal", "contracts", "chassis", "gateway", "services", "deploy", "tests"]
_CHECKS = {
    "ruff": ["ruff", "check", *_SOURCES],
    "format": ["ruff", "format", "--check", *_SOURCES],
    "rooms": ["lint-imports"],
}

#: Side by side, since much of a test is waiting: three lanes that take about as long as each other, and the types.
#: Every test lies in one lane, a new folder's in the first.
_JOURNEYS = ["tests/gateway", "tests/journeys"]
_FAULTS = ["tests/registry", "tests/faults", "tests/deploy"]
#: A test that hangs says where and ends its lane; the longest takes two minutes.
_HANGS = ["-o", "faulthandler_timeout=900", "-o", "faulthandler_exit_on_timeout=true"]
_TESTS = ["pytest", "-q", "--durations=8", *_HANGS]
_LANES = {
    "rest": [*_TESTS, "tests", *(f"--ignore={path}" for path in [*_JOURNEYS, *_FAULTS])],
    "types": ["mypy"],
    "journeys": [*_TESTS, *_JOURNEYS],
    "faults": [*_TESTS, *_FAULTS],
}


def check(words: Sequence[str], screen: Screen) -> int:
    """Run the checks and the tests, or only pytest with ``words``; answer 1 if any failed."""
    ensure_environment(["test", *needs_own_postgres()], screen.say)
    environment = {
        **os.environ,
        "PATH": f"{VENV / 'bin'}:{os.environ.get('PATH', '/usr/bin:/bin')}",
        "PYTHONUTF8": "1",
    }
    checks = {"tests": ["pytest", *words]}
    if not words:
        # Fetched before the first test asks, so that no test pays for it.
        find_rabbitmq(screen.say)
        environment["PORTAL_CHROMIUM"] = str(find_chromium(screen.say))
        if libraries := find_libraries(screen.say):
            own = os.environ.get("LD_LIBRARY_PATH")
            environment["LD_LIBRARY_PATH"] = f"{libraries}:{own}" if own else str(libraries)
        checks = _CHECKS
    failed = [
        name for name, command in checks.items() if not _holds(name, command, environment, screen)
    ]
    if not words:
        failed += _side_by_side(environment, screen)
    screen.show(f"FAILED: {', '.join(failed)}" if failed else "everything passed")
    return 1 if failed else 0


def _side_by_side(environment: dict[str, str], screen: Screen) -> list[str]:
    """Run what takes long in lanes: the first is seen as it goes, the others when it has ended."""
    began = time.monotonic()
    screen.say(f"side by side: {', then shown: '.join(_LANES)}")
    failed = []
    with ExitStack() as open_until_all_ended:
        lanes = [
            open_until_all_ended.enter_context(_lane(name, environment, told=number > 0))
            for number, name in enumerate(_LANES)
        ]
        for lane in lanes:
            failed += [lane.name] if lane.process.wait() else []
            lane.show()
    took = time.monotonic() - began
    screen.say(f"side by side: {'FAILED' if failed else 'ok'} ({took:.1f} s)")
    return failed


@dataclass
class _Lane:
    name: str
    process: "subprocess.Popen[bytes]"
    told: IO[bytes] | None

    def show(self) -> None:
        if self.told is not None:
            self.told.seek(0)
            sys.stdout.write(self.told.read().decode(errors="replace"))


@contextmanager
def _lane(name: str, environment: dict[str, str], *, told: bool) -> Iterator[_Lane]:
    program, *words = _LANES[name]
    command = [str(VENV / "bin" / program), *words]
    with tempfile.TemporaryFile() as file:
        out = file if told else None
        with subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT
        ) as process:
            yield _Lane(name, process, out)


def _holds(name: str, command: list[str], environment: dict[str, str], screen: Screen) -> bool:
    screen.say(f"{name}: {' '.join(command)}")
    began = time.monotonic()
    program = str(VENV / "bin" / command[0])
    code = subprocess.run([program, *command[1:]], cwd=ROOT, env=environment).returncode
    screen.say(f"{name}: {'ok' if code == 0 else 'FAILED'} ({time.monotonic() - began:.1f} s)")
    return code == 0
