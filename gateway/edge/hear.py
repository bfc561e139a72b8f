"""Facts that make something we remember untrue: public answers, sessions, machine clients, windows."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog
from pydantic import ValidationError

from chassis.broker.overhear import Overheard, overhear
from contracts.identity import AccountFact, ClientRevoked, SessionEnded
from gateway.edge.access import Sessions
from gateway.edge.cache import Cache
from gateway.edge.counts import Counts
from gateway.edge.routes import kinds
from gateway.edge.windows import Windows

_log = structlog.get_logger()
_AGAIN_SECONDS = 0.5
_LONGEST_PAUSE = 3.0
_WHO = "gateway"
_WINDOWS = ("scheduling.maintenance",)
_ACCESS = ("identity.session", "identity.client", "identity.account")


@dataclass(frozen=True, slots=True)
class Hearing:
    """What follows from what is heard, and from hearing nothing."""

    cache: Cache
    sessions: Sessions
    counts: Counts
    windows: Windows

    async def listen(self, broker_url: str) -> None:
        """Listen for ever; while that fails, nothing that is remembered is believed."""
        loop = asyncio.get_running_loop()
        pause = _AGAIN_SECONDS
        while True:
            began = loop.time()
            try:
                await self._listen(broker_url)
            except Exception as why:
                listened = loop.time() - began > _LONGEST_PAUSE
                pause = _AGAIN_SECONDS if listened else min(pause * 1.5, _LONGEST_PAUSE)
                # Said for each time it goes away, not for each try to come back.
                say = _log.warning if listened else _log.info
                say("nothing is heard", why=repr(why))
            await asyncio.sleep(pause)

    async def _listen(self, broker_url: str) -> None:
        async with overhear(broker_url, _WHO, (*kinds(), *_ACCESS, *_WINDOWS)) as ear:
            self.hears()
            watching = asyncio.ensure_future(ear.watch())
            hearing = asyncio.ensure_future(self._take(ear.batch))
            try:
                await asyncio.wait({watching, hearing}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                # Deaf at once, before the connection is taken down.
                self.deaf()
                for task in (watching, hearing):
                    task.cancel()
                ended = await asyncio.gather(watching, hearing, return_exceptions=True)
            for why in ended:
                if isinstance(why, Exception):
                    raise why

    async def _take(self, batch: Callable[[], Awaitable[list[Overheard]]]) -> None:
        while True:
            for fact in await batch():
                self.fact(fact)

    def hears(self) -> None:
        """From now on, whatever changes is heard of."""
        self.cache.listening()
        self.sessions.hearing = True
        self.windows.hears()
        self.counts.set("hearing", 1)

    def deaf(self) -> None:
        """Nothing is heard."""
        if self.sessions.hearing:
            self.cache.deaf()
            self.sessions.deaf()
            self.counts.set("hearing", 0)

    def fact(self, fact: Overheard) -> None:
        """Forget what ``fact`` makes untrue."""
        self.counts.add("facts_heard")
        before = self.cache.drops
        self.cache.heard(".".join(fact.type.split(".")[:2]))
        self.counts.add("kept_drops", self.cache.drops - before)
        self._window(fact)
        try:
            self._person(fact)
        except ValidationError as why:
            # Who it is about cannot be told: believe nothing about anybody.
            _log.error("a fact of identity cannot be read", type=fact.type, why=repr(why))
            self.sessions.deaf()
            self.sessions.hearing = True

    def _window(self, fact: Overheard) -> None:
        try:
            self.windows.fact(fact)
        except ValidationError as why:
            # What it says is asked for instead.
            _log.error("a fact of scheduling cannot be read", type=fact.type, why=repr(why))
            self.windows.hears()

    def _person(self, fact: Overheard) -> None:
        if fact.type == SessionEnded.type:
            self.sessions.ended(str(SessionEnded.model_validate_json(fact.body).session_id))
        elif fact.type == ClientRevoked.type:
            self.sessions.ended(str(ClientRevoked.model_validate_json(fact.body).client_id))
        elif fact.type.startswith("identity.account."):
            self.sessions.changed(str(AccountFact.model_validate_json(fact.body).account_id))
