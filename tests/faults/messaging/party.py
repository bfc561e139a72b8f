"""One process of alpha or beta: everything a service has, but commands. Started by the stage with a JSON argument."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from uuid import uuid5

import uvloop
from pydantic import SecretStr

from chassis import logs
from chassis.access import Keys
from chassis.conversation import Conversation
from chassis.database import Connection, open_pool
from chassis.inbox import Subscriptions
from chassis.outbox import publish
from chassis.settings import ServiceSettings
from chassis.speaker_api import routes
from chassis.web import new_app, serve
from tests.chassis.parties import EchoHeard, NoteWritten, ThingMoved, ThingPainted, wrote, wrote_all


async def moved(conn: Connection, fact: ThingMoved) -> None:
    """Do what the fact asks for: fail, end the process, answer, or just write it down."""
    mood = os.environ.get("MOOD", "")
    if fact.to == "poison" and mood != "cured":
        raise LookupError("poison")
    if fact.to == "death" and mood != "cured":
        os.kill(os.getpid(), signal.SIGKILL)
    if mood == "echo":
        publish(conn, EchoHeard(echo_id=uuid5(fact.thing_id, str(fact.revision)), revision=1))
    await wrote(conn, fact)


EARS = {
    "alpha": Subscriptions(),
    "beta": Subscriptions({ThingMoved: moved, NoteWritten: wrote}, batch={ThingPainted: wrote_all}),
}


async def main(told: dict[str, str]) -> None:
    """Serve, tell and listen until killed."""
    name = told["name"]
    logs.configure(name, "info", "json")
    keys = Keys(name, Path(told["key_file"]), Path(told["keys_file"]))
    settings = ServiceSettings(
        database_url=SecretStr(told["database_url"]),
        broker_url=SecretStr(told["broker_url"]),
        http_port=int(told["port"]),
        key_file=Path(told["key_file"]),
        keys_file=Path(told["keys_file"]),
        peers=json.loads(told["peers"]),
        compare_seconds=1.0,
    )
    async with open_pool(told["database_url"], name=name) as pool, asyncio.TaskGroup() as tasks:
        talk = Conversation(pool, settings, EARS[name], keys)
        app = new_app(name, routes, pool=pool, keys=keys, ready=talk.missing, alive=talk.dead)
        tasks.create_task(serve(app, "127.0.0.1", settings.http_port))
        tasks.create_task(talk.run())


if __name__ == "__main__":
    uvloop.run(main(json.loads(sys.argv[1])))
