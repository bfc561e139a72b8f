"""Every fact counts once, in the order of its subject's revisions; a bad one stops its own subject only."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from asyncpg import SerializationError

from chassis.database import Connection, Pool, open_pool, transaction
from chassis.inbox import Applier, Store, Subscriptions, rows
from chassis.outbox import publish
from contracts.event import Fact
from tests.chassis.parties import (
    EchoHeard,
    NoteWritten,
    ThingMoved,
    ThingPainted,
    ThingPaintedTwice,
    ThingWeighed,
    arrived,
    effects,
    listening,
    make_ready,
    states,
    thing,
    wrote,
)

Fresh = Callable[[str], Awaitable[str]]
SUBJECT = f"alpha.thing/{thing(1)}"


@pytest.fixture
async def beta(database: Fresh) -> AsyncIterator[Pool]:
    """A listener's pool."""
    url = await database("beta")
    await make_ready(url, listening())
    async with open_pool(url, name="tests") as pool:
        yield pool


class Ears:
    """A listener worked by hand."""

    def __init__(self, pool: Pool, subscriptions: Subscriptions | None = None) -> None:
        self.pool = pool
        self.subscriptions = subscriptions or listening()
        self.store = Store(pool, self.subscriptions)
        self.applier = Applier(pool, self.subscriptions, self.store.stored, delays=(0.0, 0.0))

    async def hear(self, *facts: Fact, first: int = 1, shuffled: bool = False) -> None:
        """Store ``facts`` as numbers ``first`` and following of their kinds."""
        counts: dict[str, int] = {}
        came = []
        for fact in facts:
            counts[fact.kind()] = number = counts.get(fact.kind(), first - 1) + 1
            came.append(arrived(fact, number))
        if shuffled:
            random.Random(7).shuffle(came)
        for one in came if shuffled else [came]:
            await self.store.facts(one if isinstance(one, list) else [one])

    async def settle(self, turns: int = 50, *, sweeping: bool = True) -> None:
        """Apply and sweep until nothing moves any more."""
        for _ in range(turns):
            moved = await self.applier.turn()
            if sweeping:
                async with transaction(self.pool) as conn:
                    await rows.sweep(conn)
            if moved == 0 and not await self.pool.fetchval(
                "SELECT count(*) FROM inbox WHERE due_at <= clock_timestamp()"
            ):
                return


def moves(n: int, upto: int, since: int = 1) -> list[ThingMoved]:
    return [ThingMoved(thing_id=thing(n), revision=r) for r in range(since, upto + 1)]


async def test_facts_of_a_subject_are_applied_in_the_order_of_their_revisions(beta: Pool) -> None:
    ears = Ears(beta)
    facts = [f for n in range(5) for f in moves(n, 8)]
    await ears.hear(*facts, shuffled=True)
    await ears.settle()
    done = await effects(beta)
    assert len(done) == 40
    for n in range(5):
        assert [r for s, r in done if s == f"thing/{thing(n)}"] == list(range(1, 9))
    assert await states(beta) == {}


async def test_a_fact_heard_again_is_applied_once(beta: Pool) -> None:
    ears = Ears(beta)
    for _ in range(3):
        await ears.hear(*moves(1, 3))
        await ears.settle()
    assert await effects(beta) == [(f"thing/{thing(1)}", r) for r in (1, 2, 3)]
    assert await states(beta) == {}


async def test_the_numbers_heard_are_remembered_as_ranges(beta: Pool) -> None:
    ears = Ears(beta)
    await ears.store.facts([arrived(f, n) for f, n in zip(moves(1, 4), (1, 2, 4, 7), strict=True)])
    got = await beta.fetchval("SELECT got::text FROM heard WHERE kind = 'alpha.thing'")
    assert got == "{[1,3),[4,5),[7,8)}"


async def test_a_gap_holds_up_its_own_subject_only(beta: Pool) -> None:
    ears = Ears(beta)
    await ears.hear(*moves(1, 1), *moves(2, 3))
    await ears.hear(*moves(1, 4, since=3), first=10)
    await ears.settle()
    assert [r for s, r in await effects(beta) if s.endswith("1")] == [1]
    assert [r for s, r in await effects(beta) if s.endswith("2")] == [1, 2, 3]
    assert set((await states(beta)).values()) == {"waiting"}
    await ears.hear(*moves(1, 2, since=2), first=5)
    # What waited is woken by what it waited for; the sweep is for what a wake missed.
    await ears.settle(sweeping=False)
    assert [r for s, r in await effects(beta) if s.endswith("1")] == [1, 2, 3, 4]


