"""The two servers of a stack, PostgreSQL and RabbitMQ: started side by side, kept up, stopped."""

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress

from deploy.local.definitions import definitions
from deploy.local.places import PORTAL
from deploy.local.ports import answers
from deploy.local.postgres import FORGETFUL, PostgreSQL
from deploy.local.rabbitmq import RabbitMQ
from deploy.local.record import Record
from deploy.local.stack import Surroundings, service_names
from deploy.local.trouble import Trouble


class Servers:
    """PostgreSQL and RabbitMQ with what every service needs in them."""

    def __init__(self, run: Surroundings, record: Record, say: Callable[[str], None]) -> None:
        self._run, self._say = run, say
        self.postgres = PostgreSQL(
            PORTAL / "postgres",
            say,
            password=run.passwords["portal"],
            port=run.ports["postgresql"],
            # A stack that tests throw away need not survive a power cut.
            settings=FORGETFUL if os.environ.get("PORTAL_FORGETFUL") else {},
            record=record.started,
        )
        self.rabbitmq = RabbitMQ(
            PORTAL / "rabbitmq", say, port=run.ports["rabbitmq"], record=record.started
        )
        self._starting: list[asyncio.Task[None]] = []

    async def start_postgres(self) -> None:
        """Return when it answers and holds every service's database and roles."""
        await self._start(self._start_postgres)

    async def start_rabbitmq(self) -> None:
        """Return when it answers and knows every service's user."""
        await self._start(self._start_rabbitmq)

    async def _start(self, start: Callable[[], None]) -> None:
        # A thread cannot be stopped: who stops us waits for it.
        self._starting.append(asyncio.create_task(asyncio.to_thread(start)))
        await asyncio.shield(self._starting[-1])

    async def stop(self) -> None:
        """Stop both at the same time, also when they are still starting."""
        await asyncio.gather(*self._starting, return_exceptions=True)
        stops = (self.postgres.stop, self.rabbitmq.stop)
        await asyncio.gather(*(asyncio.to_thread(stop) for stop in stops))

    @property
    def answering(self) -> bool:
        """Whether both take connections."""
        return answers(self.postgres.port) and answers(self.rabbitmq.port)

    async def revive(self) -> bool:
        """Start what has ended; whether the broker had to be, which may have lost its queues."""
        if self.postgres.ended:
            self._say("PostgreSQL ended, starting it again")
            await self._again(self._start_postgres)
        if self.rabbitmq.ended:
            self._say("RabbitMQ ended, starting it again")
            return await self._again(self._start_rabbitmq)
        return False

    async def _again(self, start: Callable[[], None]) -> bool:
        try:
            await asyncio.to_thread(start)
        except Trouble as why:
            self._say(f"{why}; trying again")
            return False
        return True

    def _start_postgres(self) -> None:
        with suppress(Trouble):
            self.postgres.stop(0)
        self.postgres.start()
        passwords = self._run.passwords
        self.postgres.add_services(
            {
                service: (passwords[f"{service}_owner"], passwords[f"{service}_app"])
                for service in service_names()
            }
        )
        self._say(f"PostgreSQL answers on port {self.postgres.port}")

    def _start_rabbitmq(self) -> None:
        self.rabbitmq.stop(0)
        users = {
            name.removeprefix("broker-"): secret
            for name, secret in self._run.passwords.items()
            if name.startswith("broker-")
        }
        self.rabbitmq.start(definitions(service_names(), users))
        self._say(f"RabbitMQ answers on port {self.rabbitmq.port}")
