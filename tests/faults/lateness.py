"""How late what is due takes effect at the door: pairs of eyes that never stop asking, and the clock."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from chassis.clock import now
from tests.rig.visitor import LOST, Visitor

_EVERY = 0.02
NOTICES = "/api/v1/content/notices"
SIGN_UPS = "/api/v1/scheduling/sign-ups"
MEASURES = "/api/v1/registry/own-measures"


@dataclass(frozen=True, slots=True)
class Seen:
    """One answer: when it was asked for, when it had come, and what it showed."""

    asked_at: datetime
    came_at: datetime
    shown: frozenset[str]


@dataclass
class Watcher:
    """Asks one question again and again; who does not answer has shown nothing wrong."""

    look: Callable[[], Awaitable[frozenset[str] | None]]
    seen: list[Seen] = field(default_factory=list)

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            asked_at = now()
            try:
                shown = await self.look()
            except LOST:
                shown = None
            if shown is not None:
                self.seen.append(Seen(asked_at, now(), shown))
            await asyncio.sleep(_EVERY)

    def shows(self, what: str, *, gone: bool = False) -> bool:
        """Whether the last answer shows ``what``, or does not any more."""
        return bool(self.seen) and (what in self.seen[-1].shown) is not gone

    def wrong(self, what: str, due: datetime, *, gone: bool = False) -> list[Seen]:
        """Answers that told otherwise than was true at their own time: before the instant, or asked for after it."""
        early = [s for s in self.seen if s.came_at < due and (what in s.shown) is not gone]
        late = [s for s in self.seen if s.asked_at >= due and (what in s.shown) is gone]
        return early + late

    def late(self, what: str, due: datetime, *, gone: bool = False) -> float:
        """Seconds from the instant until an answer had come that is right."""
        right = (s for s in self.seen if s.came_at >= due and (what in s.shown) is not gone)
        return (next(right).came_at - due).total_seconds()


@asynccontextmanager
async def watching(*watchers: Watcher) -> AsyncIterator[None]:
    """They look while the block lasts."""
    tasks = [asyncio.create_task(each.run()) for each in watchers]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def site(anybody: Visitor) -> Watcher:
    """The newest notices everybody reads, by their ids."""

    async def look() -> frozenset[str] | None:
        answer = await anybody.get(NOTICES, limit=50)
        if answer.status != 200:
            return None
        return frozenset(item["notice_id"] for item in answer.body["items"])

    return Watcher(look)


def resting(anybody: Visitor, path: str) -> Watcher:
    """Whether what is done at an address rests, and by which window; a stranger who may pass is sent to sign in."""

    async def look() -> frozenset[str] | None:
        answer = await anybody.post(path)
        if answer.code == "maintenance":
            assert int(answer.headers["Retry-After"]) > 0
            return frozenset({str(answer.body["maintenance_id"])})
        return frozenset() if answer.status == 401 else None

    return Watcher(look)


def told(name: str, lateness: list[float]) -> str:
    """The figures in a line."""
    ordered = sorted(lateness)
    middle = ordered[len(ordered) // 2]
    return f"{name}: {len(ordered)} instants, median {middle:.2f} s, most {ordered[-1]:.2f} s late"
