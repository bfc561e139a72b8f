"""A feed is read from any position, waited for, and checked by anybody."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from chassis.database import Pool, reading
from chassis.feeds import NOTHING, Watch, entries, head, link
from chassis.relay import Handover, Numberer
from tests.chassis.parties import NoteWritten, ThingMoved, say, thing


class Numbering:
    """A numberer worked by hand."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def all(self) -> None:
        async with self._pool.acquire() as conn:
            numberer = Numberer(conn, Handover())  # type: ignore[arg-type]
            while await numberer.batch():
                pass


@pytest.fixture
async def numbering(pool: Pool) -> AsyncIterator[Numbering]:
    yield Numbering(pool)


def note(n: int, text: str = "") -> NoteWritten:
    return NoteWritten(note_id=thing(n), revision=1, text=text)


async def test_a_feed_is_read_in_pieces_and_its_chain_holds(
    pool: Pool, numbering: Numbering
) -> None:
    for n in range(25):
        await say(pool, note(n, "令和五年度"), ThingMoved(thing_id=thing(n), revision=1))
    await numbering.all()
    chain, after = NOTHING, 0
    async with reading(pool) as conn:
        while page := await entries(conn, "notes", after, 10):
            for entry in page:
                assert entry.position == after + 1
                fields = (entry.event_id, entry.type, entry.subject, entry.revision)
                chain = link(chain, entry.position, *fields, entry.recorded_at, entry.body)
                assert entry.chain == chain
                after = entry.position
        assert after == 25
        assert await head(conn, "notes") is not None
        assert (await head(conn, "notes")).position == 25
        assert (await head(conn, "notes")).chain == chain


async def test_a_feed_without_entries_begins_at_nothing(pool: Pool) -> None:
    async with reading(pool) as conn:
        assert await entries(conn, "notes", 0, 10) == []
        found = await head(conn, "notes")
    assert (found.position, found.chain) == (0, NOTHING)


async def test_a_changed_body_breaks_the_chain(pool: Pool, numbering: Numbering) -> None:
    await say(pool, note(1, "before"))
    await numbering.all()
    async with reading(pool) as conn:
        (entry,) = await entries(conn, "notes", 0, 10)
    fields = (entry.event_id, entry.type, entry.subject, entry.revision, entry.recorded_at)
    assert link(NOTHING, 1, *fields, entry.body) == entry.chain
    assert link(NOTHING, 1, *fields, entry.body.replace(b"before", b"after!")) != entry.chain


async def test_many_who_wait_are_told_when_the_feed_grows(pool: Pool, numbering: Numbering) -> None:
    watch = Watch(pool)
    waiting = [asyncio.create_task(watch.grown("notes", 0, 60)) for _ in range(50)]
    other = asyncio.create_task(watch.grown("notes", 1, 1.0))
    await asyncio.sleep(0.05)
    await say(pool, note(1))
    await numbering.all()
    assert all(await asyncio.gather(*waiting))
    assert await other is False
    assert await watch.grown("notes", 0, 60)


async def test_who_waits_for_what_does_not_come_is_told_so(pool: Pool) -> None:
    assert await Watch(pool).grown("notes", 0, 0.1) is False
