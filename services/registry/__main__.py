"""The registry, assembled."""

import asyncio
from datetime import timedelta
from pathlib import Path

from chassis.access import Keys
from chassis.conversation import Conversation
from chassis.database import Pool, open_pool
from chassis.ended import refusing
from chassis.process import main
from chassis.web import serve
from services.registry import demo, jobs
from services.registry.api.application import application
from services.registry.api.kept import WATCH
from services.registry.api.streams import Streams
from services.registry.commands.finding import Finder
from services.registry.outside.cloudsign import cloudsign
from services.registry.reader import Reader
from services.registry.settings import Settings
from services.registry.subscriptions import SUBSCRIPTIONS

NAME = "registry"


async def run(settings: Settings) -> None:
    """Answer requests, tell and listen, look through documents, take what is due, until cancelled."""
    keys = Keys(NAME, settings.key_file, settings.keys_file)
    url = settings.database_url.get_secret_value()
    async with open_pool(url, size=settings.pool_size, name=NAME) as pool:
        finder = Finder()
        talk = Conversation(pool, settings, SUBSCRIPTIONS, keys)
        app = application(
            pool,
            keys,
            guidelines=settings.guidelines,
            streams=Streams(each=settings.streams_each, together=settings.streams_together),
            finder=finder,
            public_url=settings.public_url,
            run_id=settings.run_id,
            ready=lambda: talk.missing() | finder.missing(),
            alive=talk.dead,
        )
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(serve(app, settings.http_host, settings.http_port))
            tasks.create_task(talk.run())
            tasks.create_task(refusing(pool, keys))
            tasks.create_task(jobs.keep_finding(pool, app[WATCH], finder))
            tasks.create_task(jobs.inspect_documents(pool, every=settings.inspection_seconds))
            tasks.create_task(jobs.DueMeasures(pool).run(every=settings.due_seconds))
            tasks.create_task(jobs.Importer(pool, Reader()).run())
            tasks.create_task(jobs.MatchKeeper(pool).run())
            tasks.create_task(jobs.CoverKeeper(pool).run())
            if settings.signing_url:
                tasks.create_task(_sign(settings, pool))


async def _sign(settings: Settings, pool: Pool) -> None:
    """Carry contracts to the signing service and back."""
    client = settings.signing_client_id.get_secret_value()
    async with cloudsign(settings.signing_url, client, seconds=settings.signing_seconds) as service:
        every = timedelta(seconds=settings.signing_look_seconds)
        await jobs.SigningClerk(pool, service, every=every).run()


async def fill(settings: Settings, words: list[str]) -> None:
    """``demo``: fill the register with invented and real names, once."""
    url = settings.database_url.get_secret_value()
    async with open_pool(url, size=2, name=f"{NAME} demo") as pool:
        print(await demo.fill(pool, settings.guidelines))


if __name__ == "__main__":
    main(
        NAME,
        Settings,
        run,
        migrations=Path(__file__).parent / "migrations",
        subscriptions=SUBSCRIPTIONS,
        commands={"demo": fill},
    )
