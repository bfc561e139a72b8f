"""What content does by itself: notices go up and come down at their instant, files are looked through."""

import asyncio
import tempfile
from datetime import timedelta
from typing import BinaryIO, cast

from chassis.clock import now
from chassis.database import Pool, reading, transaction
from chassis.patience import patiently
from services.content.commands.publication import act_when_due
from services.content.model.files.file import File
from services.content.model.files.inspection import Found, inspected
from services.content.outside import FileShelf
from services.content.store import files

#: How long a copy may take over one file before another takes it.
_LEASE = timedelta(minutes=2)
_PATIENCE = timedelta(days=1)
_FORGET_SECONDS = 3600.0
#: What a file under inspection holds in memory; the rest lies in a temporary file.
_IN_MEMORY = 1024 * 1024


class Clockwork:
    """One copy of everything that happens as time passes; any number of them share the work."""

    def __init__(
        self,
        pool: Pool,
        shelf: FileShelf,
        *,
        due_seconds: float = 0.2,
        inspection_seconds: float = 1.0,
    ) -> None:
        self._pool, self._shelf = pool, shelf
        self._due, self._inspection = due_seconds, inspection_seconds

    async def run(self) -> None:
        """Keep time until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(patiently("due", self.act_when_due, pause=self._due))
            tasks.create_task(patiently("inspect", self.inspect, pause=self._inspection))
            tasks.create_task(patiently("forget", self.forget, pause=_FORGET_SECONDS))

    async def act_when_due(self) -> bool:
        """One notice that is due goes up or comes down; whether there was one."""
        async with transaction(self._pool) as conn:
            return await act_when_due(conn, now())

    async def inspect(self) -> bool:
        """Look through one file in quarantine; whether there was one."""
        async with transaction(self._pool) as conn:
            taken = await files.take_quarantined(conn, now(), _LEASE)
        if taken is None:
            return False
        found = await self._look_through(taken)
        await self._shelf.keep_only(taken.place, taken.key)
        async with transaction(self._pool) as conn:
            await files.save_inspection(conn, taken.id, found.objection, found.pages, now())
        return True

    async def _look_through(self, taken: File) -> Found:
        content = await self._shelf.get(taken.key or "")
        if content is None:
            return Found(objection="届いたファイルが見つかりません。もう一度送ってください。")
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as copy:
            async for piece in content:
                await asyncio.to_thread(copy.write, piece)
            file = cast(BinaryIO, copy)
            return await asyncio.to_thread(inspected, file, taken.size, taken.media_type)

    async def forget(self) -> bool:
        """Files that were announced a day ago and never came."""
        async with reading(self._pool) as conn:
            lost = await files.never_came(conn, now() - _PATIENCE)
        for file in lost:
            # The content first: without its row nobody would find it again.
            await self._shelf.keep_only(file.place, None)
            async with transaction(self._pool) as conn:
                await files.forget(conn, file.id)
        return len(lost) > 0
