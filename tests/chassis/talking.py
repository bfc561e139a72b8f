"""Alpha and beta with everything they have in a real process: database, broker, HTTP, all loops."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from chassis.broker import declare
from chassis.conversation import Conversation
from chassis.database import Pool, open_pool
from chassis.inbox import Subscriptions
from chassis.operator import operator_routes
from chassis.settings import ServiceSettings
from chassis.speaker_api import routes as speaker_routes
from chassis.web import new_app
from tests.chassis.parties import make_ready
from tests.rig.keyring import KeyRing
from tests.rig.rabbitmq import VirtualHost


@dataclass
class Party:
    """One process of one service, inside the test's own."""

    name: str
    pool: Pool
    settings: ServiceSettings
    conversation: Conversation
    server: TestServer
    keys: KeyRing
    task: "asyncio.Task[None] | None" = None

    def talk(self) -> None:
        """Start the loops."""
        self.task = asyncio.create_task(self.conversation.run())

    async def fall_silent(self) -> None:
        """Stop the loops."""
        if self.task:
            self.task.cancel()
            with suppress(asyncio.CancelledError):
                await self.task


@dataclass(frozen=True)
class Stage:
    """What parties are made of."""

    host: VirtualHost
    keys: KeyRing
    databases: dict[str, str]
    peers: dict[str, str]

    @asynccontextmanager
    async def party(
        self, name: str, subscriptions: Subscriptions, *, prepared: bool = True
    ) -> AsyncIterator[Party]:
        """A party with its HTTP server up; it talks when told."""
        url = self.databases[name]
        await make_ready(url, subscriptions)
        if prepared:
            await declare(self.host.deployer_url, name, subscriptions.kinds)
        async with AsyncExitStack() as stack:
            pool = await stack.enter_async_context(open_pool(url, name=name))
            settings = self.settings(name, url)
            own = self.keys(name)
            conversation = Conversation(pool, settings, subscriptions, own)
            app = new_app(
                name,
                [*speaker_routes, *operator_routes(subscriptions)],
                pool=pool,
                keys=own,
                ready=conversation.missing,
                alive=conversation.dead,
            )
            server = TestServer(app)
            await server.start_server()
            self.peers.setdefault(name, str(server.make_url("")))
            party = Party(name, pool, settings, conversation, server, self.keys)
            try:
                yield party
            finally:
                await party.fall_silent()
                await server.close()

    def settings(self, name: str, url: str) -> ServiceSettings:
        """The settings of one party."""
        return ServiceSettings(
            database_url=SecretStr(url),
            broker_url=SecretStr(self.host.url(name)),
            http_port=1,
            key_file=self.keys.key_file(name),
            keys_file=Path(self.keys.keys_file),
            peers=self.peers,
            # As in production, only sooner.
            compare_seconds=0.3,
        )
