"""Facts get gap-free numbers and reach the broker, whoever else numbers and whatever breaks."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest

from chassis.database import Pool, open_pool, transaction
from chassis.outbox import publish
from chassis.relay import Handover, Numberer, relay
from chassis.wire import Said
from contracts.event import Fact
from tests.chassis.parties import NoteWritten, ThingMoved, say, thing
from tests.rig.waiting import eventually

Fresh = Callable[[str], Awaitable[str]]


@dataclass
class Shelf:
    """A publisher that keeps what it is given, and can be told to fail."""

    got: list[Said] = field(default_factory=list)
    broken: bool = False
    refuses: bool = False
    cancels: bool = False

    async def send(self, batch: Sequence[Said]) -> "asyncio.Future[None]":
        if self.broken:
            raise ConnectionError("no broker")
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self.cancels:
            # As aiormq does with what waits for a confirm when the line is lost.
            future.cancel()
        elif self.refuses:
            future.set_exception(ConnectionError("not confirmed"))
        else:
            self.got.extend(batch)
            future.set_result(None)
        return future

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Shelf"]:
        if self.broken:
            raise ConnectionError("no broker")
        yield self

    def positions(self) -> list[int]:
        return [said.position for said in self.got]


@dataclass
class Alpha:
    """A speaker: its database, and its relays."""

    pool: Pool
    url: str
    relays: list["asyncio.Task[None]"] = field(default_factory=list)

    def start(self, shelf: Shelf, *, alone: bool = True) -> "asyncio.Task[None]":
        made = relay(self.pool, self.url, shelf.open, alone=alone)
        self.relays.append(asyncio.create_task(made))
        return self.relays[-1]

    async def numbered(self) -> int:
        return int(await self.pool.fetchval("SELECT count(*) FROM log"))

    async def published(self) -> int:
        return int(await self.pool.fetchval("SELECT published FROM relay"))


@pytest.fixture
async def alpha(database: Fresh) -> AsyncIterator[Alpha]:
    url = await database("alpha")
    async with open_pool(url, name="tests", size=20) as pool:
        party = Alpha(pool, url)
        yield party
        for task in party.relays:
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task


def moves(n: int, upto: int) -> list[Fact]:
    return [ThingMoved(thing_id=thing(n), revision=r) for r in range(1, upto + 1)]


async def check_log(pool: Pool) -> None:
    """Positions and numbers without gaps, revisions in order, nothing left to do."""
    rows = await pool.fetch(
        "SELECT l.position, l.kind, l.number, e.subject, e.revision"
        " FROM log l JOIN events e USING (seq) ORDER BY l.position"
    )
    assert [r["position"] for r in rows] == list(range(1, len(rows) + 1))
    for kind in {r["kind"] for r in rows}:
        numbers = [r["number"] for r in rows if r["kind"] == kind]
        assert numbers == list(range(1, len(numbers) + 1))
    for subject in {r["subject"] for r in rows}:
        revisions = [r["revision"] for r in rows if r["subject"] == subject]
        assert revisions == list(range(1, len(revisions) + 1))
    assert await pool.fetchval("SELECT count(*) FROM events") == len(rows)
    assert await pool.fetchval("SELECT count(*) FROM outbox") == 0


async def test_facts_are_numbered_and_carried_in_order(alpha: Alpha) -> None:
    shelf = Shelf()
    await say(alpha.pool, *moves(1, 5), *moves(2, 3))
    alpha.start(shelf)
    await say(alpha.pool, *moves(3, 4))
    await eventually(lambda: len(shelf.got) == 12)
    assert shelf.positions() == list(range(1, 13))
    assert shelf.got[0].body.startswith(b'{"revision":1')
    await eventually(alpha.published)
    await check_log(alpha.pool)


async def test_more_facts_than_fit_the_handover_are_carried_all(alpha: Alpha) -> None:
    shelf = Shelf(broken=True)
    alpha.start(shelf)
    for block in range(12):
        await say(alpha.pool, *[f for n in range(50) for f in moves(block * 50 + n, 10)])
    await eventually(alpha.numbered)

    async def all_numbered() -> bool:
        return await alpha.numbered() == 6_000

    await eventually(all_numbered)
    shelf.broken = False
    await eventually(lambda: len(shelf.got) >= 6_000)
    assert shelf.positions() == list(range(1, 6_001))


async def test_numbers_are_given_while_the_broker_is_away(alpha: Alpha) -> None:
    shelf = Shelf(broken=True)
    alpha.start(shelf)
    await say(alpha.pool, *moves(1, 3))
    await eventually(alpha.numbered)
    assert await alpha.published() == 0
    shelf.broken = False
    await eventually(lambda: shelf.positions() == [1, 2, 3])


async def test_what_was_not_confirmed_is_carried_again(alpha: Alpha) -> None:
    shelf = Shelf(refuses=True)
    alpha.start(shelf)
    await say(alpha.pool, *moves(1, 3))
    await eventually(alpha.numbered)
    await asyncio.sleep(0.1)
    assert await alpha.published() == 0
    shelf.refuses = False
    await eventually(lambda: shelf.positions() == [1, 2, 3])
    await eventually(alpha.published)


async def test_a_confirm_that_was_cancelled_by_a_lost_line_is_waited_for_again(
    alpha: Alpha,
) -> None:
    shelf = Shelf(cancels=True)
    alpha.start(shelf)
    await say(alpha.pool, *moves(1, 3))
    await eventually(alpha.numbered)
    await asyncio.sleep(0.1)
    shelf.cancels = False
    await eventually(lambda: shelf.positions() == [1, 2, 3])


async def test_a_new_relay_goes_on_where_the_broker_last_confirmed(alpha: Alpha) -> None:
    first, second = Shelf(), Shelf()
    task = alpha.start(first)
    await say(alpha.pool, *moves(1, 3))
    await eventually(alpha.published)
    task.cancel()
    await say(alpha.pool, *moves(2, 2))
    alpha.start(second)
    await eventually(lambda: second.positions() == [4, 5])


async def test_facts_can_be_told_again_from_any_position(alpha: Alpha) -> None:
    shelf = Shelf()
    alpha.start(shelf)
    await say(alpha.pool, *moves(1, 5))
    await eventually(alpha.published)
    await alpha.pool.execute("UPDATE relay SET published = 2")
    await eventually(lambda: shelf.positions() == [1, 2, 3, 4, 5, 3, 4, 5])
    await say(alpha.pool, *moves(2, 1))
    await eventually(lambda: shelf.positions()[-1] == 6)


async def test_several_relays_without_a_lock_give_every_fact_one_number(alpha: Alpha) -> None:
    shelves = [Shelf(), Shelf(), Shelf()]

    async def keep(shelf: Shelf) -> None:
        while True:
            with suppress(Exception):
                await relay(alpha.pool, alpha.url, shelf.open, alone=False)

    alpha.relays += [asyncio.create_task(keep(shelf)) for shelf in shelves]

    async def talk(n: int) -> None:
        for revision in range(1, 21):
            await say(
                alpha.pool,
                ThingMoved(thing_id=thing(n), revision=revision),
                NoteWritten(note_id=thing(n), revision=revision),
            )

    await asyncio.gather(*(talk(n) for n in range(10)))

    async def settled() -> bool:
        return await alpha.numbered() == 400

    await eventually(settled)
    await check_log(alpha.pool)
    await check_chain(alpha.pool, "notes", 200)


async def test_a_relay_that_was_overtaken_looks_again_and_goes_on(alpha: Alpha) -> None:
    async with alpha.pool.acquire() as one, alpha.pool.acquire() as other:
        first, second = Numberer(one, Handover()), Numberer(other, Handover())  # type: ignore[arg-type]
        for n, numberer in enumerate((first, second, first, first, second, second)):
            await say(alpha.pool, *moves(n, 1))
            # Once in vain, because the other numbered meanwhile; then with what is true.
            await numberer.batch()
            await numberer.batch()
            await check_log(alpha.pool)


async def check_chain(pool: Pool, feed: str, count: int) -> None:
    """Hash the feed once more, with nothing of the chassis."""
    rows = await pool.fetch(
        "SELECT f.position, f.chain, e.* FROM feed_entries f JOIN events e USING (seq)"
        " WHERE feed = $1 ORDER BY f.position",
        feed,
    )
    assert len(rows) == count
    chain = bytes(32)
    for at, row in enumerate(rows, start=1):
        assert row["position"] == at
        when = row["recorded_at"].strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        fields = [at, row["event_id"], row["type"], row["subject"], row["revision"], when]
        text = "".join(f"{field}\n" for field in fields)
        chain = hashlib.sha256(chain + text.encode() + row["body"]).digest()
        assert row["chain"] == chain


async def test_a_feed_has_its_own_positions_and_a_chain_anybody_can_check(alpha: Alpha) -> None:
    alpha.start(Shelf())
    await say(alpha.pool, NoteWritten(note_id=thing(1), revision=1, text="お知らせ"))
    await say(alpha.pool, *moves(1, 3))
    async with transaction(alpha.pool) as conn:
        publish(conn, NoteWritten(note_id=thing(2), revision=1), feeds=("others",))

    async def numbered() -> bool:
        return await alpha.numbered() == 5

    await eventually(numbered)
    await check_chain(alpha.pool, "notes", 2)
    await check_chain(alpha.pool, "others", 1)


async def test_a_transaction_that_commits_late_is_not_passed_over(alpha: Alpha) -> None:
    shelf = Shelf()
    alpha.start(shelf)
    await say(alpha.pool, *moves(1, 1))
    async with transaction(alpha.pool) as late:
        publish(late, ThingMoved(thing_id=thing(99), revision=1))
        for act in late.before_commit:
            await act(late)
        # Far more than the relay looks back by habit.
        for block in range(11):
            await say(alpha.pool, *[f for n in range(50) for f in moves(100 + block * 50 + n, 10)])
            await late.execute("SELECT 'I am still here'")

        async def numbered() -> bool:
            await late.execute("SELECT 'I am still here'")
            return await alpha.numbered() == 5_501

        await eventually(numbered)
    await eventually(lambda: len(shelf.got) == 5_502)
    await check_log(alpha.pool)


async def test_a_database_that_went_away_ends_the_relay(alpha: Alpha) -> None:
    task = alpha.start(Shelf())
    await say(alpha.pool, *moves(1, 1))
    await eventually(alpha.numbered)
    await alpha.pool.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'relay' AND datname = current_database()"
    )
    with pytest.raises(BaseExceptionGroup):
        await asyncio.wait_for(task, 60)


async def test_a_second_relay_waits_until_the_first_is_gone(alpha: Alpha) -> None:
    first, second = Shelf(), Shelf()
    task = alpha.start(first)
    await say(alpha.pool, *moves(1, 1))
    await eventually(lambda: first.positions() == [1])
    alpha.start(second)
    await say(alpha.pool, *moves(2, 1))
    await eventually(lambda: first.positions() == [1, 2])
    assert second.got == []
    task.cancel()
    await say(alpha.pool, *moves(3, 1))
    await eventually(lambda: second.positions()[-1:] == [3])
