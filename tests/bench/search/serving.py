"""The registry's HTTP application over a database full of made-up measures, as a process of its own.

Run: ``python -m tests.bench.search.serving PORT DATABASE_URL``; nothing but the feed fills its search.
"""

import asyncio
import sys
from pathlib import Path

import uvloop

from chassis import logs
from chassis.access import Keys
from chassis.database import open_pool
from chassis.web import serve
from services.registry.api.application import application
from services.registry.api.kept import WATCH
from services.registry.api.streams import Streams
from services.registry.commands.finding import Finder
from services.registry.jobs import keep_finding
from services.registry.model.checking import Guidelines


async def main(port: int, url: str, keys: Path) -> None:
    """Answer until stopped."""
    logs.configure("registry", "info", "json")
    finder = Finder()
    async with open_pool(url, size=4, name="bench") as pool:
        app = application(
            pool,
            Keys("registry", keys / "registry.json", keys / "public.json"),
            guidelines=Guidelines("2023-04-12", "2023-05-26"),
            streams=Streams(each=4, together=100),
            finder=finder,
            ready=finder.missing,
        )
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(keep_finding(pool, app[WATCH], finder))
            tasks.create_task(serve(app, "127.0.0.1", port))


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), sys.argv[2], Path(sys.argv[3])))
