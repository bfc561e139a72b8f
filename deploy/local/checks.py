"""`./portal test`: everything that continuous integration runs, one summary at the end."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from typing import IO

from deploy.local.browser import find_chromium
from deploy.local.environment import ensure_environment, needs_own_postgres
from deploy.local.places import ROOT, VENV
from deploy.local.rabbitmq import find_rabbitmq
from deploy.local.screen import Screen

_SOURCES = ["portal", "contracts", "chassis", "gateway", "services", "deploy", "tests"]
_CHECKS = {
    "ruff": ["ruff", "check", *_SOURCES],
    "format": ["ruff", "format", "--check", *_SOURCES],
    "types": ["mypy"],
    "rooms": ["lint-imports"],
}

#: Side by side: what starts the whole portal, and what does not. Every test lies in one lane.
_APART = ["tests/faults", "tests/journeys", "tests/deploy"]
_LANES = {
    "parts": ["tests", *(f"--ignore={path}" for path in _APART)],
    "whole": _APART,
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
        checks = _CHECKS
    failed = [
        name for name, command in checks.items() if not _holds(name, command, environment, screen)
    ]
    if not words:
        failed += _side_by_side(environment, screen)
    screen.show(f"FAILED: {', '.join(failed)}" if failed else "everything passed")
    return 1 if failed else 0


def _side_by_side(environment: dict[str, str], screen: Screen) -> list[str]:
    """Run the tests in lanes, since most of a test is waiting: one is seen as it goes, the other when it ends."""
    began = time.monotonic()
    screen.say(f"tests: {' and, shown after them, '.join(_LANES)}")
    with tempfile.TemporaryFile() as told, _lane("whole", environment, told) as whole:
        with _lane("parts", environment, None) as parts:
            failed = ["tests (parts)"] if parts.wait() else []
        failed += ["tests (whole)"] if whole.wait() else []
        told.seek(0)
        sys.stdout.write(told.read().decode(errors="replace"))
    took = time.monotonic() - began
    screen.say(f"tests: {'FAILED' if failed else 'ok'} ({took:.1f} s)")
    return failed


def _lane(
    name: str, environment: dict[str, str], told: IO[bytes] | None
) -> "subprocess.Popen[bytes]":
    command = [str(VENV / "bin/pytest"), "-q", "--durations=8", *_LANES[name]]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=told, stderr=subprocess.STDOUT
    )


def _holds(name: str, command: list[str], environment: dict[str, str], screen: Screen) -> bool:
    screen.say(f"{name}: {' '.join(command)}")
    began = time.monotonic()
    program = str(VENV / "bin" / command[0])
    code = subprocess.run([program, *command[1:]], cwd=ROOT, env=environment).returncode
    screen.say(f"{name}: {'ok' if code == 0 else 'FAILED'} ({time.monotonic() - began:.1f} s)")
    return code == 0
