"""Facts said by one service become effects in another, whatever happens to the broker between them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import ClientSession

from chassis.broker import BatchPublisher, connect, declare
from chassis.database import Connection
from chassis.inbox import Subscriptions
from chassis.outbox import publish
from chassis.wire import Said
from contracts.event import Fact
from tests.chassis.parties import (
    EchoHeard,
    NoteWritten,
    ThingMoved,
    ThingPainted,
    effects,
    listening,
    say,
    thing,
    wrote,
)
from tests.chassis.talking import Party, Stage
from tests.rig.keyring import KeyRing
from tests.rig.rabbitmq import VirtualHost
from tests.rig.waiting import eventually

Fresh = Callable[[str], Awaitable[str]]
Host = Callable[..., VirtualHost]
NOTHING = Subscriptions()


@pytest.fixture(scope="session")
def ring(run_folder: Path) -> KeyRing:
    return KeyRing(run_folder / "parties", ("alpha", "beta"))


@pytest.fixture
async def stage(database: Fresh, broker: Host, ring: KeyRing) -> Stage:
    databases = {name: await database(name) for name in ("alpha", "beta")}
    return Stage(broker("alpha", "beta"), ring, databases, {})


@pytest.fixture
async def alpha(stage: Stage) -> AsyncIterator[Party]:
    async with stage.party("alpha", NOTHING) as party:
        party.talk()
        yield party


@pytest.fixture
async def beta(stage: Stage, alpha: Party) -> AsyncIterator[Party]:
    async with stage.party("beta", listening()) as party:
        yield party


def talk(n: int, upto: int = 3) -> list[Fact]:
    kinds: list[type[Any]] = [ThingMoved, ThingPainted]
    facts: list[Fact] = [kinds[r % 2](thing_id=thing(n), revision=r) for r in range(1, upto + 1)]
    return [*facts, NoteWritten(note_id=thing(n), revision=1)]


async def all_done(party: Party, count: int) -> None:
    """Wait for ``count`` effects, and that they are each once and in order."""

    async def enough() -> bool:
        return len(await effects(party.pool)) >= count

    await eventually(enough)
    done = await effects(party.pool)
    assert len(done) == count
    for subject in {s for s, _ in done}:
        revisions = [r for s, r in done if s == subject]
        assert revisions == list(range(1, len(revisions) + 1))


async def by_broker(beta: Party) -> int:
    """How many facts the comparison had to fetch is zero when the broker carried them all."""
    return int(await beta.pool.fetchval("SELECT count(*) FROM inbox"))


async def test_what_one_says_the_other_does(alpha: Party, beta: Party) -> None:
    beta.talk()
    for n in range(20):
        await say(alpha.pool, *talk(n))
    await all_done(beta, 80)
    # The comparison may have been quicker than the lines to the broker.
    await eventually(lambda: beta.conversation.missing() == alpha.conversation.missing() == {})


async def test_a_new_listener_hears_everything_from_the_beginning(
    alpha: Party, beta: Party
) -> None:
    for n in range(1_100):
        await say(alpha.pool, *talk(n, 2))

    async def carried() -> bool:
        return int(await alpha.pool.fetchval("SELECT published FROM relay")) == 3_300

    await eventually(carried)
    # A queue that was never there, or was deleted and declared again: nothing comes by the broker.
    async with connect(beta_deployer(beta, alpha), "tests") as line:
        await (await line.channel()).queue_purge("beta")
    beta.talk()
    await all_done(beta, 3_300)


def beta_deployer(beta: Party, alpha: Party) -> str:
    url = beta.settings.broker_url.get_secret_value()
    return url.replace("beta:beta", "deployer:deployer")


async def test_without_a_queue_facts_arrive_by_comparison_and_readiness_says_so(
    stage: Stage, alpha: Party
) -> None:
    async with stage.party("beta", listening(), prepared=False) as beta:
        beta.talk()
        await say(alpha.pool, *talk(1))
        await all_done(beta, 4)
        await eventually(lambda: "no queue beta" in beta.conversation.missing().get("listen", ""))
        async with (
            ClientSession() as session,
            session.get(beta.server.make_url("/readyz")) as answer,
        ):
            assert answer.status == 503
        await declare(stage.host.deployer_url, "beta", listening().kinds)
        await eventually(lambda: beta.conversation.missing() == {})
        await say(alpha.pool, *talk(2))
        await all_done(beta, 8)


async def test_a_cut_line_is_made_again_and_nothing_is_lost(
    stage: Stage, alpha: Party, beta: Party
) -> None:
    beta.talk()
    for n in range(30):
        await say(alpha.pool, *talk(n))
        if n % 10 == 5:
            stage.host.cut()
    await all_done(beta, 120)
    await eventually(lambda: beta.conversation.missing() == {})


async def test_a_queue_that_is_deleted_while_running_is_listened_to_again_once_declared(
    stage: Stage, alpha: Party, beta: Party
) -> None:
    beta.talk()
    await say(alpha.pool, *talk(1))
    await all_done(beta, 4)
    async with connect(stage.host.deployer_url, "tests") as line:
        await (await line.channel()).queue_delete("beta")
    await eventually(lambda: "no queue beta" in beta.conversation.missing().get("listen", ""))
    await say(alpha.pool, *talk(2))
    await all_done(beta, 8)
    await declare(stage.host.deployer_url, "beta", listening().kinds)
    await eventually(lambda: beta.conversation.missing() == {})
    await say(alpha.pool, *talk(3))
    await all_done(beta, 12)


async def test_what_a_listener_says_in_turn_is_said_once(stage: Stage, alpha: Party) -> None:
    async def echo(conn: Connection, fact: ThingMoved) -> None:
        await wrote(conn, fact)
        publish(conn, EchoHeard(echo_id=fact.thing_id, revision=fact.revision))

    async with stage.party("beta", Subscriptions({ThingMoved: echo})) as beta:
        beta.talk()
        for n in range(5):
            await say(
                alpha.pool, *[ThingMoved(thing_id=thing(n), revision=r) for r in range(1, 11)]
            )
        await all_done(beta, 50)

        async def carried() -> bool:
            return int(await beta.pool.fetchval("SELECT published FROM relay")) == 50

        await eventually(carried)


async def test_a_message_that_is_no_fact_is_put_aside_and_does_not_stop_the_others(
    stage: Stage, alpha: Party, beta: Party
) -> None:
    beta.talk()
    await eventually(lambda: beta.conversation.missing() == {})
    stranger = Said(
        1,
        "alpha.thing",
        1,
        1,
        str(uuid4()),
        "note/1",
        1,
        "alpha.thing.moved.v1",
        b"?",
        "never",
        None,
    )
    async with connect(stage.host.url("alpha"), "tests") as line:
        await asyncio.wait_for(await (await BatchPublisher.open(line)).send([stranger]), 60)
    await say(alpha.pool, *talk(1))
    await all_done(beta, 4)

    async def put_aside() -> bool:
        # What was said after it may have come by the comparison.
        return bool(await beta.pool.fetchval("SELECT raw = '?' FROM quarantine"))

    await eventually(put_aside)


async def test_forgotten_facts_are_no_gap_to_a_new_listener(stage: Stage, alpha: Party) -> None:
    import asyncpg

    from tests.rig.postgres import owner_url

    await say(alpha.pool, *[ThingMoved(thing_id=thing(1), revision=r) for r in range(1, 6)])
    await say(alpha.pool, *[ThingMoved(thing_id=thing(2), revision=1)])

    async def carried() -> bool:
        return int(await alpha.pool.fetchval("SELECT published FROM relay")) == 6

    await eventually(carried)
    owner = await asyncpg.connect(owner_url(stage.databases["alpha"]))
    assert await owner.fetchval("SELECT forget_facts(now())") == 4
    await owner.close()
    async with stage.party("beta", listening(), prepared=False) as beta:
        beta.talk()

        async def both() -> bool:
            return len(await effects(beta.pool)) == 2

        await eventually(both)
        assert sorted(await effects(beta.pool)) == [
            (f"thing/{thing(1)}", 5),
            (f"thing/{thing(2)}", 1),
        ]
    await say(alpha.pool, ThingMoved(thing_id=thing(1), revision=6))


@pytest.mark.parametrize("path", ["/internal/heads?kinds=alpha.thing", "/internal/inbox"])
async def test_internal_addresses_answer_services_only(alpha: Party, path: str) -> None:
    async with ClientSession() as session:
        async with session.get(alpha.server.make_url(path)) as answer:
            assert answer.status == 401
        wrong = alpha.keys("beta").for_service("somebody-else")
        async with session.get(
            alpha.server.make_url(path), headers={"Authorization": f"Bearer {wrong}"}
        ) as answer:
            assert answer.status == 401
