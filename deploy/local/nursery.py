"""Where the processes of one machine are born: what all of them import is imported once, and forked.

Eleven interpreters that each read the same libraries took most of the time until READY. Linux only, and only for the
local stack: in images every process is its own `python -m`. A process born here is the launcher's own child, because
the launcher is the subreaper of what its nursery leaves behind.
"""

import ctypes
import gc
import importlib
import json
import os
import runpy
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from deploy.local.child import Child, Newborn, Pid
from deploy.local.places import PYTHON, ROOT

_PR_SET_CHILD_SUBREAPER = 36
#: What nearly every process imports; none of it reads the environment or starts anything.
_SHARED = ("chassis.conversation", "chassis.process", "chassis.web", "contracts.registry")
_MOST = 1 << 16


@dataclass(frozen=True, slots=True)
class Birth:
    """What a process is to be: ``python -m module words…``."""

    module: str
    words: Sequence[str]
    env: Mapping[str, str]
    log: str


class Nursery:
    """The launcher's side: starts the process that imports, and asks it for children."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None

    def open(self) -> None:
        """Begin to import; nobody needs to wait for it."""
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [str(PYTHON), "-m", "deploy.local.nursery", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"},
                stdin=subprocess.DEVNULL,
                cwd=ROOT,
                start_new_session=True,
            )

    def start(self, name: str, birth: Birth) -> Child:
        """A process of its own; a nursery that was killed is opened once more."""
        Path(birth.log).parent.mkdir(parents=True, exist_ok=True)
        number = self._ask(birth)
        if number is None:
            self.close()
            self.open()
            number = self._ask(birth)
        if number is None:
            raise ChildProcessError("no process can be started from the nursery")
        return Child(Pid.of(name, number), Newborn(number), Path(birth.log))

    def _ask(self, birth: Birth) -> int | None:
        if self._line is None:
            return None
        try:
            self._line.sendall(json.dumps(asdict(birth)).encode())
            return int(self._line.recv(_MOST) or 0) or None
        except OSError:
            return None

    def close(self) -> None:
        """Have no more children; those that live go on."""
        if self._line is not None:
            self._line.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()


def _next_birth(line: socket.socket) -> Birth:
    """Bear one after the other; returns in each child, and nowhere else."""
    while asked := line.recv(_MOST):
        told, tells = os.pipe()
        between = os.fork()
        if between == 0:
            if child := os.fork():
                os.write(tells, str(child).encode())
                os._exit(0)
            line.close()
            os.close(told)
            os.close(tells)
            return Birth(**json.loads(asked))
        os.waitpid(between, 0)  # from here on its child is the launcher's
        line.sendall(os.read(told, 32))
        os.close(told)
        os.close(tells)
    sys.exit(0)


def _become(birth: Birth) -> None:
    os.setsid()
    out = os.open(birth.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.dup2(out, 1)
    os.dup2(out, 2)
    os.close(out)
    os.environ.clear()
    os.environ.update(birth.env)
    sys.argv = [birth.module, *birth.words]
    runpy.run_module(birth.module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    for shared in _SHARED:
        importlib.import_module(shared)
    gc.freeze()
    _become(_next_birth(socket.socket(fileno=int(sys.argv[1]))))
