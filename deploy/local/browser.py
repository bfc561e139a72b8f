"""A browser and a Japanese font for the tests that look at pages."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from deploy.local.debian import Say, unpacked
from deploy.local.places import VENV
from deploy.local.trouble import Trouble

_PACKAGES = ["chromium", "fonts-noto-cjk"]
#: Of Playwright's Node.
_LIBRARY = "libatomic1"
_WRAPPER = """#!/bin/sh
here={home}
export LD_LIBRARY_PATH="{libraries}"
export FONTCONFIG_FILE="$here/fonts.conf"
exec "$here/usr/lib/chromium/chromium" "$@"
"""
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{home}/usr/share/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
"""


def find_chromium(say: Say) -> Path:
    """A Chromium that shows Japanese: the one named, the machine's, or one fetched now."""
    named = os.environ.get("PORTAL_CHROMIUM")
    if named:
        return Path(named)
    own = shutil.which("chromium")
    if own and _has_japanese():
        return Path(own)
    if _may_install():
        say("installing Chromium and a Japanese font for the tests of pages")
        _install(_PACKAGES)
        return Path(shutil.which("chromium") or "/usr/bin/chromium")
    return unpacked("chromium", _PACKAGES, say, _wrap) / "chromium"


def find_libraries(say: Say) -> Path | None:
    """Where the one library is that the driver of the browser needs and a bare Debian has not; nothing if it starts."""
    driver = next(VENV.glob("lib/python3*/site-packages/playwright/driver/node"), None)
    if driver is None or subprocess.run([driver, "--version"], capture_output=True).returncode == 0:
        return None
    if _may_install():
        say("installing a library for the driver of the browser")
        _install([_LIBRARY])
        return None
    home = unpacked("driver", [_LIBRARY], say)
    return next(home.glob("usr/lib/*/libatomic.so.1")).parent


def _may_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def _has_japanese() -> bool:
    if shutil.which("fc-list") is None:
        return any(Path("/usr/share/fonts").rglob("NotoSansCJK*"))
    return bool(subprocess.run(["fc-list", ":lang=ja"], capture_output=True).stdout.strip())


def _install(packages: Sequence[str]) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "-qq", "-y", "--no-install-recommends", "install", *packages]
    for command in (["apt-get", "-qq", "update"], install):
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        if done.returncode:
            last = " ".join(done.stderr.strip().splitlines()[-1:])
            raise Trouble(
                f"{packages[0]} cannot be installed ({last}): check the network, or set PORTAL_CHROMIUM"
            )


def _wrap(work: Path, home: Path) -> None:
    """A start script that finds the libraries and fonts beside it."""
    places = ("lib/*-linux-gnu*", "usr/lib/*-linux-gnu*", "usr/lib/*-linux-gnu*/*")
    found = (path for place in places for path in work.glob(f"{place}/lib*.so*"))
    folders = {path.parent.relative_to(work) for path in found}
    libraries = ":".join(f"$here/{folder}" for folder in sorted(folders))
    script = work / "chromium"
    script.write_text(_WRAPPER.format(home=home, libraries=libraries))
    script.chmod(0o755)
    (work / "fonts.conf").write_text(_FONTS.format(home=home))
