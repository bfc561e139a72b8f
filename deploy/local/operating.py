"""What operators do with a stack: look, read, act on facts, stop."""

import argparse
import asyncio
import json
import os
import shutil
import signal
import time

from deploy.local import demo
from deploy.local.logs import LOGS, follow
from deploy.local.places import PORTAL, PYTHON, ROOT
from deploy.local.record import Record, described
from deploy.local.screen import Screen
from deploy.local.stack import STACK, Copy
from deploy.local.trouble import Trouble

_STOP_SECONDS = 40


def down(asked: argparse.Namespace) -> int:
    """Stop the stack, or clean up after one that crashed."""
    screen, record = Screen(), Record.load()
    if record and record.launcher.alive:
        record.launcher.send(signal.SIGTERM)
        deadline = time.monotonic() + _STOP_SECONDS
        while record.launcher.alive and time.monotonic() < deadline:
            time.sleep(0.05)
        record.launcher.send(signal.SIGKILL)
    # Whatever is in the record now was left behind.
    record = Record.load() or record
    left = record.clean() if record else []
    screen.show(f"stopped {', '.join(left)}" if left else "stopped" if record else "nothing runs")
    if asked.wipe:
        for name in ("postgres", "rabbitmq", "mail", "signing", "keys", "passwords.json"):
            path = PORTAL / name
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        screen.show("all data are gone")
    return 0


def status(asked: argparse.Namespace) -> int:
    """Tell what runs; code 3 when it does not, as other status commands answer."""
    record = Record.load()
    if asked.json:
        nothing: dict[str, object] = {"state": "stopped", "url": None, "processes": []}
        print(json.dumps(described(record) if record else nothing, indent=2))
    elif record is None:
        print("nothing runs (./portal up starts it)")
    else:
        told = described(record)
        print(f"{told['state']}  {record.url}")
        for pid in record.pids.values():
            if pid.alive or " " not in pid.name:
                port = record.ports.get(pid.name, "")
                state = f"pid {pid.number}" if pid.alive else "ended"
                print(f"  {pid.name:<16} {state:<12} {port}")
    return 0 if record and record.serving else 3


def logs(asked: argparse.Namespace) -> int:
    """Show what the processes wrote."""
    known = sorted(path.stem for path in LOGS.glob("*.log"))
    for name in asked.service:
        if name not in known:
            raise Trouble(f"{name} has written nothing: choose of {', '.join(known) or 'none yet'}")
    names = asked.service or [name for name in known if "." not in name]
    shown = follow(Screen(), lambda: names, last=asked.lines, forever=asked.follow)
    asyncio.run(shown)
    return 0


def facts(asked: argparse.Namespace) -> int:
    """Hand an operator over to the service, with the rights of its owner."""
    process = next(process for process in STACK if process.name == asked.service)
    copy = Copy(process, 1)
    environment = demo.run_of(running()).environment(copy, preparing=True)
    os.chdir(ROOT)
    os.execve(PYTHON, copy.command("facts", *asked.words), environment)


def running() -> Record:
    """The run that is going on."""
    record = Record.load()
    if record is None or not record.launcher.alive:
        raise Trouble("nothing runs: start it with ./portal up")
    return record
