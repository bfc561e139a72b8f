"""Looks through documents that were handed in."""

from chassis.database import Pool, transaction
from chassis.patience import patiently
from services.registry.commands.documents import inspect_next_document


async def inspect_documents(pool: Pool, *, every: float) -> None:
    """Look through quarantined documents, one in each transaction, for as long as the process lives."""

    async def turn() -> bool:
        async with transaction(pool) as conn:
            return await inspect_next_document(conn) is not None

    await patiently("inspect", turn, pause=every)
