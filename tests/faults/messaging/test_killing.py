"""Processes are killed at any line, facts come again and again; starting once more is all it takes."""

import asyncio

import asyncpg

from tests.faults.messaging.stage import Scene
from tests.rig.waiting import eventually


async def test_twenty_kills_lose_nothing_and_leave_as_many_answers_as_effects(
    scene: Scene,
) -> None:
    scene.moods["beta"] = "echo"
    await scene.prepare()
    for name in ("alpha", "beta"):
        scene.start(name)
        scene.start(name, 1)
    async with scene.commands() as pool:
        load = asyncio.create_task(scene.load(pool, 7))
        for _ in range(20):
            await asyncio.sleep(scene.dice.uniform(0.1, 0.5))
            scene.kill(scene.dice.choice(("alpha", "beta")), scene.dice.randrange(2))
        await load
    await scene.settled()
    beta = await asyncpg.connect(scene.databases["beta"])
    moved = await beta.fetchval("SELECT count(*) FROM effects WHERE type LIKE '%moved%'")
    assert await beta.fetchval("SELECT count(*) FROM events") == moved > 0
    await beta.close()


async def test_a_fact_that_ends_the_process_is_parked_and_nobody_else_is(scene: Scene) -> None:
    scene.most_evil = 1
    await scene.prepare()
    scene.start("alpha")
    scene.start("beta")
    async with scene.commands() as pool:
        load = asyncio.create_task(scene.load(pool, 3, words="death"))
        while not load.done():
            await asyncio.sleep(0.2)
            scene.revive()
        await load
    await scene.settled()
    beta = await asyncpg.connect(scene.databases["beta"])
    (parked,) = await beta.fetch(
        "SELECT convert_from(body, 'UTF8') AS body, why FROM inbox WHERE state = 'parked'"
    )
    assert '"death"' in parked["body"]
    assert "process ended" in parked["why"]
    await cure(scene, beta)


async def test_three_copies_hearing_everything_three_times_agree_about_poison(
    scene: Scene,
) -> None:
    await scene.prepare()
    for copy in range(3):
        scene.start("alpha", copy)
        scene.start("beta", copy)
    alpha = await asyncpg.connect(scene.databases["alpha"])
    beta = await asyncpg.connect(scene.databases["beta"])
    # Nobody waits for the growing delays here: they are asked to be over.
    hurry = asyncio.create_task(hurry_up(scene.databases["beta"]))
    async with scene.commands() as pool:
        load = asyncio.create_task(scene.load(pool, 4, words="poison"))
        for _ in range(3):
            await asyncio.sleep(1.2)
            await alpha.execute("UPDATE relay SET published = 0")
        await load
    await scene.settled()
    hurry.cancel()
    parked = await beta.fetch("SELECT why FROM inbox WHERE state = 'parked'")
    assert {row["why"] for row in parked} == {"LookupError: poison"}
    await cure(scene, beta)
    await alpha.close()


async def hurry_up(url: str) -> None:
    conn = await asyncpg.connect(url)
    while True:
        await conn.execute("UPDATE inbox SET due_at = now() WHERE state = 'retry' AND marks = 0")
        await asyncio.sleep(0.2)


async def cure(scene: Scene, beta: "asyncpg.Connection[asyncpg.Record]") -> None:
    """New code that copes, and an operator who replays."""
    scene.moods["beta"] = "cured"
    for copy in range(len(scene.children["beta"])):
        scene.kill("beta", copy)
    await beta.execute(
        "UPDATE inbox SET state = 'ready', attempts = 0, marks = 0, due_at = received_at"
        " WHERE state = 'parked'"
    )
    await scene.settled()

    async def nothing_left() -> bool:
        # What is heard once more lies there for a moment.
        return bool(await beta.fetchval("SELECT count(*) = 0 FROM inbox"))

    await eventually(nothing_left)
    await beta.close()


async def test_databases_whose_connections_are_cut_are_asked_again(scene: Scene) -> None:
    await scene.prepare()
    scene.start("alpha")
    scene.start("beta")
    async with scene.commands() as pool:
        load = asyncio.create_task(scene.load(pool, 3))
        for _ in range(5):
            await asyncio.sleep(0.5)
            for url in scene.databases.values():
                await cut_connections(url)
        await load
    await scene.settled()


async def cut_connections(url: str) -> None:
    conn = await asyncpg.connect(url)
    await conn.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        "   AND application_name <> 'load' AND usename = current_user"
    )
    await conn.close()
