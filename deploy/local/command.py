"""The command line of `./portal`."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import Protocol

from deploy.local import checks, demo, operating
from deploy.local.environment import ensure_environment
from deploy.local.places import PYTHON, ROOT
from deploy.local.screen import Screen, trouble
from deploy.local.stack import service_names
from deploy.local.trouble import Trouble
from deploy.local.up import Wishes, up

Act = Callable[[argparse.Namespace], int]


class Command(Protocol):
    """Adds a command to the command line."""

    def __call__(self, name: str, act: Act, tells: str) -> argparse.ArgumentParser:
        """Its parser, for its options."""


def main(words: Sequence[str] | None = None) -> int:
    """Do what the command line says; answer the exit code."""
    asked = _parser().parse_args(words)
    act: Callable[[argparse.Namespace], int] = asked.act
    try:
        return act(asked)
    except Trouble as why:
        trouble(str(why))
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./portal", description="Machipo on this machine.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(name: str, act: Act, tells: str) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = commands.add_parser(name, help=tells, description=tells)
        made.set_defaults(act=act)
        return made

    _for_running(command)
    _for_operators(command)
    _for_developers(command)
    return parser


def _for_running(command: Command) -> None:
    one = command("up", _up, "start everything, with demo data, and show the address")
    one.add_argument("--detach", action="store_true", help="come back when it is ready")
    one.add_argument("--empty", action="store_true", help="put no demo data in")
    one.add_argument("--port", type=int, help="the portal's port (8080)")
    one.add_argument("--behind", action="store_true", help=argparse.SUPPRESS)
    one = command("down", operating.down, "stop everything, also what a crash left behind")
    one.add_argument("--wipe", action="store_true", help="forget all data, too")
    one = command("status", operating.status, "what runs, and where")
    one.add_argument("--json", action="store_true", help="for programs")
    one = command("logs", operating.logs, "what the processes write")
    one.add_argument("service", nargs="*", help="only these")
    one.add_argument("--follow", "-f", action="store_true", help="go on as more is written")
    one.add_argument("--lines", "-n", type=int, default=200, help="how many of the last lines")


def _for_operators(command: Command) -> None:
    one = command("demo", _demo, "`demo accounts`: whom you can sign in as")
    one.add_argument("what", choices=["accounts"])
    one.add_argument("--json", action="store_true", help="for programs")
    one = command("facts", operating.facts, "parked facts of a service: list, show, replay, skip")
    one.add_argument("service", choices=service_names())
    one.add_argument("words", nargs=argparse.REMAINDER, help="what to do; none tells what there is")


def _for_developers(command: Command) -> None:
    one = command("test", _test, "run everything that continuous integration runs")
    one.add_argument("words", nargs=argparse.REMAINDER, help="only these, told to pytest")
    one = command("bench", _bench, "measure us beside our peers")
    one.add_argument("rows", nargs="*", help="only these rows")
    one.add_argument("--json", action="store_true", help="for programs")
    one.add_argument("--rounds", type=int, help="how often each side is measured")


def _up(asked: argparse.Namespace) -> int:
    if asked.port is not None and not 1 <= asked.port <= 65535:
        raise Trouble(f"{asked.port} is no port: choose one from 1024 to 65535")
    return up(Wishes(asked.port, not asked.empty, asked.detach, asked.behind))


def _demo(asked: argparse.Namespace) -> int:
    found = demo.accounts(operating.running())
    if asked.json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        demo.show(found, Screen())
    return 0


def _test(asked: argparse.Namespace) -> int:
    return checks.check(asked.words, Screen())


def _bench(asked: argparse.Namespace) -> int:
    ensure_environment(["test", "bench"], lambda words: print(words, file=sys.stderr))
    words = [str(PYTHON), "-m", "tests.bench", *asked.rows]
    words += ["--json"] if asked.json else []
    words += ["--rounds", str(asked.rounds)] if asked.rounds else []
    os.chdir(ROOT)
    os.execv(PYTHON, words)
