"""Looks through documents that were handed in."""

import asyncio

import structlog

from chassis.database import Away, Pool, transaction
from services.registry.commands.documents import inspect_next_document

_log = structlog.get_logger()


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
