"""Argon2id, in threads of its own: a flood of sign-ins never keeps the loop from anything else."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from chassis.refusal import Unavailable

T = TypeVar("T")

#: RFC 9106's second choice in memory (64 MiB), in one lane: lanes would need threads of their own.
MEMORY_KIB = 65_536
PASSES = 2


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a password was right; ``rehash`` if it should be kept under today's parameters."""

    right: bool
    rehash: bool = False


class Hasher:
    """A bounded pool of hashing threads with a bounded queue in front."""

    def __init__(self, workers: int = 0, queue: int = 32, *, memory_kib: int = MEMORY_KIB) -> None:
        #: More threads than processors lose both throughput and patience; one processor stays for the loop.
        self.workers = workers or max(1, (os.cpu_count() or 1) - 1)
        self._seats = self.workers + queue
        self._taken = 0
        self._threads = ThreadPoolExecutor(self.workers, thread_name_prefix="argon2")
        self._argon2 = PasswordHasher(
            time_cost=PASSES, memory_cost=memory_kib, parallelism=1, type=Type.ID
        )
        # Compared where there is nobody, or nobody with a password: it costs the same.
        self._nobody = self._argon2.hash("nobody")

    @asynccontextmanager
    async def seat(self) -> AsyncIterator["Seat"]:
        """A place in the queue, or a friendly refusal before any work is done."""
        if self._taken >= self._seats:
            raise Unavailable(
                "sign-in-busy",
                "ただいまログインが混み合っています。少し待ってから、もう一度お試しください。",
                retry_after=max(1, self._seats // (8 * self.workers)),
            )
        self._taken += 1
        try:
            yield Seat(self)
        finally:
            self._taken -= 1

    async def run(self, act: Callable[[], T]) -> T:
        """``act`` in one of the threads; only a holder of a seat asks for it."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, act)

    def verdict(self, kept: str | None, password: str) -> Verdict:
        """Compare now, on this thread."""
        try:
            self._argon2.verify(kept or self._nobody, password)
        except (VerificationError, InvalidHashError):
            return Verdict(False)
        return Verdict(kept is not None, kept is not None and self._argon2.check_needs_rehash(kept))

    def hashed(self, password: str) -> str:
        """Hash now, on this thread."""
        return self._argon2.hash(password)

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class Seat:
    """A place in the queue of a ``Hasher``."""

    def __init__(self, hasher: Hasher) -> None:
        self._hasher = hasher

    async def verify(self, kept: str | None, password: str) -> Verdict:
        """Whether ``password`` is the one whose hash is kept; as much work when none is kept."""
        return await self._hasher.run(lambda: self._hasher.verdict(kept, password))

    async def hash(self, password: str) -> str:
        """What is kept of a new password."""
        return await self._hasher.run(lambda: self._hasher.hashed(password))
