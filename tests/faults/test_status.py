"""The page that says how we are is true by itself, and can be read while something is dead or rests."""

import asyncio
from datetime import timedelta

from chassis.clock import now
from tests.rig.stack import Stack
from tests.rig.story import Story
from tests.rig.visitor import Answer, Visitor
from tests.rig.waiting import eventually

_WINDOWS = "/api/v1/scheduling/maintenance"
_DEAD = "benefits"


class Reader:
    """Reads the page again and again; every reading counts."""

    def __init__(self, anybody: Visitor) -> None:
        self._anybody = anybody
        self.read: list[Answer] = []

    async def run(self) -> None:
        """Read until cancelled."""
        while True:
            self.read.append(await self._anybody.get("/status"))
            await asyncio.sleep(0.05)

    def says(self, words: str) -> bool:
        """Whether the page says so now."""
        return bool(self.read) and words in self.read[-1].raw.decode()


async def test_a_dead_service_stands_on_the_page_until_it_is_back_and_reading_never_stops(
    stack: Stack, story: Story, desk: Visitor
) -> None:
    reader = Reader(story.visitor())
    reading = asyncio.create_task(reader.run())
    await eventually(lambda: reader.says("すべて使えます"))

    def ill() -> bool:
        # It is started again at once: only whoever dies again and again is seen to be dead for certain.
        stack.kill(_DEAD)
        return reader.says("一部が使えません") and reader.says("使えない機能があります")

    await eventually(ill)
    await eventually(lambda: reader.says("すべて使えます"))
    await _rests(reader, desk, story.visitor())
    assert not reading.done()
    reading.cancel()
    assert {answer.status for answer in reader.read} == {200}


async def _rests(reader: Reader, desk: Visitor, anybody: Visitor) -> None:
    """While something rests for maintenance the page says so, and pages and lists are read as ever."""
    begin = now()
    plan = {
        "system": "portal",
        "functions": ["sign_up"],
        "starts_at": begin.isoformat(),
        "ends_at": (begin + timedelta(hours=1)).isoformat(),
        "impact": "参加の申込みができません。",
        "deadlines_accepted": True,
    }
    made = (await desk.post(_WINDOWS, plan)).expect(201)
    path = f"{_WINDOWS}/{made.body['id']}"
    try:
        await eventually(lambda: reader.says("メンテナンス中"))
        assert (await anybody.get(_WINDOWS, state="open")).status == 200
    finally:

        async def over() -> bool:
            found = await desk.get(path)
            done = await desk.post(f"{path}/finish", None, if_match=found.headers.get("ETag"))
            return done.status == 200

        await eventually(over)
    await eventually(lambda: reader.says("すべて使えます"))
