"""A letter and its first reader, heard by two copies at the same moment: the letter is mailed."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from uuid import UUID

import pytest

from chassis.clock import now
from chassis.database import Connection, Pool, reading, transaction
from contracts.principal import Role
from services.notifications.commands.accounts import keep_contact
from services.notifications.commands.letters import Desk
from services.notifications.commands.organisations import tell_organisation
from services.notifications.model.letter import Cause, Contact
from services.notifications.model.writing import Value

ORGANISATION = UUID(int=41)
READER = Contact(UUID(int=42), ORGANISATION, frozenset({Role.ADMIN}), "森 はな", "hana@a.example")
Act = Callable[[Connection], Awaitable[None]]


@pytest.mark.parametrize("reader_first", [True, False])
async def test_neither_order_leaves_the_letter_unmailed(
    pool: Pool, desk: Desk, reader_first: bool
) -> None:
    async def tell(conn: Connection) -> None:
        cause = Cause(f"organisation/{ORGANISATION}", 9, now())
        values: dict[str, Value] = {
            "registered_name": "小松市",
            "effective_on": date(2023, 11, 30),
            "reason": "休止のお申し出によるものです。",
        }
        await tell_organisation(conn, desk, cause, ORGANISATION, "organisation_suspended", values)

    async def read(conn: Connection) -> None:
        await keep_contact(conn, READER)

    first, second = (read, tell) if reader_first else (tell, read)
    await _overlapping(pool, first, second)
    async with reading(pool) as conn:
        assert await conn.fetchval("SELECT count(*) FROM letters") == 1
        assert await conn.fetchval("SELECT count(*) FROM deliveries") == 1


async def _overlapping(pool: Pool, first: Act, second: Act) -> None:
    """Both begin before either has committed."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def earlier() -> None:
        async with transaction(pool) as conn:
            try:
                await first(conn)
            finally:
                begun.set()
            await go_on.wait()

    async def later() -> None:
        await begun.wait()
        async with transaction(pool) as conn:
            await second(conn)

    waiting = [asyncio.create_task(earlier()), asyncio.create_task(later())]
    await begun.wait()
    await asyncio.sleep(0.2)
    go_on.set()
    await asyncio.gather(*waiting)
