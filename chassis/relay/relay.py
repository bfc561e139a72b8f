"""One relay at a time for each service: it numbers all the time and carries while there is a broker."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import asyncpg
import structlog

from chassis.broker import loud
from chassis.database import Pool, Record
from chassis.relay.carrying import Carrier, OpenPublisher
from chassis.relay.numbering import Handover, Numberer

_log = structlog.get_logger()

_ASK_FOR_THE_LOCK_SECONDS = 1.0


async def relay(
    pool: Pool,
    database_url: str,
    open_publisher: OpenPublisher,
    *,
    told: Callable[[str], None] = lambda _: None,
    beat: Callable[[], None] = lambda: None,
    alone: bool = True,
) -> None:
    """Number and carry until the database fails; ``told`` hears what keeps facts from leaving, or ``""``.

    The lock saves the work of a second relay and is no more than that: ``alone=False`` does without, and the
    keys of ``log`` still give every fact one number.
    """
    async with _own_connection(database_url) as conn:
        if alone:
            await _lock(conn, told)
        handover = Handover()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(Numberer(conn, handover).run(beat))
            tasks.create_task(_keep_carrying(pool, handover, open_publisher, told))


async def _keep_carrying(
    pool: Pool, handover: Handover, open_publisher: OpenPublisher, told: Callable[[str], None]
) -> None:
    """Numbers are given while the broker is away, too: the comparison goes by them."""
    while True:
        try:
            await loud(Carrier(pool, handover).run(open_publisher, lambda: told("")))
        except Exception as why:
            told(reason(why))
            _log.warning("facts are not carried", why=reason(why))
        await asyncio.sleep(random.uniform(0.2, 1.0))


def reason(why: BaseException) -> str:
    """The first cause in a group of errors, in a line."""
    while isinstance(why, BaseExceptionGroup):
        why = why.exceptions[0]
    return f"{type(why).__name__}: {why}"[:300]


async def _lock(conn: "asyncpg.Connection[Record]", told: Callable[[str], None]) -> None:
    while not await conn.fetchval("SELECT pg_try_advisory_lock(hashtext('machipo.relay'))"):
        # Another copy carries for all of us.
        told("")
        await asyncio.sleep(_ASK_FOR_THE_LOCK_SECONDS)


@asynccontextmanager
async def _own_connection(url: str) -> AsyncIterator["asyncpg.Connection[Record]"]:
    settings = {"application_name": "relay", "statement_timeout": "15s"}
    conn: asyncpg.Connection[Record] = await asyncpg.connect(
        url, timeout=5, command_timeout=20, server_settings=settings
    )
    try:
        yield conn
    finally:
        conn.terminate()
