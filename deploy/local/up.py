"""`./portal up`: from a checkout to a portal that answers."""

import asyncio
import os
import secrets
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from deploy.local import demo
from deploy.local.child import Pid
from deploy.local.environment import ensure_environment, needs_own_postgres
from deploy.local.logs import LOGS, Reader, follow, make_room
from deploy.local.passwords import keep_passwords
from deploy.local.places import PORTAL, PYTHON, ROOT
from deploy.local.ports import first_free, free_ports, hold, take
from deploy.local.rabbitmq import find_rabbitmq
from deploy.local.record import Lock, Record, forget
from deploy.local.screen import Screen
from deploy.local.stack import STACK, Copy, Surroundings, copies_of, service_names
from deploy.local.supervisor import Supervisor
from deploy.local.trouble import Trouble

_PORT = 8080
_STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was asked for on the command line."""

    port: int | None = None
    demo: bool = True
    detach: bool = False
    #: Set for the launcher that goes on behind a `--detach`.
    behind: bool = False


def up(wishes: Wishes) -> int:
    """Start the stack; answer when it has been stopped, or is ready when detached."""
    screen = Screen()
    PORTAL.mkdir(mode=0o700, exist_ok=True)
    lock = Lock()
    if not lock.take():
        return _runs_already(screen)
    if wishes.detach:
        lock.drop()
        return _detach(wishes)
    try:
        old = Record.load()
        left = old.clean() if old else []
        if left:
            screen.say(f"ended what an earlier run left behind: {', '.join(left)}")
        with ThreadPoolExecutor(1) as beside:
            # The broker is fetched while Python's packages are.
            broker = beside.submit(find_rabbitmq, screen.say)
            ensure_environment(needs_own_postgres(), screen.say)
            broker.result()
        run, copies, record = _decide(wishes, screen)
        make_room()
        asyncio.run(_run(wishes, Supervisor(run, copies, record, screen), record, screen))
        return 0
    finally:
        lock.drop()


def _runs_already(screen: Screen) -> int:
    record = Record.load()
    if record and record.serving:
        screen.show(f"Machipo runs already: {record.url} (stop it with ./portal down)")
        return 0
    raise Trouble("another ./portal up is starting in this checkout: wait for it or ./portal down")


def _decide(wishes: Wishes, screen: Screen) -> tuple[Surroundings, list[Copy], Record]:
    """Ports, passwords, keys and the id of this run."""
    copies = copies_of()
    names = ["postgresql", "rabbitmq", "smtp", *(copy.name for copy in copies)]
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    ports["gateway"] = _portal_port(wishes.port, screen) or ports["gateway"]
    hold(ports["gateway"])
    passwords = keep_passwords(PORTAL / "passwords.json", service_names())
    issuers = [process.name for process in STACK if process.tells_run]
    command = [str(PYTHON), "-m", "deploy.local.keys", str(PORTAL / "keys"), *issuers]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise Trouble(f"the keys cannot be made: {done.stderr.strip().splitlines()[-1:]}")
    counts = {copy.process.name: copy.number for copy in copies}
    run = Surroundings(secrets.token_hex(8), ports, passwords, counts)
    record = Record(run.run_id, Pid.of("portal", os.getpid()), ports=ports, copies=counts)
    record.save()
    return run, copies, record


def _portal_port(wanted: int | None, screen: Screen) -> int | None:
    port = wanted or _PORT
    if take(port):
        return port
    other = first_free(range(port + 1, min(port + 100, 65536)))
    screen.say(f"port {port} is taken by another program, using {other or 'a free one'}")
    return other


async def _run(wishes: Wishes, stack: Supervisor, record: Record, screen: Screen) -> None:
    work = asyncio.current_task()
    assert work is not None
    loop = asyncio.get_running_loop()
    for number in _STOPS:
        loop.add_signal_handler(number, work.cancel)
    try:
        await stack.start(demo=wishes.demo)
        record.state, record.url = "ready", f"http://127.0.0.1:{record.ports['gateway']}"
        record.save()
        await asyncio.to_thread(_welcome, wishes, record, screen)
        watching = [stack.watch()]
        if not wishes.behind:
            watching.append(follow(screen, lambda: list(record.pids)))
        await asyncio.gather(*watching)
    except asyncio.CancelledError:
        screen.say("stopping")
    finally:
        for number in _STOPS:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_IGN)
        await _stop(stack, record)
        screen.say("stopped")


async def _stop(stack: Supervisor, record: Record) -> None:
    record.state = "stopping"
    record.save()
    await stack.stop()
    forget()


def _welcome(wishes: Wishes, record: Record, screen: Screen) -> None:
    screen.say("READY")
    screen.show()
    screen.show(f"  Machipo   {record.url}")
    screen.show(f"  Mail      http://127.0.0.1:{record.ports['mail']}")
    screen.show(f"  Signing   http://127.0.0.1:{record.ports['signing']}")
    screen.show(f"  Cards     http://127.0.0.1:{record.ports['cards']}")
    if wishes.demo:
        screen.show()
        _show_accounts(record, screen)
    screen.show()
    stop = "./portal down" if wishes.behind else "Ctrl-C"
    screen.show(f"  Stop with {stop}; what happens is in ./portal logs and ./portal status.")


def _show_accounts(record: Record, screen: Screen) -> None:
    try:
        demo.show(demo.accounts(record), screen)
    except Trouble as why:
        screen.show(f"  {why}")


def _detach(wishes: Wishes) -> int:
    """Start the launcher behind us and show its progress until it is ready or gives up."""
    make_room()
    log = LOGS / "portal.log"
    log.unlink(missing_ok=True)
    behind = _start_behind(wishes, log)
    reader, screen, welcomed = Reader(log), Screen(), False
    while True:
        ended = behind.poll() is not None
        for line in reader.lines():
            screen.show(line)
            welcomed = welcomed or "Stop with" in line
        if ended:
            return behind.returncode or 1
        if welcomed:
            return 0
        time.sleep(0.1)


def _start_behind(wishes: Wishes, log: Path) -> "subprocess.Popen[bytes]":
    words = [sys.executable, str(ROOT / "portal"), "up", "--behind"]
    words += ["--port", str(wishes.port)] if wishes.port else []
    words += [] if wishes.demo else ["--empty"]
    with log.open("ab") as out:
        return subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
        )
