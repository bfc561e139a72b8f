"""Every process may be killed at any moment: nothing is lost, nothing happens twice."""

import asyncio
import random
from datetime import date

from tests.faults.judging import judge
from tests.faults.load import Crowd
from tests.rig.portal import LONG
from tests.rig.stack import Stack
from tests.rig.story import Story
from tests.rig.visitor import Visitor
from tests.rig.waiting import eventually

KILLS = 200 if LONG else 20
#: How long people try again before they give up.
PATIENCE = 90
_SERVICES = (
    "identity",
    "registry",
    "content",
    "scheduling",
    "notifications",
    "benefits",
    "gateway",
)


def _victims(stack: Stack, chance: random.Random) -> list[str]:
    """Which processes are to die: each service equally often, its copies by chance."""
    names = stack.names()
    copies = {s: [n for n in names if n == s or n.startswith(f"{s}-")] for s in _SERVICES}
    services = [_SERVICES[index % len(_SERVICES)] for index in range(KILLS)]
    chance.shuffle(services)
    return [chance.choice(copies[service]) for service in services]


async def _kill(stack: Stack, name: str) -> None:
    """Kill a process that lives; one that was killed a moment ago is waited for."""

    def dead() -> bool:
        pid = stack.pid(name)
        if not pid.alive:
            return False
        stack.kill(name)
        return True

    killed: bool = await eventually(dead)
    assert killed


async def test_twenty_kills_under_load_lose_nothing_and_double_nothing(
    stack: Stack, story: Story, desk: Visitor, today: date
) -> None:
    seed = random.SystemRandom().randrange(2**32)
    chance = random.Random(seed)
    patient = story.patient(PATIENCE)
    desk.patience = PATIENCE
    crowd = Crowd(patient, desk, today)
    crowd_runs = asyncio.create_task(crowd.run())
    try:
        for name in _victims(stack, chance):
            await _kill(stack, name)
            await asyncio.sleep(chance.uniform(0.3, 2.0))
            if crowd_runs.done():
                break
        crowd.enough()
        await crowd_runs
    finally:
        crowd.enough()
        crowd_runs.cancel()
        desk.patience = 0
    assert len(crowd.applicants) >= 3, f"seed {seed}"
    await judge(patient, crowd.applicants, today)