async def test_a_batch_handler_never_overtakes_another_type_of_the_same_subject(beta: Pool) -> None:
    ears = Ears(beta)
    kinds: list[type[Any]] = [ThingPainted, ThingMoved, ThingPainted, ThingWeighed, ThingPainted]
    facts = [
        kinds[(r + n) % 5](thing_id=thing(n), revision=r) for r in range(1, 30) for n in range(20)
    ]
    await ears.hear(*facts)
    await ears.settle()
    done = await effects(beta)
    for n in range(20):
        own = [r for s, r in done if s == f"thing/{thing(n)}"]
        assert own == sorted(own)
        assert len(own) == len(
            [f for f in facts if f.thing_id == thing(n) and f.type != ThingWeighed.type]
        )


async def test_a_fact_nobody_handles_is_counted_and_changes_nothing(beta: Pool) -> None:
    ears = Ears(beta)
    await ears.hear(ThingWeighed(thing_id=thing(1), revision=1), *moves(1, 2, since=2))
    await ears.settle()
    assert await effects(beta) == [(f"thing/{thing(1)}", 2)]
    assert await beta.fetchval("SELECT applied FROM subjects") == 2


async def test_a_kind_nobody_listens_to_is_not_stored(beta: Pool) -> None:
    ears = Ears(beta)
    await ears.store.facts([arrived(EchoHeard(echo_id=thing(1), revision=1), 1)])
    assert await states(beta) == {}


def failing(bad: set[int]) -> Callable[[Connection, Any], Awaitable[None]]:
    async def act(conn: Connection, fact: ThingMoved) -> None:
        await wrote(conn, fact)
        if fact.thing_id.int in bad:
            raise LookupError(f"no such place: {fact.to}")

    return act


async def test_a_bad_fact_is_found_by_halves_tried_again_and_parked_with_its_reason(
    beta: Pool,
) -> None:
    bad = {3, 7}
    ears = Ears(beta, listening(failing(bad)))
    await ears.hear(*[f for n in range(1, 11) for f in moves(n, 3)])
    await ears.settle()
    done = await effects(beta)
    assert sorted({int(s[-1], 16) for s, _ in done}) == [1, 2, 4, 5, 6, 8, 9, 10]
    assert len(done) == 24
    found = await states(beta)
    assert {k for k, v in found.items() if v == "parked"} == {
        (f"alpha.thing/{thing(n)}", 1) for n in bad
    }
    assert sorted(found.values()) == ["parked"] * 2 + ["waiting"] * 4
    why = await beta.fetchrow("SELECT why, attempts FROM inbox WHERE state = 'parked' LIMIT 1")
    assert why is not None and why["why"].startswith("LookupError: no such place")
    assert why["attempts"] == 3


async def test_a_fact_whose_body_cannot_be_read_is_parked_at_once(beta: Pool) -> None:
    ears = Ears(beta)
    bodies = [b"{", b"\xff", b'{"revision": 1}', moves(9, 1)[0].model_dump_json().encode()]
    for n, body in enumerate(bodies, start=1):
        await ears.store.facts([arrived(moves(n, 1)[0], n, body=body)])
    await ears.hear(*moves(8, 2), first=10)
    await ears.settle()
    assert len(await effects(beta)) == 2
    parked = [k for k, v in (await states(beta)).items() if v == "parked"]
    assert len(parked) == 4
    assert await beta.fetchval("SELECT max(attempts) FROM inbox") == 1


async def test_what_a_failed_handler_said_is_not_said(beta: Pool) -> None:
    async def act(conn: Connection, fact: ThingMoved) -> None:
        publish(conn, EchoHeard(echo_id=fact.thing_id, revision=fact.revision))
        if fact.thing_id == thing(2):
            raise LookupError

    ears = Ears(beta, listening(act))
    await ears.hear(*[f for n in (1, 2, 3) for f in moves(n, 2)])
    await ears.settle()
    said = await beta.fetch("SELECT subject, revision FROM events ORDER BY subject, revision")
    assert [(r["subject"], r["revision"]) for r in said] == [
        (f"echo/{thing(n)}", r) for n in (1, 3) for r in (1, 2)
    ]


