"""Keeps the search in step with the feed."""

from chassis.database import Pool
from chassis.feeds import Watch
from chassis.patience import patiently
from services.registry.commands.finding import Finder
from services.registry.model.feed import FEED

_LOOK_AGAIN_SECONDS = 30.0


async def keep_finding(pool: Pool, watch: Watch, finder: Finder) -> None:
    """Build the search, then follow the feed for as long as the process lives, half a second behind at most."""

    async def turn() -> bool:
        if not await finder.follow(pool):
            await watch.grown(FEED, finder.position or 0, _LOOK_AGAIN_SECONDS)
        return True

    await patiently("search", turn)
