"""Scheduling, assembled."""

import asyncio
from pathlib import Path

from chassis.access import Keys
from chassis.clock import now
from chassis.conversation import Conversation
from chassis.database import open_pool
from chassis.ended import refusing
from chassis.process import main
from chassis.web import serve
from services.scheduling import demo
from services.scheduling.api import application
from services.scheduling.jobs import Timekeeper
from services.scheduling.settings import Settings
from services.scheduling.subscriptions import SUBSCRIPTIONS

NAME = "scheduling"


async def run(settings: Settings) -> None:
    """Answer requests, tell and listen, let come about what is due, until cancelled."""
    keys = Keys(NAME, settings.key_file, settings.keys_file)
    url = settings.database_url.get_secret_value()
    async with open_pool(url, size=settings.pool_size, name=NAME) as pool:
        talk = Conversation(pool, settings, SUBSCRIPTIONS, keys)
        app = application(pool, keys, run_id=settings.run_id, ready=talk.missing, alive=talk.dead)
        keeper = Timekeeper(pool, every=settings.due_seconds)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(serve(app, settings.http_host, settings.http_port))
            tasks.create_task(talk.run())
            tasks.create_task(refusing(pool, keys))
            tasks.create_task(keeper.run())


async def fill(settings: Settings, words: list[str]) -> None:
    """``demo``: the windows, meetings and events of the programme, once."""
    url = settings.database_url.get_secret_value()
    async with open_pool(url, size=2, name=f"{NAME} demo") as pool:
        print(await demo.fill(pool, now=now()))


if __name__ == "__main__":
    main(
        NAME,
        Settings,
        run,
        migrations=Path(__file__).parent / "migrations",
        subscriptions=SUBSCRIPTIONS,
        commands={"demo": fill},
    )
