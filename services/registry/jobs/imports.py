"""Reads files of target lists that were handed in."""

import asyncio
from contextlib import aclosing

import structlog

from chassis.clock import now
from chassis.database import Pool, reading, transaction
from chassis.ids import new_id
from chassis.patience import patiently
from chassis.refusal import Refusal
from services.registry.commands.imports import working
from services.registry.model.imports.findings import Unreadable
from services.registry.model.imports.progress import Import, ImportState
from services.registry.reader import Lost, Reader
from services.registry.store.imports import files

_log = structlog.get_logger()

_LOOK_SECONDS, _STILL_SECONDS = 0.5, 2.0
_FORGET_SECONDS = 3600.0


class Importer:
    """One copy of the job that reads files and brings them in; any number of them share the work."""

    def __init__(self, pool: Pool, reader: Reader) -> None:
        self._pool, self._reader = pool, reader
        self._id = new_id()

    async def run(self) -> None:
        """Work on imports until cancelled; what is under way then is taken over by another copy."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(
                patiently("imports", self.turn, pause=_LOOK_SECONDS, still=_STILL_SECONDS)
            )
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
