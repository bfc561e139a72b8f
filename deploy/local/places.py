"""Where things lie: the checkout, what it keeps for itself, what checkouts of one person share."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: Everything a checkout writes while it runs; may be deleted when nothing runs. Another folder makes
#: a second stack of the same checkout.
PORTAL = Path(os.environ.get("PORTAL_HOME") or ROOT / ".portal").absolute()
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"


def caches() -> list[Path]:
    """The folders for what was fetched: the one all checkouts share, then the own one."""
    named = os.environ.get("XDG_CACHE_HOME")
    home = Path(named) if named else Path("~/.cache").expanduser()
    return [*([home / "machipo"] if home.is_absolute() else []), PORTAL / "cache"]


def writable(folder: Path) -> bool:
    """Whether ``folder`` exists, or could be made, and takes files."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK | os.X_OK)
