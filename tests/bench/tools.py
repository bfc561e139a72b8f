"""The peers' programs: nginx, Caddy, wrk, pgbench; the machine's, or fetched like the broker."""

import os
import shutil
import sys
from functools import cache
from pathlib import Path

from deploy.local.debian import unpacked
from deploy.local.postgres.binaries import find_binaries
from deploy.local.trouble import Trouble

_PACKAGES = {"nginx": "nginx-light", "caddy": "caddy", "wrk": "wrk"}


@cache
def tool(name: str) -> str:
    """The path of ``nginx``, ``caddy``, ``wrk`` or ``pgbench``."""
    own = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if own:
        return own
    if name == "pgbench":
        beside = find_binaries().folder / "pgbench"
        if beside.exists():
            return str(beside)
    root = unpacked(name, [_PACKAGES.get(name, "postgresql-contrib")], _say)
    found = [path for folder in ("usr/sbin", "usr/bin") for path in [root / folder / name]]
    for path in [*found, *root.glob(f"usr/lib/postgresql/*/bin/{name}")]:
        if path.exists():
            _lend_libraries(root)
            return str(path)
    raise Trouble(f"{name} is missing from {root}: delete that folder and run it again")


def _lend_libraries(root: Path) -> None:
    folders = [str(path) for path in (*root.glob("usr/lib/*-linux-gnu*"), *root.glob("lib/*-gnu*"))]
    known = os.environ.get("LD_LIBRARY_PATH", "")
    os.environ["LD_LIBRARY_PATH"] = ":".join([*folders, *filter(None, [known])])


def _say(words: str) -> None:
    print(words, file=sys.stderr)
