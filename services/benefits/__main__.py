"""Benefits, assembled."""

import asyncio
from pathlib import Path

from chassis.access import Keys
from chassis.conversation import Conversation
from chassis.database import open_pool
from chassis.ended import refusing
from chassis.patience import patiently
from chassis.process import main
from chassis.web import serve
from services.benefits.api import application
from services.benefits.jobs import Timekeeper
from services.benefits.jobs.heads import Heads
from services.benefits.jobs.orders import OrderClerk
from services.benefits.jobs.settling import Settler
from services.benefits.model.order import Way
from services.benefits.outside.addresses import AddressBook
from services.benefits.outside.provider import provider_client
from services.benefits.outside.simulated import doors_of, simulated
from services.benefits.settings import Settings
from services.benefits.store.lines import KnownLine
from services.benefits.subscriptions import SUBSCRIPTIONS

NAME = "benefits"


async def run(settings: Settings) -> None:
    """Answer requests, tell and listen, let come about what is due, until cancelled."""
    keys = Keys(NAME, settings.key_file, settings.keys_file)
    url = settings.database_url.get_secret_value()
    async with open_pool(url, size=settings.pool_size, name=NAME) as pool:
        talk = Conversation(pool, settings, SUBSCRIPTIONS, keys)
        allowed = doors_of(settings.simulator_url)
        app = application(
            pool,
            keys,
            addresses=AddressBook(allowed),
            run_id=settings.run_id,
            ready=talk.missing,
            alive=talk.dead,
        )
        keeper = Timekeeper(pool, every=settings.due_seconds)
        heads = Heads(pool, keys)
        settler = Settler(pool, keys, every=settings.due_seconds)
        async with provider_client(allowed=allowed) as providers, asyncio.TaskGroup() as tasks:
            clerk = OrderClerk(
                pool,
                providers,
                keys.unseal,
                every=settings.due_seconds,
                stand_in=stand_in(settings),
            )
            tasks.create_task(serve(app, settings.http_host, settings.http_port))
            tasks.create_task(talk.run())
            tasks.create_task(refusing(pool, keys))
            tasks.create_task(keeper.run())
            tasks.create_task(settler.run())
            tasks.create_task(clerk.run())
            tasks.create_task(patiently("heads", heads.sign, pause=settings.head_seconds))


def stand_in(settings: Settings) -> KnownLine | None:
    """The simulator, for providers that never said how they are reached; only where one is set."""
    if not settings.simulator_url:
        return None
    line = simulated(settings.simulator_url, settings.simulator_secret.get_secret_value())
    return KnownLine(
        line.provider_id, Way.PUSH, line.url, line.public_key, line.visibility, checks=True
    )


if __name__ == "__main__":
    main(
        NAME,
        Settings,
        run,
        migrations=Path(__file__).parent / "migrations",
        subscriptions=SUBSCRIPTIONS,
    )
