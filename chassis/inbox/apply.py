"""Apply: each fact counts once, in the transaction of its effects; a bad one stops its own subject only."""

import asyncio
import random
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

import structlog

from chassis.database import Connection, Pool, transaction
from chassis.inbox import rows
from chassis.inbox.rows import Overtaken, Row
from chassis.inbox.running import PASSING, UnreadableBody, attempt, run, sort_out
from chassis.inbox.subscriptions import Subscriptions
from chassis.measures import APPLIED, FAILED
from chassis.patience import stir

_log = structlog.get_logger()

_BATCH = 500
#: After so many begun trials without an end a fact is taken for the reason.
_MARKS = 3
#: How many facts are tried alone between two batches.
_ALONE = 20
_SWEEP_SECONDS = 1.0
#: Seconds before the second, third … try of a fact that failed; after the last it is parked.
_DELAYS = (1.0, 5.0, 30.0, 120.0)


class Applier:
    """Applies what is in the inbox; one in each process, any number of processes."""

    def __init__(
        self,
        pool: Pool,
        subscriptions: Subscriptions,
        stored: asyncio.Event,
        *,
        delays: Sequence[float] = _DELAYS,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        self._pool, self._subscriptions, self._stored = pool, subscriptions, stored
        self._delays, self._beat = delays, beat
        self._started: datetime | None = None

    async def run(self) -> None:
        """Apply until an error ends it."""
        await self.begin()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._apply())
            tasks.create_task(self._sweep())

    async def begin(self) -> None:
        """From now on: rows older than this may be what ended the process before."""
        async with transaction(self._pool) as conn:
            self._started = await conn.fetchval("SELECT clock_timestamp()")
            await rows.release_held(conn, list(self._subscriptions.known))

    async def _apply(self) -> None:
        while True:
            self._beat()
            self._stored.clear()
            if await self.turn() == 0:
                await self._pause()

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(_SWEEP_SECONDS):
                await self._stored.wait()
        except TimeoutError:
            pass

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            async with transaction(self._pool) as conn:
                await rows.sweep(conn)

    async def turn(self) -> int:
        """One batch of facts never tried, then some of the others, each alone; how many rows that were."""
        try:
            return await self._batch() + await self._again()
        except (Overtaken, *PASSING) as why:
            _log.info("facts are applied again", why=repr(why))
            await asyncio.sleep(random.uniform(0, 0.05))
            return 1

    async def _batch(self) -> int:
        try:
            return await self._batch_by(_together)
        except (Overtaken, *PASSING):
            raise
        except (OSError, ConnectionError):
            raise
        except Exception as why:
            _log.info("a batch failed", why=repr(why))
            return await self._batch_by(self._by_halves)

    async def _batch_by(self, act: "_Act") -> int:
        marked: list[Row] = []
        applied: list[Row] = []
        async with transaction(self._pool) as conn:
            claimed = await rows.claim(conn, _BATCH)
            if any(self._is_suspect(row) for row in claimed):
                # They were here before this process was. Did one of them end the last one?
                await rows.mark(conn, claimed)
                marked = claimed
            else:
                applied = await self._apply_rows(conn, claimed, act)
        if marked:
            applied = await self._try(marked, act)
        self._tell(applied)
        return len(claimed)

    async def _try(self, marked: Sequence[Row], act: "_Act") -> list[Row]:
        """Apply rows that carry a mark; whoever lives to see trouble takes it back, for no process ended."""
        try:
            async with transaction(self._pool) as conn:
                again = await rows.claim_these(conn, marked)
                return await self._apply_rows(conn, again, act)
        except (Exception, asyncio.CancelledError):
            # Told to stop in the middle is no end for which a fact is to blame.
            async with transaction(self._pool) as conn:
                await rows.unmark(conn, marked)
            raise

    def _is_suspect(self, row: Row) -> bool:
        return self._started is not None and row.received_at < self._started

    async def _apply_rows(self, conn: Connection, claimed: Sequence[Row], act: "_Act") -> list[Row]:
        go, aside, before = sort_out(claimed)
        await rows.put_aside(conn, aside)
        applied = await act(conn, self._subscriptions, go) if go else []
        await rows.finish(conn, applied, before)
        return applied

    def _tell(self, applied: Sequence[Row]) -> None:
        """A line for each fact somebody handled, and one for each batch of a hot type."""
        APPLIED.inc(len(applied))
        if applied:
            stir.tell()
        together: dict[str, int] = {}
        for row in applied:
            if row.type in self._subscriptions.handlers:
                _log.info(
                    "fact applied",
                    type=row.type,
                    subject=row.subject,
                    revision=row.revision,
                    request_id=row.request_id,
                )
            elif row.type in self._subscriptions.batch:
                together[row.type] = together.get(row.type, 0) + 1
        for type_, count in together.items():
            _log.info("facts applied", type=type_, count=count)

    async def _by_halves(
        self, conn: Connection, subscriptions: Subscriptions, go: Sequence[Row]
    ) -> list[Row]:
        failed: dict[str, tuple[Row, Exception]] = {}
        applied = await attempt(conn, subscriptions, go, failed)
        good = {(row.subject, row.revision) for row in applied}
        for row, why in failed.values():
            await self._failed(conn, row, why)
        behind = [
            row
            for row in go
            if row.subject in failed
            and row is not failed[row.subject][0]
            and (row.subject, row.revision) not in good
        ]
        await rows.put_aside(conn, behind)
        return applied

    async def _failed(self, conn: Connection, row: Row, why: Exception) -> None:
        FAILED.labels(row.type).inc()
        told = f"{type(why).__name__}: {why}".replace("\0", "")[:2000]
        final = isinstance(why, UnreadableBody) or row.attempts >= len(self._delays)
        if final:
            await rows.park(conn, row, told)
        else:
            seconds = self._delays[row.attempts] * random.uniform(0.5, 1.5)
            await rows.retry(conn, row, told, seconds)
        _log.error(
            "a fact is parked" if final else "a fact failed and is tried again",
            subject=row.subject,
            revision=row.revision,
            type=row.type,
            request_id=row.request_id,
            why=told,
        )

    async def _again(self) -> int:
        for done in range(_ALONE):
            if not await self._one_alone():
                return done
        return _ALONE

    async def _one_alone(self) -> bool:
        """A fact that failed, or whose trial nobody saw end, is tried with no other beside it."""
        async with transaction(self._pool) as conn:
            row = await rows.claim_one_again(conn)
            if row is None:
                return False
            if row.marks >= _MARKS:
                await rows.park(conn, row, "the process ended each time this fact was tried")
                _log.error(
                    "a fact is parked: it ends its process", subject=row.subject, type=row.type
                )
                return True
            go, aside, before = sort_out([row])
            await rows.put_aside(conn, aside)
            await rows.finish(conn, [], before)
            await rows.mark(conn, go)
        if not go:
            return True
        self._tell(await self._try(go, self._by_halves))
        return True


async def _together(conn: Connection, subscriptions: Subscriptions, go: Sequence[Row]) -> list[Row]:
    await run(conn, subscriptions, go)
    return list(go)


class _Act(Protocol):
    """How a batch is run; answers the rows that are applied."""

    async def __call__(
        self, conn: Connection, subscriptions: Subscriptions, go: Sequence[Row]
    ) -> list[Row]: ...
