"""Three copies of registry and of notifications at once share the work and never do it twice."""

import asyncio
from datetime import date

import asyncpg

from tests.faults.judging import judge
from tests.faults.load import Crowd
from tests.rig.stack import Stack
from tests.rig.story import REGISTRY, Story
from tests.rig.visitor import Visitor
from tests.rig.waiting import eventually

_REGISTRIES = ("registry", "registry-2", "registry-3")


async def test_copies_share_the_work(
    stack: Stack, story: Story, desk: Visitor, today: date
) -> None:
    # A sign-in that a kill cut short counts as a wrong one of this network: the next may have to wait a second.
    crowd = Crowd(story.patient(15), desk, today, lanes=4)
    runs = asyncio.create_task(crowd.run())
    await asyncio.sleep(3)
    crowd.enough()
    await runs
    await judge(story, crowd.applicants, today)
    conn = await asyncpg.connect(stack.database_url("notifications"))
    senders = await conn.fetchval("SELECT count(DISTINCT sender_id) FROM attempts")
    await conn.close()
    assert senders > 1


async def test_a_fact_said_by_one_copy_is_answered_by_all(stack: Stack, story: Story) -> None:
    async def all_alike() -> bool:
        # What is due may be said between one copy's answer and the next.
        heads = set()
        for copy in _REGISTRIES:
            url = f"{stack.service_url(copy)}{REGISTRY}/changes?limit=1000"
            async with story.http.get(url) as response:
                assert response.status == 200
                heads.add((await response.json())["head"]["chain"])
        return len(heads) == 1

    await eventually(all_alike)
