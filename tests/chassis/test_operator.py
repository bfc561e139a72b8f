"""Operators see what is stuck and mend it; every act can be read in the audit rows."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from chassis.database import Connection, Pool, open_pool, transaction
from chassis.inbox import Applier, Store, Subscriptions
from chassis.operator import (
    command,
    edit_and_replay,
    listed,
    operator_routes,
    replay,
    replay_all,
    shown,
    skip,
)
from chassis.refusal import Conflict, Invalid, NotFound
from chassis.settings import ServiceSettings
from chassis.web import new_app
from tests.chassis.parties import (
    ThingMoved,
    arrived,
    effects,
    listening,
    make_ready,
    states,
    thing,
    wrote,
)
from tests.rig.keyring import KeyRing
from tests.rig.postgres import owner_url

Fresh = Callable[[str], Awaitable[str]]


@pytest.fixture
async def beta_url(database: Fresh) -> str:
    url = await database("beta")
    await make_ready(url, listening())
    return url


@pytest.fixture
async def beta(beta_url: str) -> AsyncIterator[Pool]:
    async with open_pool(beta_url, name="tests") as pool:
        yield pool


class Cure:
    """What makes the handler fail, until it is cured."""

    def __init__(self) -> None:
        self.cured = False

    async def act(self, conn: Connection, fact: ThingMoved) -> None:
        if fact.to == "nowhere" and not self.cured:
            raise LookupError("nowhere")
        await wrote(conn, fact)


def move(revision: int, to: str = "", n: int = 1) -> ThingMoved:
    return ThingMoved(thing_id=thing(n), revision=revision, to=to)


SUBJECT = f"alpha.thing/{thing(1)}"


class Stuck:
    """A listener with one parked fact and one behind it."""

    def __init__(self, pool: Pool) -> None:
        self.pool, self.cure = pool, Cure()
        self.subscriptions: Subscriptions = listening(self.cure.act)
        self.store = Store(pool, self.subscriptions)
        self.applier = Applier(pool, self.subscriptions, self.store.stored, delays=())

    async def settle(self) -> None:
        while await self.applier.turn():
            pass


@pytest.fixture
async def stuck(beta: Pool) -> Stuck:
    made = Stuck(beta)
    facts = [move(1), move(2, "nowhere"), move(3)]
    await made.store.facts([arrived(f, n) for n, f in enumerate(facts, start=1)])
    await made.settle()
    assert await states(beta) == {(SUBJECT, 2): "parked", (SUBJECT, 3): "waiting"}
    return made


async def audited(pool: Pool) -> list[tuple[str, str, list[str], dict[str, Any]]]:
    rows = await pool.fetch("SELECT actor, action, subjects, details FROM audit ORDER BY id")
    return [(r["actor"], r["action"], r["subjects"], json.loads(r["details"])) for r in rows]


async def test_a_parked_fact_is_listed_with_its_reason_and_what_waits(stuck: Stuck) -> None:
    async with transaction(stuck.pool) as conn:
        (found,) = await listed(conn)
        assert (found.subject, found.revision, found.state, found.behind) == (
            SUBJECT,
            2,
            "parked",
            1,
        )
        assert found.why == "LookupError: nowhere"
        assert json.loads((await shown(conn, SUBJECT, 2)).body)["to"] == "nowhere"


async def test_a_replayed_fact_is_applied_and_what_waited_follows(stuck: Stuck) -> None:
    stuck.cure.cured = True
    async with transaction(stuck.pool) as conn:
        await replay(conn, "sato", SUBJECT, 2)
    await stuck.settle()
    assert [r for _, r in await effects(stuck.pool)] == [1, 2, 3]
    ((actor, action, subjects, details),) = await audited(stuck.pool)
    assert (actor, action, subjects) == ("sato", "facts.replay", [SUBJECT])
    assert details["why"] == "LookupError: nowhere"


async def test_all_parked_facts_are_replayed_at_once(stuck: Stuck) -> None:
    stuck.cure.cured = True
    async with transaction(stuck.pool) as conn:
        assert await replay_all(conn, "sato") == 1
    await stuck.settle()
    assert [r for _, r in await effects(stuck.pool)] == [1, 2, 3]


async def test_an_edited_fact_is_applied_and_the_original_is_kept(stuck: Stuck) -> None:
    body = move(2, "home").model_dump_json().encode()
    async with transaction(stuck.pool) as conn:
        await edit_and_replay(conn, stuck.subscriptions, "sato", SUBJECT, 2, body)
    await stuck.settle()
    assert [r for _, r in await effects(stuck.pool)] == [1, 2, 3]
    ((_, action, _, details),) = await audited(stuck.pool)
    assert action == "facts.edit_and_replay"
    assert json.loads(details["was"])["to"] == "nowhere"
    assert json.loads(details["now"])["to"] == "home"


@pytest.mark.parametrize(
    "body",
    [b"{", b"{}", move(3).model_dump_json().encode(), move(2, n=5).model_dump_json().encode()],
)
async def test_a_body_that_is_not_this_fact_is_refused(stuck: Stuck, body: bytes) -> None:
    with pytest.raises(Invalid):
        async with transaction(stuck.pool) as conn:
            await edit_and_replay(conn, stuck.subscriptions, "sato", SUBJECT, 2, body)
    assert await audited(stuck.pool) == []


async def test_a_skipped_fact_counts_and_what_waited_follows(stuck: Stuck) -> None:
    async with transaction(stuck.pool) as conn:
        await skip(conn, "sato", SUBJECT, 2, "the place is gone")
    await stuck.settle()
    assert [r for _, r in await effects(stuck.pool)] == [1, 3]
    assert await stuck.pool.fetchval("SELECT applied FROM subjects") == 3
    ((_, action, _, details),) = await audited(stuck.pool)
    assert (action, details["because"]) == ("facts.skip", "the place is gone")


async def test_only_the_first_stuck_fact_of_a_subject_can_be_skipped(stuck: Stuck) -> None:
    await stuck.pool.execute("UPDATE inbox SET state = 'parked' WHERE revision = 3")
    with pytest.raises(Conflict):
        async with transaction(stuck.pool) as conn:
            await skip(conn, "sato", SUBJECT, 3, "haste")


async def test_a_held_fact_cannot_be_tried_by_code_that_cannot_read_it(stuck: Stuck) -> None:
    await stuck.pool.execute("UPDATE inbox SET state = 'held' WHERE revision = 2")
    with pytest.raises(Conflict):
        async with transaction(stuck.pool) as conn:
            await replay(conn, "sato", SUBJECT, 2)


async def test_a_fact_that_is_not_there_is_not_found(stuck: Stuck) -> None:
    async with transaction(stuck.pool) as conn:
        with pytest.raises(NotFound):
            await replay(conn, "sato", SUBJECT, 9)


async def test_operators_act_over_the_internal_routes(
    stuck: Stuck, keys: KeyRing, client_for: Callable[..., Awaitable[Any]]
) -> None:
    own = keys("notifications")
    app = new_app("beta", operator_routes(stuck.subscriptions), pool=stuck.pool, keys=own)
    client = await client_for(app)
    token = {"Authorization": f"Bearer {keys('gateway').for_service('notifications')}"}
    answer = await client.get("/internal/inbox", headers=token)
    assert answer.status == 200
    assert [i["revision"] for i in (await answer.json())["items"]] == [2]
    act = {"subject": SUBJECT, "revision": 2, "actor": "sato", "because": "gone"}
    assert (await client.post("/internal/inbox/skip", json=act)).status == 401
    answer = await client.post("/internal/inbox/skip", json=act, headers=token)
    assert answer.status == 204, await answer.text()
    await stuck.settle()
    assert [r for _, r in await effects(stuck.pool)] == [1, 3]
    assert "sato via gateway" in [actor for actor, *_ in await audited(stuck.pool)]


async def test_history_can_be_added_to_and_not_rewritten(stuck: Stuck) -> None:
    async with transaction(stuck.pool) as conn:
        await skip(conn, "sato", SUBJECT, 2, "gone")
    for table in ("audit", "events", "log", "feed_entries"):
        with pytest.raises(Exception, match="permission denied"):
            await stuck.pool.execute(f"DELETE FROM {table}")


async def told(
    stuck: Stuck, url: str, capsys: pytest.CaptureFixture[str], *words: str, owner: bool = False
) -> str:
    """What the command line answers."""
    settings = ServiceSettings(
        database_url=SecretStr(url),
        owner_database_url=SecretStr(owner_url(url)) if owner else None,
        broker_url=SecretStr("amqp://nowhere"),
        http_port=1,
        key_file=Path("none"),
        keys_file=Path("none"),
    )
    capsys.readouterr()
    await command("beta", settings, stuck.subscriptions, list(words))
    return capsys.readouterr().out


async def test_operators_act_at_the_command_line(
    stuck: Stuck, beta_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = await told(stuck, beta_url, capsys, "list")
    assert "parked" in line
    assert "LookupError: nowhere" in line
    assert "nowhere" in await told(stuck, beta_url, capsys, "show", SUBJECT, "2")
    with pytest.raises(SystemExit):
        await told(stuck, beta_url, capsys, "replay", SUBJECT, "9")
    body = tmp_path / "body.json"
    body.write_bytes(move(2, "home").model_dump_json().encode())
    await told(stuck, beta_url, capsys, "edit", SUBJECT, "2", str(body))
    await stuck.settle()
    assert [r for _, r in await effects(stuck.pool)] == [1, 2, 3]
    assert await told(stuck, beta_url, capsys, "list") == "\n"
    await stuck.pool.execute("INSERT INTO quarantine (raw, why) VALUES ($1, 'no fact')", b"\xff?")
    assert "no fact" in await told(stuck, beta_url, capsys, "unreadable")
    assert "position 0" in await told(stuck, beta_url, capsys, "tell-again")
    forgot = await told(stuck, beta_url, capsys, "forget", "--older-than-days", "400", owner=True)
    assert forgot == "0 facts are forgotten\n"
    acts = [action for _, action, *_ in await audited(stuck.pool)]
    assert acts == ["facts.edit_and_replay", "facts.tell_again"]
