"""Debian packages, fetched and unpacked into a folder: no right on the machine is needed."""

import fcntl
import os
import platform
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from deploy.local.places import caches, writable
from deploy.local.trouble import Trouble

Say = Callable[[str], None]
#: Given the folder being filled and the folder it will be moved to.
Finish = Callable[[Path, Path], None]

_COMPLETE = "complete"
_FRESH_SECONDS = 900
#: They only serve a machine that runs the package as a system service.
_NOT_NEEDED = {"adduser", "logrotate", "cron", "cron-daemon-common", "init-system-helpers"}


def unpacked(
    name: str,
    packages: Sequence[str],
    say: Say,
    finish: Finish = lambda _work, _home: None,
) -> Path:
    """The folder that holds ``packages`` and what this machine lacks of their needs."""
    folders = [cache / f"{name}-{_platform()}" for cache in caches()]
    for folder in folders:
        if (folder / _COMPLETE).exists():
            return folder
    _demand_debian(name)
    home = next((each for each in folders if writable(each.parent)), None)
    if home is None:
        raise Trouble(f"cannot write {folders[-1].parent}: give this user the right to")
    with _alone(home.with_suffix(".lock")):
        if not (home / _COMPLETE).exists():
            _fill(home, packages, say, finish)
    return home


def _platform() -> str:
    try:
        release = platform.freedesktop_os_release().get("VERSION_CODENAME", "unknown")
    except OSError:
        release = "unknown"
    return f"{release}-{platform.machine()}"


def _demand_debian(name: str) -> None:
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise Trouble(
            f"{name} is not installed and there is no apt-get to fetch it with: install it "
            "(dnf install, brew install …), or use `docker compose up`"
        )


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep a second checkout from filling the same folder at the same time."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fill(home: Path, packages: Sequence[str], say: Say, finish: Finish) -> None:
    shutil.rmtree(home, ignore_errors=True)
    work = home.with_name(f"{home.name}.{os.getpid()}")
    shutil.rmtree(work, ignore_errors=True)
    archives = work / "archives"
    archives.mkdir(parents=True)
    try:
        say(f"fetching Debian packages for {', '.join(packages)}")
        _fetch(packages, home.parent / "apt", archives)
        files = sorted(archives.glob("*.deb"))
        say(f"unpacking {len(files)} packages")
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda file: _run(["dpkg-deb", "-x", str(file), str(work)]), files))
        finish(work, home)
        shutil.rmtree(archives)
        (work / _COMPLETE).write_text("\n".join(file.name for file in files) + "\n")
        work.rename(home)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _fetch(packages: Sequence[str], state: Path, archives: Path) -> None:
    (state / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    (state / "cache" / "archives" / "partial").mkdir(parents=True, exist_ok=True)
    apt = [
        "apt-get",
        *("-o", f"Dir::State::lists={state}/lists"),
        *("-o", f"Dir::Cache={state}/cache"),
        *("-o", "Debug::NoLocking=1"),
        *("-o", "APT::Sandbox::User="),
    ]
    with _alone(state / "lock"):
        _update(apt, state / "updated")
    plan = _run([*apt, "-s", "--no-install-recommends", "install", *packages])
    lacking = [line.split()[1] for line in plan.splitlines() if line.startswith("Inst ")]
    # What the machine has is not in the plan, but it was asked for and may lie elsewhere.
    names = [*dict.fromkeys([*lacking, *packages])]
    names = [name for name in names if name not in _NOT_NEEDED]
    _run([*apt, "-qq", "download", *names], folder=archives)


def _update(apt: list[str], mark: Path) -> None:
    """Hear what packages there are, unless that was a moment ago."""
    with suppress(OSError):
        if abs(time.clock_gettime(time.CLOCK_REALTIME) - mark.stat().st_mtime) < _FRESH_SECONDS:
            return
    _run([*apt, "-qq", "update"])
    mark.touch()


def _run(command: Sequence[str], folder: Path | None = None) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={**os.environ, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"},
    )
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no word"]
        raise Trouble(
            f"Debian's packages cannot be fetched ({lines[-1].strip()}): "
            "check the network and /etc/apt/sources.list, then run it again"
        )
    return done.stdout