async def test_what_a_handler_says_carries_the_request_that_began_it(beta: Pool) -> None:
    async def act(conn: Connection, fact: ThingMoved) -> None:
        publish(conn, EchoHeard(echo_id=fact.thing_id, revision=1))

    ears = Ears(beta, listening(act))
    for n in (1, 2):
        one = arrived(moves(n, 1)[0], n)
        await ears.store.facts([one._replace(request_id=f"request-{n}")])
    await ears.settle()
    said = await beta.fetch("SELECT subject, request_id FROM events ORDER BY subject")
    assert [(r["subject"], r["request_id"]) for r in said] == [
        (f"echo/{thing(n)}", f"request-{n}") for n in (1, 2)
    ]


async def test_a_handler_that_says_a_revision_out_of_order_is_the_one_that_is_parked(
    beta: Pool,
) -> None:
    async def act(conn: Connection, fact: ThingMoved) -> None:
        publish(conn, EchoHeard(echo_id=fact.thing_id, revision=2 if fact.thing_id.int == 2 else 1))

    ears = Ears(beta, listening(act))
    await ears.hear(*[f for n in (1, 2, 3) for f in moves(n, 1)])
    await ears.settle()
    assert await states(beta) == {(f"alpha.thing/{thing(2)}", 1): "parked"}


async def test_a_newer_version_of_a_known_fact_is_held_until_code_that_reads_it_starts(
    beta: Pool,
) -> None:
    known = Subscriptions({ThingMoved: wrote, NoteWritten: wrote, ThingPainted: wrote})
    today = Subscriptions({ThingMoved: wrote, NoteWritten: wrote, ThingPainted: wrote})
    today.known.pop(ThingPaintedTwice.type)
    today._newest["alpha.thing.painted"] = 1
    ears = Ears(beta, today)
    await ears.hear(
        *moves(1, 1), ThingPaintedTwice(thing_id=thing(1), revision=2), *moves(1, 3, since=3)
    )
    await ears.settle()
    assert await effects(beta) == [(f"thing/{thing(1)}", 1)]
    assert sorted((await states(beta)).values()) == ["held", "waiting"]
    newer = Ears(beta, known)
    await newer.applier.begin()
    await newer.settle()
    assert [r for _, r in await effects(beta)] == [1, 3]
    assert await states(beta) == {}


async def test_a_type_nobody_has_heard_of_does_not_hold_up_its_subject(beta: Pool) -> None:
    ears = Ears(beta)
    one = arrived(moves(1, 1)[0], 1)
    await ears.store.facts([one._replace(type="alpha.thing.sold.v1")])
    await ears.hear(*moves(1, 2, since=2), first=2)
    await ears.settle()
    assert await effects(beta) == [(f"thing/{thing(1)}", 2)]


async def test_a_subject_begins_above_one_only_when_all_below_was_heard_or_is_no_more(
    beta: Pool,
) -> None:
    ears = Ears(beta)
    late = arrived(moves(1, 5, since=5)[0], 9)
    await ears.store.facts([late])
    await ears.settle()
    assert await effects(beta) == []
    await ears.store.facts([], [("alpha.thing", 1, 8)])
    await ears.settle()
    assert await effects(beta) == []
    await ears.store.facts([], [("alpha.thing", 8, 9)])
    await ears.settle()
    assert await effects(beta) == [(f"thing/{thing(1)}", 5)]


async def test_two_appliers_at_once_apply_everything_once_and_in_order(beta: Pool) -> None:
    one, other = Ears(beta), Ears(beta)
    facts: list[Fact] = [
        f
        for n in range(40)
        for f in (*moves(n, 10), *[ThingPainted(thing_id=thing(n), revision=11)])
    ]
    await one.hear(*facts, shuffled=True)
    await asyncio.gather(one.settle(200), other.settle(200))
    await one.settle(200)
    done = await effects(beta)
    assert len(done) == 440
    for n in range(40):
        assert [r for s, r in done if s == f"thing/{thing(n)}"] == list(range(1, 12))


