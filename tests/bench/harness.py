"""How rows measure: both sides in turns, medians, the real stack, the load that asks it."""

import asyncio
import re
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local.definitions import definitions
from deploy.local.postgres import PostgreSQL
from deploy.local.rabbitmq import RabbitMQ
from tests.bench.programs import cpu_seconds, resident, run
from tests.bench.tools import tool
from tests.rig.stack import Stack, running

Side = Callable[[], Awaitable[float]]


async def interleaved(sides: Mapping[str, Side], rounds: int) -> dict[str, float]:
    """The median of each side over ``rounds``; the sides take turns, and turns of who begins."""
    seen: dict[str, list[float]] = {name: [] for name in sides}
    names = list(sides)
    for turn in range(rounds):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            seen[name].append(await sides[name]())
    return {name: statistics.median(figures) for name, figures in seen.items()}


async def median_ratio(ours: Side, peer: Side, rounds: int) -> tuple[float, float, float]:
    """Medians of both sides, and the median of the ratios of the rounds."""
    pairs = []
    for turn in range(rounds):
        first, second = (ours, peer) if turn % 2 == 0 else (peer, ours)
        one, two = await first(), await second()
        pairs.append((one, two) if turn % 2 == 0 else (two, one))
    ratios = [mine / theirs for mine, theirs in pairs]
    mine, theirs = zip(*pairs, strict=True)
    return statistics.median(mine), statistics.median(theirs), statistics.median(ratios)


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk saw, and what it cost the servers asked."""

    requests: float
    cpu_seconds: float
    failed: int

    @property
    def per_cpu_second(self) -> float:
        """Requests answered for a second of the servers' CPU time."""
        return self.requests / self.cpu_seconds if self.cpu_seconds else 0.0


async def load(
    url: str,
    *,
    pids: tuple[int, ...],
    seconds: float = 2,
    connections: int = 32,
    headers: Mapping[str, str] | None = None,
) -> Load:
    """Ask ``url`` as fast as it goes; ``pids`` are the processes whose CPU time counts."""
    command = [tool("wrk"), "-t1", f"-c{connections}", f"-d{seconds:g}s"]
    command += [
        part for key, value in (headers or {}).items() for part in ("-H", f"{key}: {value}")
    ]
    before = sum(cpu_seconds(pid) for pid in pids)
    told = await asyncio.to_thread(run, [*command, url])
    spent = sum(cpu_seconds(pid) for pid in pids) - before
    requests = re.search(r"(\d+) requests in", told)
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", told)
    broken = re.search(r"Socket errors: (.*)", told)
    failed = (int(refused[1]) if refused else 0) + (
        sum(int(count) for count in re.findall(r"\d+", broken[1])) if broken else 0
    )
    return Load(float(requests[1]) if requests else 0.0, spent, failed)


class Ground:
    """What rows share for a run: servers, the whole stack; started when first asked for."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._stack: Stack | None = None
        self._postgres: PostgreSQL | None = None
        self._rabbitmq: RabbitMQ | None = None
        self.idle: dict[str, float] = {}

    def new_folder(self) -> Path:
        """A folder that goes with the run."""
        return Path(self._open.enter_context(tempfile.TemporaryDirectory(prefix="machipo-bench-")))

    @property
    def stack(self) -> Stack:
        """The real portal, one copy of everything, demo data in it."""
        if self._stack is None:
            self._stack = self._open.enter_context(running({}))
            time.sleep(1)
            self.idle = memory_of(self._stack)
        return self._stack

    @property
    def postgres(self) -> PostgreSQL:
        """A PostgreSQL that keeps what it commits, without the stack's."""
        if self._postgres is None:
            server = PostgreSQL(self.new_folder(), print, throwaway=True)
            server.start()
            self._open.callback(server.stop)
            self._postgres = server
        return self._postgres

    @property
    def rabbitmq(self) -> RabbitMQ:
        """A RabbitMQ without the stack's; ``tests.rig.rabbitmq`` adds a virtual host."""
        if self._rabbitmq is None:
            node = RabbitMQ(self.new_folder(), print, throwaway=True)
            users = {"deployer": "deployer", "gateway": "gateway"}
            node.start(definitions((), users, ()))
            self._open.callback(node.stop)
            self._rabbitmq = node
        return self._rabbitmq

    @contextmanager
    def closing(self) -> Iterator["Ground"]:
        """Everything started is stopped when the block ends."""
        with self._open:
            yield self


#: The one ground of a run.
GROUND = Ground()


def memory_of(stack: Stack) -> dict[str, float]:
    """Mebibytes resident of every process of the stack, by name."""
    found = {}
    for name in stack.names():
        try:
            found[name] = round(resident(stack.pid(name).number), 1)
        except StopIteration:
            continue
    return found
