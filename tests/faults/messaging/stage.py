"""Processes of alpha and beta, the load on alpha, and the broker they share."""

import asyncio
import json
import os
import random
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import asyncpg

from chassis.broker import declare
from chassis.database import Pool, open_pool, transaction
from chassis.outbox import publish
from contracts.event import Fact
from deploy.local.child import Child
from deploy.local.places import ROOT
from deploy.local.ports import free_ports
from tests.chassis.parties import NoteWritten, ThingMoved, ThingPainted, ThingWeighed, make_ready
from tests.faults.messaging.judge import Judge
from tests.faults.messaging.party import EARS
from tests.rig.keyring import KeyRing
from tests.rig.waiting import eventually

#: So many facts have to come through for a scene to say anything.
_LEAST = 100


@dataclass
class Line:
    """Where the broker is, for both parties and the deployer."""

    alpha: str
    beta: str
    deployer: str


@dataclass
class Scene:
    """Two services, any number of copies of each."""

    databases: dict[str, str]
    line: Line
    keys: KeyRing
    folder: Path
    ports: dict[str, list[int]] = field(default_factory=dict)
    children: dict[str, list[Child]] = field(default_factory=dict)
    acknowledged: list[tuple[str, int]] = field(default_factory=list)
    moods: dict[str, str] = field(default_factory=dict)
    #: How many facts were made that no handler can cope with.
    evil: int = 0
    most_evil: int = 3
    dice: random.Random = field(default_factory=lambda: random.Random(20231130))

    async def prepare(self, *names: str) -> None:
        """What ``prepare`` does."""
        for name in names or ("alpha", "beta"):
            await make_ready(self.databases[name], EARS[name])
            await declare(self.line.deployer, name, EARS[name].kinds)

    def start(self, name: str, copy: int = 0) -> Child:
        """One more copy of ``name``, or the same copy again."""
        ports = self.ports.setdefault(name, [])
        while len(ports) <= copy:
            ports += free_ports(1)
        told = {
            "name": name,
            "database_url": self.databases[name],
            "broker_url": getattr(self.line, name),
            "port": str(ports[copy]),
            "key_file": str(self.keys.key_file(name)),
            "keys_file": str(self.keys.keys_file),
            "peers": json.dumps({n: f"http://127.0.0.1:{p[0]}" for n, p in self.ports.items()}),
        }
        child = Child.start(
            f"{name}{copy}",
            [sys.executable, "-m", "tests.faults.messaging.party", json.dumps(told)],
            env={**os.environ, "MOOD": self.moods.get(name, "")},
            log=self.folder / f"{name}{copy}.log",
            dies_with_us=True,
            cwd=ROOT,
        )
        copies = self.children.setdefault(name, [])
        copies[copy : copy + 1] = [child]
        return child

    def kill(self, name: str, copy: int = 0) -> None:
        """SIGKILL, and the same copy again."""
        self.children[name][copy].pid.send(signal.SIGKILL)
        self.start(name, copy)

    def revive(self) -> None:
        """Start what has ended by itself."""
        for name, copies in self.children.items():
            for copy, child in enumerate(copies):
                if child.ended:
                    self.start(name, copy)

    def end(self) -> None:
        """Stop everything."""
        for copies in self.children.values():
            for child in copies:
                child.stop(0)

    async def load(self, pool: Pool, seconds: float, *, things: int = 60, words: str = "") -> None:
        """Commands for ``seconds``: one to three facts each, some slow, some rolled back.

        A slow machine goes on until there is something to judge.
        """
        last: dict[UUID, int] = {}
        notes: dict[UUID, int] = {}
        locks: dict[int, asyncio.Lock] = {}
        end = asyncio.get_running_loop().time() + seconds
        base = self.dice.getrandbits(64) << 32

        async def command() -> None:
            n = self.dice.randrange(things)
            async with locks.setdefault(n, asyncio.Lock()):
                id_ = UUID(int=base + n)
                evil = self.evil
                facts = self._facts(id_, last.get(id_, 0), words)
                facts.append(NoteWritten(note_id=id_, revision=notes.get(id_, 0) + 1))
                # What one waits for afterwards is not rolled back.
                if await self._commit(pool, facts, self.dice.random() + (self.evil - evil)):
                    last[id_], notes[id_] = facts[-2].revision, facts[-1].revision

        async def client() -> None:
            while asyncio.get_running_loop().time() < end or self._too_little(words):
                try:
                    await command()
                except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                    # A commit without an answer: nobody knows, so nothing more is said of it.
                    return
                await asyncio.sleep(0.02)

        await asyncio.gather(*(client() for _ in range(8)))

    def _too_little(self, words: str) -> bool:
        return len(self.acknowledged) <= _LEAST or bool(words and not self.evil)

    def _facts(self, id_: UUID, last: int, words: str) -> list[Fact]:
        made: list[Fact] = []
        for revision in range(last + 1, last + 1 + self.dice.randint(1, 2)):
            kind = self.dice.choice((ThingMoved, ThingPainted, ThingWeighed, ThingMoved))
            fact = kind(thing_id=id_, revision=revision)
            if (
                words
                and self.evil < self.most_evil
                and kind is ThingMoved
                and self.dice.random() < 0.02
            ):
                self.evil += 1
                fact = ThingMoved(thing_id=id_, revision=revision, to=words)
            made.append(fact)
        return made

    async def _commit(self, pool: Pool, facts: list[Fact], chance: float) -> bool:
        try:
            async with transaction(pool) as conn:
                for fact in facts:
                    publish(conn, fact)
                if chance < 0.02:
                    raise ZeroDivisionError
                if chance < 0.04:
                    await asyncio.sleep(0.15)
        except ZeroDivisionError:
            return False
        self.acknowledged += [(fact.subject, fact.revision) for fact in facts]
        return True

    @asynccontextmanager
    async def commands(self) -> AsyncIterator[Pool]:
        """Connections for the load."""
        async with open_pool(self.databases["alpha"], name="load") as pool:
            yield pool

    async def settled(self, within: float = 120) -> None:
        """Wait until everything said is done, and let the judge look at all of it."""
        alpha = await asyncpg.connect(self.databases["alpha"])
        beta = await asyncpg.connect(self.databases["beta"])
        try:
            judge = Judge(alpha, beta)

            async def nothing_open() -> bool:
                self.revive()
                return await judge.open_ends() == 0

            await eventually(nothing_open, within=within)
            wrongs = await judge.wrongs(self.acknowledged)
            assert not wrongs, wrongs
            assert len(self.acknowledged) > _LEAST
        finally:
            await alpha.close()
            await beta.close()
