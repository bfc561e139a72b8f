"""The whole portal as real processes, started by `./portal up` itself in a folder of its own."""

import ctypes
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deploy.local.child import Pid
from deploy.local.places import ROOT
from deploy.local.ports import LOOPBACK, free_ports
from tests.rig.memory import quick_folder

#: Only a stack that does not start, or stop, is waited for so long.
_START_SECONDS = 900
_STOP_SECONDS = 300
_PR_SET_PDEATHSIG = 1
#: Every service in as many copies as the issue asks for, so that each test is one of several copies.
COPIES = {"registry": 3, "content": 2, "scheduling": 2, "notifications": 3}


class Stack:
    """A running portal; what a test may do to it, it does from outside."""

    def __init__(self, home: Path, copies: Mapping[str, int]) -> None:
        self.home = home
        self._port = free_ports(1)[0]
        self._copies = ",".join(f"{name}={count}" for name, count in copies.items())
        self._launcher: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Return when the launcher says that everything is ready."""
        environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("PORTAL_")},
            "PORTAL_HOME": str(self.home),
            "PORTAL_FORGETFUL": "yes",
            "PORTAL_COPIES": self._copies,
            "PORTAL_RATE_FACTOR": "1000",
            "PORTAL_LOG_FORMAT": "json",
        }
        command = [sys.executable, str(ROOT / "portal"), "up", "--behind"]
        with self.log("portal").open("ab") as out:
            self._launcher = subprocess.Popen(
                [*command, "--port", str(self._port)],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_stop_with_us,  # noqa: PLW1509 - nothing else runs in tests yet
            )
        self._wait()

    def _wait(self) -> None:
        assert self._launcher is not None
        deadline = time.monotonic() + _START_SECONDS
        while self._record().get("state") != "ready":
            ended = self._launcher.poll() is not None
            if ended or time.monotonic() > deadline:
                raise AssertionError(f"the stack did not start:\n{self.last_words('portal', 30)}")
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop everything and leave nothing behind."""
        if self._launcher is not None:
            self._launcher.terminate()
            try:
                self._launcher.wait(_STOP_SECONDS)
            finally:
                self._launcher.kill()
        name = hashlib.sha256(str(self.home / "postgres").encode()).hexdigest()[:12]
        shutil.rmtree(f"/var/tmp/portal-{name}", ignore_errors=True)

    @property
    def url(self) -> str:
        """The portal's address."""
        return str(self._record()["url"])

    @property
    def mail_url(self) -> str:
        """Where the caught mails are shown."""
        return f"http://{LOOPBACK}:{self.port('mail')}"

    def service_url(self, copy: str) -> str:
        """Where a process answers behind the gateway."""
        return f"http://{LOOPBACK}:{self.port(copy)}"

    def port(self, name: str) -> int:
        """The port of a process."""
        return int(self._record()["ports"][name])

    def pid(self, name: str) -> Pid:
        """The process that is called ``name`` now."""
        return next(Pid(**each) for each in self._record()["pids"] if each["name"] == name)

    def names(self) -> list[str]:
        """Every process the launcher keeps going."""
        return [str(name) for name in self._record()["ports"]]

    def processes(self) -> dict[str, Pid]:
        """Every process that runs now, by its name: ours and the servers'."""
        found = (Pid(**each) for each in self._record()["pids"])
        return {pid.name: pid for pid in found if pid.alive}

    def kill(self, name: str) -> int:
        """Kill a process with SIGKILL; the launcher starts it again. Its id."""
        pid = self.pid(name)
        pid.send(signal.SIGKILL)
        return pid.number

    @contextmanager
    def nobody_revived(self) -> Iterator[None]:
        """While the block lasts, the launcher starts nothing again."""
        launcher = Pid(**self._record()["launcher"])
        launcher.send(signal.SIGSTOP)
        try:
            yield
        finally:
            launcher.send(signal.SIGCONT)

    def keys(self, name: str) -> tuple[Path, Path]:
        """The private keys of ``name`` and everybody's public ones."""
        return self.home / "keys" / f"{name}.json", self.home / "keys" / "public.json"

    def database_url(self, service: str) -> str:
        """A service's database for whoever checks it from outside, as the server's own superuser."""
        secret = json.loads((self.home / "passwords.json").read_text())["portal"]
        return f"postgresql://portal:{secret}@{LOOPBACK}:{self.port('postgresql')}/{service}"

    def command(self, *words: str) -> str:
        """What `./portal words…` prints about this stack."""
        environment = {**os.environ, "PORTAL_HOME": str(self.home)}
        done = subprocess.run(
            [sys.executable, str(ROOT / "portal"), *words],
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def wipe_broker(self) -> None:
        """Throw away everything the broker holds, and kill it; the launcher starts it again."""
        pid = self.pid("rabbitmq")
        pid.send(signal.SIGSTOP)
        shutil.rmtree(self.home / "rabbitmq" / "mnesia", ignore_errors=True)
        pid.send(signal.SIGKILL)
        shutil.rmtree(self.home / "rabbitmq" / "mnesia", ignore_errors=True)

    def log(self, name: str) -> Path:
        """Where a process writes."""
        folder = self.home / "log"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder / (f"{name}.log" if name != "portal" else "launcher.log")

    def last_words(self, name: str, lines: int = 10) -> str:
        """The end of what a process wrote."""
        try:
            text = self.log(name).read_text(errors="replace")
        except OSError:
            return f"{name} wrote nothing"
        return "\n".join(text.splitlines()[-lines:])

    def _record(self) -> dict[str, Any]:
        try:
            found: dict[str, Any] = json.loads((self.home / "run.json").read_text())
        except OSError:
            return {}
        return found


def _stop_with_us() -> None:
    """Have the launcher stop its stack when the tests end, however they end."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@contextmanager
def running(copies: Mapping[str, int] = COPIES) -> Iterator[Stack]:
    """A stack with demo data, gone afterwards; `PORTAL_STACK` names the folder of one that runs already."""
    if there := os.environ.get("PORTAL_STACK"):
        yield Stack(Path(there), copies)
        return
    home = quick_folder("machipo-stack")
    stack = Stack(home, copies)
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()
        if not os.environ.get("PORTAL_KEEP_STACK"):
            shutil.rmtree(home, ignore_errors=True)
