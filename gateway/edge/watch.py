"""The process over the workers: starts them, starts anew the one that died, stops them all.

It holds no connection and answers nothing, so that it has no reason to fail. Workers notice when it is gone.
"""

import asyncio
import os
import signal
import time
from types import FrameType

import structlog
import uvloop

from gateway.edge.counts import Counts
from gateway.edge.worker import assert_c_parser, listening_socket, new_worker
from gateway.settings import Settings

_log = structlog.get_logger()

_TOLD = (signal.SIGTERM, signal.SIGINT)
_STOP_SECONDS = 12.0
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 5.0
#: A worker that lived this long did not die of its start.
_LIVED_SECONDS = 30.0


class Watch:
    """The workers and what they share."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._counts = Counts(settings.workers)
        #: Never read from: it ends for every worker when this process does.
        self._alive, self._alive_end = os.pipe()
        self._workers: dict[int, tuple[int, float]] = {}
        self._pauses = [_FIRST_PAUSE] * settings.workers
        self._stopping = False

    def run(self) -> None:
        """Keep the workers running until told to stop."""
        # Held, not listened on: the port is ours even between two workers.
        held = listening_socket(self._settings.http_host, self._settings.http_port)
        for number in _TOLD:
            signal.signal(number, self._stop)
        for worker in range(self._settings.workers):
            self._start(worker)
        while self._workers:
            self._wait()
        held.close()
        _log.info("stopped")

    def _start(self, worker: int) -> None:
        # What is told to us meanwhile waits, or the new process would act on it in our name.
        signal.pthread_sigmask(signal.SIG_BLOCK, _TOLD)
        if self._stopping:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _TOLD)
            return
        pid = os.fork()
        if pid == 0:
            self._be(worker)
        self._workers[pid] = (worker, time.monotonic())
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _TOLD)

    def _be(self, worker: int) -> None:
        """In the new process: answer until told to stop, then leave without the parent's clean-up."""
        code = 1
        try:
            for number in _TOLD:
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _TOLD)
            os.close(self._alive_end)
            uvloop.run(_answer(self._settings, self._counts, worker, self._alive))
            code = 0
        except BaseException:
            _log.exception("a worker failed", worker=worker)
        finally:
            os._exit(code)

    def _wait(self) -> None:
        pid, status = os.wait()
        worker, began = self._workers.pop(pid, (None, 0.0))
        if worker is None or self._stopping:
            return
        _log.error("a worker died and is started anew", worker=worker, status=status)
        self._pause(worker, time.monotonic() - began)
        self._start(worker)

    def _pause(self, worker: int, lived: float) -> None:
        pause = _FIRST_PAUSE if lived > _LIVED_SECONDS else self._pauses[worker]
        self._pauses[worker] = min(pause * 2, _LONGEST_PAUSE)
        time.sleep(pause)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        if not self._stopping:
            self._stopping = True
            signal.signal(signal.SIGALRM, self._kill)
            signal.setitimer(signal.ITIMER_REAL, _STOP_SECONDS)
        for pid in list(self._workers):
            _tell(pid, signal.SIGTERM)

    def _kill(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        for pid in list(self._workers):
            _tell(pid, signal.SIGKILL)


def _tell(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


async def _answer(settings: Settings, counts: Counts, worker: int, alive: int) -> None:
    """One worker, until SIGTERM, or until nobody watches any more."""
    counts.be(worker)
    structlog.contextvars.bind_contextvars(worker=worker)
    loop = asyncio.get_running_loop()
    listening = listening_socket(settings.http_host, settings.http_port)
    answering = asyncio.ensure_future(new_worker(settings, counts).answer(listening))
    for number in _TOLD:
        loop.add_signal_handler(number, answering.cancel)
    loop.add_reader(alive, answering.cancel)
    try:
        await answering
    except asyncio.CancelledError:
        _log.info("a worker stopped", worker=worker)


def watch(settings: Settings) -> None:
    """Answer as ``settings`` say, until told to stop."""
    assert_c_parser()
    Watch(settings).run()
