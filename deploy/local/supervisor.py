"""Every process of the stack: prepared, started, watched, started again, stopped."""

import asyncio
import signal
import sys
import time
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass
from pathlib import Path

from deploy.local.child import START_SECONDS, Child, end
from deploy.local.fingerprint import fingerprint
from deploy.local.health import ask
from deploy.local.logs import LOGS
from deploy.local.nursery import Birth, Nursery
from deploy.local.places import PORTAL, ROOT
from deploy.local.record import Record
from deploy.local.screen import Screen
from deploy.local.servers import Servers
from deploy.local.stack import Copy, Process, Surroundings
from deploy.local.trouble import Trouble

#: How long a process is given to say that it lives before it is started again.
_LIFELESS_SECONDS = 30
_STEADY_SECONDS = 30
_LOOK_SECONDS = 5


@dataclass(slots=True)
class Running:
    """A process of the stack as it is now."""

    copy: Copy
    child: Child
    since: float
    falls: int = 0
    lively: float = 0.0


class Supervisor:
    """Keeps the processes of one run going until it is cancelled."""

    def __init__(
        self, run: Surroundings, copies: list[Copy], record: Record, screen: Screen
    ) -> None:
        self._run, self._copies, self._record, self._screen = run, copies, record, screen
        self._servers = Servers(run, record, screen.say)
        self._running: dict[str, Running] = {}
        self._restarts: dict[str, asyncio.Task[None]] = {}
        self._nursery = Nursery() if sys.platform == "linux" else None

    async def start(self, *, demo: bool) -> None:
        """Return when every process has said that it is ready in this run."""
        if self._nursery is not None:
            self._nursery.open()
        try:
            async with asyncio.TaskGroup() as tasks:
                # It takes longest, and whoever needs it waits for it.
                tasks.create_task(self._servers.start_rabbitmq())
                await self._servers.start_postgres()
                await self._start_processes(demo=demo)
        except ExceptionGroup as several:
            raise several.exceptions[0] from None

    async def _start_processes(self, *, demo: bool) -> None:
        processes = list(dict.fromkeys(copy.process for copy in self._copies))
        services = [process for process in processes if process.service]
        await self._all(self._prepare_if_changed(process) for process in services)
        self._screen.say("databases and queues are prepared")
        if demo:
            await self._all(self._tell_demo(process) for process in processes if process.demo)
            self._screen.say("demo data are in")
        for copy in self._copies:
            self._launch(copy)
        await self._until_ready()

    async def watch(self) -> None:
        """Start again what ends or no longer lives, for ever."""
        looked = time.monotonic()
        while True:
            await asyncio.sleep(0.1)
            if await self._servers.revive():
                # Its queues may be gone with its data: preparing declares them again.
                services = {copy.process for copy in self._copies if copy.process.service}
                await self._try(self._all(self._prepare(process) for process in services))
            for running in list(self._running.values()):
                if running.child.ended and running.copy.name not in self._restarts:
                    self._fallen(running)
            if time.monotonic() - looked > _LOOK_SECONDS:
                looked = time.monotonic()
                await asyncio.gather(*(self._look(each) for each in self._running.values()))

    async def stop(self) -> None:
        """Stop the processes, then the servers."""
        for task in self._restarts.values():
            task.cancel()
        pids = [running.child.pid for running in self._running.values()]
        late = await asyncio.to_thread(end, pids, 10)
        for pid in late:
            self._screen.say(f"{pid.name} did not stop by itself and was killed")
        if self._nursery is not None:
            self._nursery.close()
        await self._servers.stop()

    async def _prepare(self, process: Process) -> None:
        await self._complete(process, "prepare")

    async def _prepare_if_changed(self, process: Process) -> None:
        """Spare a second start what an earlier one did, while both servers still have it and no code is new."""
        now = fingerprint(process.name)
        # One lies beside the data of each server, and goes with them.
        folders = (PORTAL / "postgres", PORTAL / "rabbitmq" / "mnesia")
        marks = [folder / f"prepared-{process.name}" for folder in folders]
        if not all(mark.exists() and mark.read_text() == now for mark in marks):
            await self._prepare(process)
            for mark in marks:
                mark.write_text(now)

    async def _tell_demo(self, process: Process) -> None:
        # It lies beside the data it speaks of, and goes with them.
        done = PORTAL / "postgres" / f"demo-{process.name}"
        if not done.exists():
            await self._complete(process, *process.demo)
            done.touch()

    async def _complete(self, process: Process, *words: str) -> None:
        """Run ``python -m service words…`` to its end."""
        copy, log = Copy(process, 1), LOGS / f"{process.name}.{words[0]}.log"
        log.unlink(missing_ok=True)
        environment = self._run.environment(copy, preparing=True)
        name = f"{process.name} {words[0]}"
        child = self._start(name, copy, *words, env=environment, log=log)
        self._record.started(child.pid)
        try:
            async with asyncio.timeout(2 * START_SECONDS):
                while not child.ended:  # noqa: ASYNC110 - a process tells nobody that it ended
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise Trouble(f"{name} takes too long, see {log}: {child.last_words()}") from None
        finally:
            child.stop(2)
        if child.process.returncode:
            raise Trouble(f"{name} failed, see {log}: {child.last_words()}")

    def _start(self, name: str, copy: Copy, *words: str, env: dict[str, str], log: Path) -> Child:
        if self._nursery is None:
            return Child.start(name, copy.command(*words), env=env, log=log, cwd=ROOT)
        return self._nursery.start(name, Birth(copy.process.module, words, env, str(log)))

    def _launch(self, copy: Copy, falls: int = 0) -> None:
        log = LOGS / f"{copy.name}.log"
        environment = self._run.environment(copy)
        child = self._start(copy.name, copy, env=environment, log=log)
        self._record.started(child.pid)
        now = time.monotonic()
        self._running[copy.name] = Running(copy, child, since=now, falls=falls, lively=now)

    async def _until_ready(self) -> None:
        began = told = time.monotonic()
        waiting = dict(self._running)
        while waiting:
            for running in waiting.values():
                if running.child.ended:
                    words = running.child.last_words()
                    raise Trouble(f"{running.copy.name} ended while starting: {words}")
            asked = {name: self._ready(running) for name, running in waiting.items()}
            answers = await asyncio.gather(*asked.values())
            for name, ready in zip(asked, answers, strict=True):
                if ready:
                    waiting.pop(name)
            now = time.monotonic()
            if waiting and now - told > 2:
                told = now
                self._screen.say(f"waiting for {', '.join(waiting)}")
            if waiting and now - began > START_SECONDS:
                raise Trouble(f"{', '.join(waiting)} not ready after {START_SECONDS} s: see {LOGS}")
            await asyncio.sleep(0.05)

    async def _ready(self, running: Running) -> bool:
        process, port = running.copy.process, self._run.ports[running.copy.name]
        if not process.tells_run:
            return (await ask(port, "/livez"))[0] > 0
        status, document = await ask(port, "/readyz")
        # A stranger may answer on this port: only our run's id counts.
        return status == 200 and document.get("run_id") == self._run.run_id

    def _fallen(self, running: Running) -> None:
        """Start once more from the start, later each time it falls again soon."""
        steady = time.monotonic() - running.since > _STEADY_SECONDS
        running.falls = 1 if steady else running.falls + 1
        pause = 0 if running.falls == 1 else min(0.25 * 2**running.falls, 10)
        code = running.child.process.returncode or 0
        how = signal.Signals(-code).name if code < 0 else f"code {code}"
        words = f"{running.copy.name} ended ({how}), starting it again"
        self._screen.say(f"{words} in {pause:.0f} s" if pause else words)
        task = asyncio.create_task(self._restart(running, pause))
        self._restarts[running.copy.name] = task

    async def _restart(self, fallen: Running, pause: float) -> None:
        await asyncio.sleep(pause)
        if fallen.copy.process.service:
            await self._try(self._prepare_if_changed(fallen.copy.process))
        self._launch(fallen.copy, fallen.falls)
        self._restarts.pop(fallen.copy.name, None)

    async def _look(self, running: Running) -> None:
        """Start a process again that says it no longer lives although its servers answer."""
        process, now = running.copy.process, time.monotonic()
        status = 200
        if process.tells_run and not running.child.ended:
            status, _ = await ask(self._run.ports[running.copy.name], "/livez", seconds=4)
        if status == 200 or not await asyncio.to_thread(lambda: self._servers.answering):
            running.lively = now
        elif now - running.lively > _LIFELESS_SECONDS:
            self._screen.say(f"{running.copy.name} says it no longer lives, ending it")
            running.child.pid.send(signal.SIGKILL)

    async def _all(self, work: Iterable[Awaitable[None]]) -> None:
        tasks = [asyncio.ensure_future(each) for each in work]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _try(self, work: Awaitable[None]) -> None:
        try:
            await work
        except Trouble as why:
            self._screen.say(str(why))
