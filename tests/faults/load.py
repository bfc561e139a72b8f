"""A bounded crowd: applicants going all the way, the desk deciding, everybody trying again when told to."""

import asyncio
from datetime import date
from itertools import cycle

from tests.rig.paperwork import Applicant, municipality, provider
from tests.rig.story import Story
from tests.rig.visitor import Visitor


class Crowd:
    """Applicants one after another in a few lanes, until told to go home."""

    def __init__(self, story: Story, desk: Visitor, today: date, *, lanes: int = 3) -> None:
        self._story, self._desk, self._today, self._lanes = story, desk, today, lanes
        self._enough = asyncio.Event()
        self._kinds = cycle((municipality, provider, municipality))
        self.applicants: list[Applicant] = []

    async def run(self) -> None:
        """Send applicants through until `enough`; those under way go on to their end."""
        async with asyncio.TaskGroup() as tasks:
            for _ in range(self._lanes):
                tasks.create_task(self._lane())

    def enough(self) -> None:
        """Nobody new comes any more."""
        self._enough.set()

    async def _lane(self) -> None:
        while not self._enough.is_set():
            applicant = next(self._kinds)()
            self.applicants.append(applicant)
            await self._all_the_way(applicant)

    async def _all_the_way(self, applicant: Applicant) -> None:
        story, desk, today = self._story, self._desk, self._today
        visitor = await story.get_account(applicant)
        await story.apply(applicant, visitor)
        if len(self.applicants) % 2:
            await story.send_back(desk, applicant, today, "organisation.name", "名前をどうぞ。")
            await story.fill_in(applicant, visitor)
            await story.submit(applicant, visitor)
        await story.approve(desk, applicant, today)
