"""Telling and listening, for as long as a process lives; whatever breaks is started over."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import structlog

from chassis.access import Keys
from chassis.broker import BatchPublisher, Consumer, PlainPublisher, Publisher, connect, loud
from chassis.compare import Comparison, PeerSpeaker, compare
from chassis.database import Pool
from chassis.inbox import Applier, Store, Subscriptions
from chassis.measures import measure
from chassis.relay import relay
from chassis.relay.relay import reason
from chassis.settings import ServiceSettings

_log = structlog.get_logger()

#: A loop that neither worked nor failed for so long hangs.
_HANGS_SECONDS = 300.0


class Conversation:
    """The loops of one process, and how they are."""

    def __init__(
        self, pool: Pool, settings: ServiceSettings, subscriptions: Subscriptions, keys: Keys
    ) -> None:
        self._pool, self._settings = pool, settings
        self._subscriptions, self._keys = subscriptions, keys
        self._store = Store(pool, subscriptions)
        #: What keeps each loop from its work right now; empty when nothing does.
        self.troubles: dict[str, str] = {}
        self._met: set[str] = set()
        self._beats: dict[str, float] = {}

    def missing(self) -> dict[str, str]:
        """For ``/readyz``: what never worked yet, and a queue the broker does not know.

        A broker that went away later is no reason to send requests elsewhere: they are answered as before.
        """
        needed = {"tell", "listen"} if self._subscriptions.kinds else {"tell"}
        never = {name: self.troubles.get(name, "not yet") for name in needed - self._met}
        lost = {n: why for n, why in self.troubles.items() if why.startswith("TopologyMissing")}
        return never | lost

    def dead(self) -> dict[str, str]:
        """For ``/livez``: loops that hang."""
        now = time.monotonic()
        return {
            name: f"nothing for {now - at:.0f} s"
            for name, at in self._beats.items()
            if now - at > _HANGS_SECONDS
        }

    async def run(self) -> None:
        """Tell and listen until cancelled."""
        loops: dict[str, Callable[[], Awaitable[None]]] = {
            "relay": self._tell,
            "measure": lambda: measure(self._pool),
        }
        if self._subscriptions.kinds:
            loops |= {"listen": self._listen, "apply": self._apply, "compare": self._compare}
        async with asyncio.TaskGroup() as tasks:
            for name, act in loops.items():
                tasks.create_task(self._over_and_over(name, act))

    async def _over_and_over(self, name: str, act: Callable[[], Awaitable[None]]) -> None:
        while True:
            self._beats.pop(name, None)
            try:
                await loud(act())
            except Exception as why:
                self._told(name, reason(why))
                _log.warning("started over", loop=name, why=reason(why))
            await asyncio.sleep(random.uniform(0.2, 1.0))

    def _told(self, name: str, why: str) -> None:
        """Remember what ``name`` suffers from; nothing means it works."""
        if why:
            self.troubles[name] = why
        else:
            self.troubles.pop(name, None)
            self._met.add(name)

    def _beat(self, name: str) -> None:
        self._beats[name] = time.monotonic()

    async def _tell(self) -> None:
        await relay(
            self._pool,
            self._settings.database_url.get_secret_value(),
            self._publisher,
            told=lambda why: self._told("tell", why),
            beat=lambda: self._beat("relay"),
        )

    @asynccontextmanager
    async def _publisher(self) -> AsyncIterator[Publisher]:
        url = self._settings.broker_url.get_secret_value()
        twin = PlainPublisher if self._settings.publish_plainly else BatchPublisher
        async with connect(url, f"{self._keys.own} tells") as line:
            yield await twin.open(line)

    async def _listen(self) -> None:
        url, name = self._settings.broker_url.get_secret_value(), self._keys.own
        async with (
            Consumer.open(url, name, f"{name} listens") as consumer,
            asyncio.TaskGroup() as tasks,
        ):
            self._told("listen", "")
            tasks.create_task(loud(self._store.deliveries(consumer)))
            tasks.create_task(loud(consumer.watch()))

    async def _apply(self) -> None:
        applier = Applier(
            self._pool,
            self._subscriptions,
            self._store.stored,
            beat=lambda: self._beat("apply"),
        )
        self._told("apply", "")
        await applier.run()

    async def _compare(self) -> None:
        peers = self._settings.peers
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
            comparisons = {
                name: Comparison(
                    self._pool,
                    self._store,
                    PeerSpeaker(name, peers[name], self._keys, session),
                    [k for k in self._subscriptions.kinds if k.startswith(f"{name}.")],
                )
                for name in self._subscriptions.speakers
                if name in peers
            }
            await compare(
                comparisons,
                every=self._settings.compare_seconds,
                told=lambda name, why: self._told(f"compare {name}", why),
            )
