"""Connections handed from one borrower to the next without a way back through the driver's pool.

A fast path: the pool starts a task for each return and one for each wait, which is a third of a short
transaction. Its plain twin is the pool's own ``acquire`` and ``release``. Whatever is unusual about a
connection sends it back to the pool, which knows what to do.
"""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, cast

import asyncpg

if TYPE_CHECKING:
    from chassis.database import Connection, Pool


class Lender:
    """Keeps all but one of a pool's connections at hand; the last stays for who asks the pool itself."""

    def __init__(self, pool: "Pool") -> None:
        self._pool = pool
        self._most = max(1, pool.get_max_size() - 1)
        self._out = 0
        self._free: deque[Any] = deque()
        self._waiting: deque[asyncio.Future[Any]] = deque()

    async def borrow(self, seconds: float) -> "Connection":
        """A connection that is open and in no transaction; ``TimeoutError`` if none comes free in time."""
        while self._free:
            found = self._free.pop()
            if not _gone(found):
                return cast("Connection", found)
            await self._away(found)
        async with asyncio.timeout(seconds):
            while _gone(found := await self._next()):
                await self._away(found)
        return cast("Connection", found)

    async def give_back(self, conn: "Connection") -> None:
        """Take ``conn`` for the next who asks; a closed one, or one inside a transaction, goes to the pool."""
        if _gone(conn) or conn.is_in_transaction():
            await self.send_back(conn)
        else:
            self._hand_on(conn)

    async def send_back(self, conn: "Connection") -> None:
        """Let the pool put ``conn`` right, whatever was under way on it."""
        try:
            await self._away(conn)
        finally:
            self._invite()

    async def _next(self) -> Any:
        if self._out < self._most:
            self._out += 1
            return await self._one_more()
        waiter: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            found = await waiter
        except asyncio.CancelledError:
            # It may have been given one in the moment it gave up.
            if waiter.done() and not waiter.cancelled():
                self._hand_on(waiter.result())
            raise
        return await self._one_more() if found is None else found

    async def _one_more(self) -> Any:
        """Open one in a place that is counted already."""
        try:
            return await self._pool.acquire()
        except BaseException:
            self._hand_on(None)
            raise

    def _hand_on(self, conn: Any) -> None:
        """Give a connection, or for None the place of one, to whoever comes next."""
        if conn is None:
            self._out -= 1
            self._invite()
            return
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(conn)
                return
        self._free.append(conn)

    def _invite(self) -> None:
        """Let the next who waits open one, if there is room.

        The place is taken here: by the time he wakes, somebody who did not wait could have had it, and both would
        take one more than are lent.
        """
        while self._waiting and self._out < self._most:
            waiter = self._waiting.popleft()
            if not waiter.done():
                self._out += 1
                waiter.set_result(None)
                return

    async def _away(self, conn: Any) -> None:
        self._out -= 1
        # One that cannot be put right is closed by the pool; whoever had it has trouble of its own to tell.
        with suppress(Exception):
            await self._pool.release(conn)


def _gone(conn: Any) -> bool:
    try:
        return bool(conn.is_closed())
    except (
        asyncpg.InterfaceError
    ):  # it broke while it was lent, and the pool took it back by itself
        return True


_LENDERS: "dict[asyncpg.Pool[Any], Lender]" = {}


@contextmanager
def lending(pool: "Pool") -> Iterator[None]:
    """Lend ``pool``'s connections for as long as the block lasts."""
    _LENDERS[pool] = Lender(pool)
    try:
        yield
    finally:
        del _LENDERS[pool]


def lender_of(pool: "Pool") -> Lender:
    """The one lender of ``pool``."""
    return _LENDERS[pool]
