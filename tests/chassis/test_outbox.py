"""What is said is written with what makes it true, in the order of its subject's revisions."""

from typing import ClassVar
from uuid import UUID

import pytest

from chassis.database import Pool, reading, transaction
from chassis.outbox import publish
from contracts.event import Fact


class Moved(Fact):
    """Something moved."""

    type: ClassVar[str] = "test.thing.moved.v1"
    feeds: ClassVar[tuple[str, ...]] = ("moves",)
    thing_id: UUID


def moved(revision: int, thing: int = 1) -> Moved:
    return Moved(thing_id=UUID(int=thing), revision=revision)


async def test_facts_are_written_in_the_order_they_were_said(pool: Pool) -> None:
    async with transaction(pool) as conn:
        for revision in (1, 2, 3):
            publish(conn, moved(revision))
    async with reading(pool) as conn:
        rows = await conn.fetch("SELECT revision, kind, feeds FROM events ORDER BY seq")
        waiting = await conn.fetchval("SELECT count(*) FROM outbox")
    assert [r["revision"] for r in rows] == [1, 2, 3]
    assert rows[0]["kind"] == "test.thing" and rows[0]["feeds"] == ["moves"]
    assert waiting == 3


async def test_a_revision_without_its_predecessor_is_refused(pool: Pool) -> None:
    with pytest.raises(RuntimeError, match="predecessor"):
        async with transaction(pool) as conn:
            publish(conn, moved(2))
    async with reading(pool) as conn:
        assert await conn.fetchval("SELECT count(*) FROM events") == 0


async def test_a_fact_outside_a_transaction_is_refused(pool: Pool) -> None:
    async with reading(pool) as conn:
        with pytest.raises(RuntimeError, match="inside the transaction"):
            publish(conn, moved(1))


async def test_a_rolled_back_transaction_says_nothing(pool: Pool) -> None:
    with pytest.raises(ZeroDivisionError):
        async with transaction(pool) as conn:
            publish(conn, moved(1))
            raise ZeroDivisionError
    async with transaction(pool) as conn:
        publish(conn, moved(1, thing=2))
    async with reading(pool) as conn:
        assert await conn.fetchval("SELECT array_agg(subject) FROM events") == [
            f"thing/{UUID(int=2)}"
        ]
