"""A service and its copies, asked in turn; those that answer come first."""

import asyncio
from collections import deque
from collections.abc import Coroutine, Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

from gateway.edge.problems import Answer, Problem, broken_off, busy, too_slow, unreachable
from gateway.edge.upstream.feed import Feed
from gateway.edge.upstream.line import Asking, Hear, Line

_IDLE_SECONDS = 8.0
_CONNECT_SECONDS = 2.0
_MOST_WAITING = 1024
_SWEEP_SECONDS = 0.25


class Copy:
    """One process of a service: its address, its lines, and whether it answers."""

    def __init__(self, service: "Service", url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "http" or parts.hostname is None or parts.port is None:
            raise ValueError(f"the address of a service reads http://host:port, not {url}")
        self.service = service.name
        self.url = url.rstrip("/")
        self.host, self.port = parts.hostname, parts.port
        #: What the last look at ``/readyz``, or the last attempt to connect, said.
        self.ready = True
        self._service = service
        self._idle: deque[Line] = deque()
        self._busy: set[Line] = set()

    def ask(self, asking: Asking) -> None:
        """Ask over a free line, or over a new one."""
        asking.tried.add(self)
        idle = self._idle
        while idle:
            line = idle.pop()
            if line.open:
                self._busy.add(line)
                line.ask(asking)
                return
        self._service.spawn(self._connect(asking))

    async def _connect(self, asking: Asking) -> None:
        loop = asyncio.get_running_loop()
        asking.again = True
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                _, line = await loop.create_connection(lambda: Line(self), self.host, self.port)
        except (OSError, TimeoutError):
            self.ready = False
            self._service.elsewhere(asking, unreachable())
            return
        self._busy.add(line)
        line.ask(asking)

    def freed(self, line: Line) -> None:
        """The line has been answered and may be asked again."""
        line.idle_at = self._service.now()
        self._busy.discard(line)
        self._idle.append(line)

    def left(self, line: Line) -> None:
        """The line is gone."""
        self._busy.discard(line)
        if line in self._idle:
            self._idle.remove(line)

    def lost(self, line: Line, asking: Asking) -> None:
        """The line was lost before the answer was whole; a read over an old line is asked once more."""
        if asking.repeatable and not line.heard and not asking.again:
            self._service.spawn(self._connect(asking))
        else:
            asking.hear(broken_off())

    def pour(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Do the pouring of a body on the side."""
        return self._service.spawn(work)

    def sweep(self, at: float) -> None:
        """End what is too slow and hang up what nobody used."""
        for line in [b for b in self._busy if b.asking is not None and b.asking.deadline <= at]:
            line.close(too_slow())
        while self._idle and self._idle[0].idle_at + _IDLE_SECONDS < at:
            self._idle[0].close(broken_off())

    def close(self) -> None:
        """Hang up everything."""
        for line in [*self._idle, *self._busy]:
            line.close(broken_off())


class Service:
    """A service by its name."""

    def __init__(self, name: str, urls: Iterable[str], loop: asyncio.AbstractEventLoop) -> None:
        self.name = name
        self.now = loop.time
        self.copies: Sequence[Copy] = tuple(Copy(self, url) for url in urls)
        self.waiting = 0
        self._loop = loop
        self._turn = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def ask(
        self, raw: bytes, seconds: float, hear: Hear, *, repeatable: bool, feed: Feed | None = None
    ) -> None:
        """Send ``raw`` to one copy; ``hear`` is called once, with the answer or the problem."""
        if self.waiting >= _MOST_WAITING:
            hear(busy())
            return
        self.waiting += 1

        def heard(answer: Answer | Problem) -> None:
            self.waiting -= 1
            hear(answer)

        asking = Asking(raw, heard, self.now() + seconds, repeatable=repeatable, feed=feed)
        self.elsewhere(asking, unreachable())

    def elsewhere(self, asking: Asking, problem: Problem) -> None:
        """Ask a copy that was not tried yet; if all were, that was it."""
        copy = self.choose(asking.tried)
        if copy is None:
            asking.hear(problem)
        else:
            copy.ask(asking)

    def choose(self, tried: set[object]) -> Copy | None:
        """The copy whose turn it is."""
        copies = self.copies
        if len(copies) == 1:
            return None if tried else copies[0]
        left = [c for c in copies if c not in tried]
        answering = [c for c in left if c.ready] or left
        if not answering:
            return None
        self._turn += 1
        return answering[self._turn % len(answering)]

    def spawn(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Do something on the side, and hold on to it until it is done."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def asked(
        self, raw: bytes, seconds: float, *, repeatable: bool, feed: Feed | None = None
    ) -> Answer:
        """The answer to ``raw``, and to the body that follows it; raises the problem if there is none."""
        answered: asyncio.Future[Answer | Problem] = self._loop.create_future()

        def hear(answer: Answer | Problem) -> None:
            if not answered.done():
                answered.set_result(answer)

        self.ask(raw, seconds, hear, repeatable=repeatable, feed=feed)
        answer = await answered
        if isinstance(answer, Problem):
            raise answer
        return answer

    def close(self) -> None:
        """Hang up everywhere."""
        for copy in self.copies:
            copy.close()


async def sweeping(services: Iterable[Service]) -> None:
    """Hold every request to its deadline."""
    services = tuple(services)
    while True:
        await asyncio.sleep(_SWEEP_SECONDS)
        for service in services:
            at = service.now()
            for copy in service.copies:
                copy.sweep(at)