@pytest.mark.parametrize("before", [0, 3])
async def test_who_was_overtaken_while_applying_rolls_back(beta: Pool, before: int) -> None:
    ears = Ears(beta)
    await ears.hear(*moves(1, before + 1))
    if before:
        await beta.execute("INSERT INTO subjects VALUES ($1, $2)", SUBJECT, before)
    with pytest.raises(rows.Overtaken):
        async with transaction(beta) as conn:
            claimed = await rows.claim(conn, 10)
            # Another copy, which was given the same facts once more, is faster.
            await beta.execute(
                "INSERT INTO subjects VALUES ($1, $2)"
                " ON CONFLICT (subject) DO UPDATE SET applied = excluded.applied",
                SUBJECT,
                before + 1,
            )
            await rows.finish(conn, [r for r in claimed if r.revision == before + 1], [])
    assert len(await states(beta)) == before + 1


async def test_a_fact_that_ends_its_process_is_parked_and_the_innocent_are_not(beta: Pool) -> None:
    class Death(BaseException):
        """The end of a process, as far as a database can see it."""

    async def act(conn: Connection, fact: ThingMoved) -> None:
        if fact.thing_id == thing(4):
            raise Death
        await wrote(conn, fact)

    await Ears(beta).hear(*[f for n in range(8) for f in moves(n, 2)])
    deaths = 0
    for _ in range(8):
        ears = Ears(beta, listening(act))
        await ears.applier.begin()
        try:
            await ears.settle()
        except Death:
            deaths += 1
        # The next process is there when the moment that was the dead one's is over.
        await beta.execute("UPDATE inbox SET due_at = received_at WHERE marks > 0")
    assert 2 <= deaths <= 4
    assert len(await effects(beta)) == 14
    assert await states(beta) == {
        (f"alpha.thing/{thing(4)}", 1): "parked",
        (f"alpha.thing/{thing(4)}", 2): "waiting",
    }


async def test_trouble_of_the_moment_is_not_taken_for_the_end_of_a_process(beta: Pool) -> None:
    calls = 0

    async def act(conn: Connection, fact: ThingMoved) -> None:
        nonlocal calls
        calls += 1
        if calls <= 5:
            raise SerializationError
        await wrote(conn, fact)

    await Ears(beta).hear(*moves(1, 1))
    ears = Ears(beta, listening(act))
    await ears.applier.begin()
    for _ in range(20):
        await ears.settle(turns=1)
        await beta.execute("UPDATE inbox SET due_at = received_at WHERE due_at IS NOT NULL")
    assert await states(beta) == {} and len(await effects(beta)) == 1


async def test_who_is_told_to_stop_in_the_middle_leaves_no_mark(beta: Pool) -> None:
    begun = asyncio.Event()

    async def act(conn: Connection, fact: ThingMoved) -> None:
        begun.set()
        await asyncio.sleep(3600)

    await Ears(beta).hear(*moves(1, 1))
    ears = Ears(beta, listening(act))
    await ears.applier.begin()
    trial = asyncio.create_task(ears.settle(turns=1))
    await begun.wait()
    assert await beta.fetchval("SELECT marks FROM inbox") == 1
    trial.cancel()
    with pytest.raises(asyncio.CancelledError):
        await trial
    assert await beta.fetchval("SELECT marks FROM inbox") == 0


async def test_a_message_that_is_no_fact_is_put_aside_with_its_bytes(beta: Pool) -> None:
    await Ears(beta).store._quarantine([(b"\x00\xff", "no fact")])
    row = await beta.fetchrow("SELECT raw, why FROM quarantine")
    assert row is not None and (row["raw"], row["why"]) == (b"\x00\xff", "no fact")


async def test_what_one_copy_is_about_to_try_is_marked_by_no_other(
    beta: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Marks of copies side by side would look like processes that ended, one after the other."""
    # The moment lasts, however long the other takes to look.
    monkeypatch.setattr(rows, "_BEING_TRIED", 3600.0)
    await Ears(beta).hear(*moves(1, 1))
    async with transaction(beta) as conn:
        await rows.mark(conn, await rows.claim(conn, 1))
    async with transaction(beta) as conn:
        assert await rows.claim_one_again(conn) is None
        assert await rows.claim(conn, 1) == []
