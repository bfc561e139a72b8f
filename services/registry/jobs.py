"""What the registry does by itself as time passes."""

import asyncio
from contextlib import aclosing
from datetime import datetime
from uuid import UUID

import structlog

from chassis.clock import now
from chassis.database import Away, Pool, reading, transaction
from chassis.feeds import Watch
from chassis.ids import new_id
from chassis.patience import patiently
from chassis.refusal import Refusal
from services.registry.commands.documents import inspect_next_document
from services.registry.commands.finding import Finder
from services.registry.commands.imports import working
from services.registry.commands.measure_course import take_due
from services.registry.model.feed import FEED
from services.registry.model.imports.findings import Unreadable
from services.registry.model.imports.progress import Import, ImportState
from services.registry.reader import Lost, Reader
from services.registry.store import measures
from services.registry.store.imports import files

_log = structlog.get_logger()
_LOOK_AGAIN_SECONDS = 30.0

_LOOK_SECONDS = 0.5
_FORGET_SECONDS = 3600.0


async def inspect_documents(pool: Pool, *, every: float) -> None:
    """Look through quarantined documents, one in each transaction, for as long as the process lives."""
    while True:
        try:
            async with transaction(pool) as conn:
                found = await inspect_next_document(conn)
        except Away as why:
            _log.warning("documents not inspected", why=repr(why))
            found = None
        if found is None:
            await asyncio.sleep(every)


class DueMeasures:
    """Opens, closes and settles measures when it is time, one in each transaction.

    It goes round by when they were due, so that one that cannot be helped does not hold up the others.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._last: tuple[datetime, UUID] | None = None

    async def turn(self) -> bool:
        """Take the next measure that is due; whether there was one in this round."""
        async with reading(self._pool) as conn:
            self._last = await measures.next_due(conn, now(), after=self._last)
        if self._last is None:
            return False
        async with transaction(self._pool) as conn:
            await take_due(conn, self._last[1], now())
        return True

    async def run(self, *, every: float) -> None:
        """Take turns for as long as the process lives."""
        await patiently("measures due", self.turn, pause=every)


async def keep_finding(pool: Pool, watch: Watch, finder: Finder) -> None:
    """Build the search, then follow the feed for as long as the process lives, a fifth of a second behind."""

    async def turn() -> bool:
        if not await finder.follow(pool):
            await watch.grown(FEED, finder.position or 0, _LOOK_AGAIN_SECONDS)
        return True

    await patiently("search", turn)


class Importer:
    """One copy of the job that reads files and brings them in; any number of them share the work."""

    def __init__(self, pool: Pool, reader: Reader) -> None:
        self._pool, self._reader = pool, reader
        self._id = new_id()

    async def run(self) -> None:
        """Work on imports until cancelled; what is under way then is taken over by another copy."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(patiently("imports", self.turn, pause=_LOOK_SECONDS))
            tasks.create_task(patiently("forget imports", self._forget, pause=_FORGET_SECONDS))

    async def turn(self) -> bool:
        """Work on the import that waits longest; whether there was one."""
        async with transaction(self._pool) as conn:
            held = await working.take_next(conn, self._id, now())
        if held is None:
            return False
        try:
            if held.state is ImportState.CHECKING:
                await self._read(held)
            elif held.state is ImportState.IMPORTING:
                await self._bring_in(held)
        except working.TakenOver:
            _log.info("an import was taken over", import_id=held.id)
        return True

    async def _read(self, held: Import) -> None:
        async with reading(self._pool) as conn:
            content = await files.content_of(conn, held.id)
        begun = held
        try:
            async with aclosing(self._reader.read(held.kind, content)) as parts:
                async for part in parts:
                    async with transaction(self._pool) as conn:
                        held = await working.keep_part(conn, held, part, now())
        except Unreadable as why:
            async with transaction(self._pool) as conn:
                await working.refuse_file(conn, begun, why.code, why.detail, now())
            return
        except Lost as why:
            _log.warning("a file was not read to its end", import_id=held.id, why=repr(why))
            async with transaction(self._pool) as conn:
                await files.let_go(conn, held)
            return
        async with transaction(self._pool) as conn:
            await working.finish_reading(conn, held, now())

    async def _bring_in(self, held: Import) -> None:
        try:
            async with transaction(self._pool) as conn:
                await working.bring_in(conn, held, now())
        except Refusal as why:
            async with transaction(self._pool) as conn:
                await working.not_brought_in(conn, held, why, now())

    async def _forget(self) -> bool:
        async with transaction(self._pool) as conn:
            return await working.forget(conn, now())
