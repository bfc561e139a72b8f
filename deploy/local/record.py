"""The run's record in `.portal/run.json`: what a second launcher needs to know about the first."""

import contextlib
import fcntl
import json
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.child import Pid, end
from deploy.local.places import PORTAL

_RECORD = PORTAL / "run.json"
_LOCK = PORTAL / "lock"
#: The servers are started by two threads, and each tells what it started.
_saving = threading.Lock()


@dataclass(slots=True)
class Record:
    """One run, kept up to date on disk so that a crash leaves nothing unknown."""

    run_id: str
    launcher: Pid
    state: str = "starting"
    url: str = ""
    ports: dict[str, int] = field(default_factory=dict)
    copies: dict[str, int] = field(default_factory=dict)
    pids: dict[str, Pid] = field(default_factory=dict)

    def started(self, pid: Pid) -> None:
        """Remember a process, the latest of its name."""
        self.pids[pid.name] = pid
        self.save()

    def save(self) -> None:
        """Write the record, whole or not at all."""
        content = {
            "run_id": self.run_id,
            "state": self.state,
            "url": self.url,
            "launcher": self.launcher.as_json(),
            "ports": dict(self.ports),
            "copies": dict(self.copies),
            "pids": [pid.as_json() for pid in list(self.pids.values())],
        }
        with _saving:
            unfinished = _RECORD.with_suffix(f".{os.getpid()}.new")
            unfinished.write_text(json.dumps(content, indent=2))
            unfinished.rename(_RECORD)

    @classmethod
    def load(cls) -> "Record | None":
        """The last run's record, if there is one that can be read."""
        try:
            found = json.loads(_RECORD.read_text())
            pids = [Pid(**pid) for pid in found.pop("pids")]
            launcher = Pid(**found.pop("launcher"))
            return cls(launcher=launcher, pids={pid.name: pid for pid in pids}, **found)
        except (OSError, ValueError, TypeError, KeyError):
            return None

    @property
    def serving(self) -> bool:
        """Whether the launcher of this run is still there and everything was ready."""
        return self.launcher.alive and self.state == "ready"

    def clean(self) -> list[str]:
        """End whatever a launcher left behind; answer the names."""
        left = [pid for pid in self.pids.values() if pid.alive]
        servers = [pid for pid in left if pid.name in _SERVERS]
        end([pid for pid in left if pid not in servers], 10)
        end([pid for pid in servers if pid.name != "epmd"], 15)
        end([pid for pid in servers if pid.name == "epmd"], 2)
        forget()
        return [pid.name for pid in left]


_SERVERS = ("postgresql", "rabbitmq", "epmd")


def forget() -> None:
    """Remove the record of a run that is over."""
    _RECORD.unlink(missing_ok=True)


class Lock:
    """Held by the one launcher that runs a checkout's stack; falls with its process."""

    def __init__(self, path: Path = _LOCK) -> None:
        self._path = path
        self._file: int | None = None

    def take(self) -> bool:
        """Whether we have it now."""
        self._path.parent.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return False
        self._file = descriptor
        return True

    def drop(self) -> None:
        """Let the next one run."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                os.close(self._file)
            self._file = None


def described(record: Record) -> Mapping[str, object]:
    """What `./portal status --json` prints."""
    return {
        "state": record.state if record.launcher.alive else "crashed",
        "url": record.url,
        "run_id": record.run_id,
        "ports": record.ports,
        "processes": [
            {"name": pid.name, "pid": pid.number, "alive": pid.alive}
            for pid in record.pids.values()
        ],
    }
