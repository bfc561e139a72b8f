"""The real thing: a service with its edge, token check, answers and audit rows, or a listener; serves until killed."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import BaseModel, SecretStr

from chassis import logs
from chassis.access import Keys
from chassis.conversation import Conversation
from chassis.database import Connection, open_pool
from chassis.ids import new_id
from chassis.inbox import Subscriptions
from chassis.outbox import publish
from chassis.settings import ServiceSettings
from chassis.speaker_api import routes as speaker_routes
from chassis.web import Body, Routes, new_app, serve
from contracts.principal import Role
from tests.bench.messaging.facts import ThingMoved, side
from tests.bench.messaging.inbox_ours import moved

routes = Routes("/api/v1/bench", tag="bench")


class MoveBody(Body):
    """Where to."""

    code: str
    name: str


class MoveView(BaseModel):
    """What was made."""

    thing_id: UUID
    revision: int


@routes.post("/moves", roles={Role.ADMIN}, status=201)
async def move(conn: Connection, body: MoveBody) -> MoveView:
    """One business row and one fact."""
    await conn.execute("INSERT INTO business (code, name) VALUES ($1, $2)", body.code, body.name)
    fact = ThingMoved(thing_id=new_id(), revision=1)
    publish(conn, fact)
    return MoveView(thing_id=fact.thing_id, revision=1)


EARS = {"bench": Subscriptions(), "listener": Subscriptions(batch={ThingMoved: moved})}


async def main(told: dict[str, Any]) -> float:
    """Serve, tell and listen."""
    name = told["name"]
    logs.configure(name, "info", "json")
    keys = Keys(name, Path(told["key_file"]), Path(told["keys_file"]))
    settings = ServiceSettings(
        database_url=SecretStr(told["database_url"]),
        broker_url=SecretStr(told["broker_url"]),
        http_port=told["port"],
        key_file=Path(told["key_file"]),
        keys_file=Path(told["keys_file"]),
        pool_size=16,
    )
    async with (
        open_pool(told["database_url"], size=16, name=name) as pool,
        asyncio.TaskGroup() as tasks,
    ):
        talk = Conversation(pool, settings, EARS[name], keys)
        app = new_app(name, [*speaker_routes, *routes], pool=pool, keys=keys)
        tasks.create_task(talk.run())
        tasks.create_task(serve(app, "127.0.0.1", told["port"]))
    return 0.0


if __name__ == "__main__":
    side(main)
