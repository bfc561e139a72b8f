"""Content, assembled."""

import asyncio
from pathlib import Path

from chassis.access import Keys
from chassis.conversation import Conversation
from chassis.database import open_pool
from chassis.ended import refusing
from chassis.operator import operator_routes
from chassis.process import main
from chassis.web import serve
from services.content import demo
from services.content.api.application import application
from services.content.jobs import Clockwork
from services.content.outside import Bucket, FileShelf, folder, s3
from services.content.settings import Settings
from services.content.subscriptions import SUBSCRIPTIONS

NAME = "content"


async def run(settings: Settings) -> None:
    """Answer requests, tell and listen, keep the time of notices, look through files, until cancelled."""
    keys = Keys(NAME, settings.key_file, settings.keys_file)
    shelf = _shelf(settings)
    url = settings.database_url.get_secret_value()
    async with open_pool(url, size=settings.pool_size, name=NAME) as pool:
        talk = Conversation(pool, settings, SUBSCRIPTIONS, keys)
        app = application(
            pool,
            keys,
            shelf=shelf,
            public_url=settings.public_url,
            more=operator_routes(SUBSCRIPTIONS),
            run_id=settings.run_id,
            ready=talk.missing,
            alive=talk.dead,
        )
        clockwork = Clockwork(
            pool,
            shelf,
            due_seconds=settings.due_seconds,
            inspection_seconds=settings.inspection_seconds,
        )
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(serve(app, settings.http_host, settings.http_port))
            tasks.create_task(talk.run())
            tasks.create_task(refusing(pool, keys))
            tasks.create_task(clockwork.run())


async def fill(settings: Settings, words: list[str]) -> None:
    """``demo``: the notices and documents of the programme's first year, once."""
    url = settings.database_url.get_secret_value()
    async with open_pool(url, size=2, name=f"{NAME} demo") as pool:
        print(await demo.fill(pool, _shelf(settings)))


def _shelf(settings: Settings) -> FileShelf:
    if settings.file_store == "folder":
        return folder(settings.file_folder)
    return s3(
        Bucket(
            name=settings.s3_bucket,
            endpoint=settings.s3_endpoint,
            region=settings.s3_region,
            access_key=settings.s3_access_key,
            secret_key=settings.s3_secret_key.get_secret_value(),
        )
    )


if __name__ == "__main__":
    main(
        NAME,
        Settings,
        run,
        migrations=Path(__file__).parent / "migrations",
        subscriptions=SUBSCRIPTIONS,
        commands={"demo": fill},
    )
