"""`login`: sign-ins a second ÷ what Argon2id alone allows, the same parameters in as many threads.

Ours is the real identity process: pace counted in PostgreSQL, password compared, session kept, told apart by
account. While it is saturated, another client asks the same process for `/livez` all the time: the slowest
percentile of those answers is the notes' loop lag, with HTTP and the scheduler's turns in it.
"""

import asyncio
import itertools
import json
import sys
import time

import aiohttp

from chassis.access import Keys
from deploy.local.places import ROOT
from tests.bench.harness import GROUND, median_ratio
from tests.bench.programs import resident
from tests.bench.row import Row
from tests.rig.stack import Stack

_SECONDS = 5.0
#: More than hashing threads, so that the queue never runs dry; fewer than seats.
_CLIENTS = 8
_PROBE_SECONDS = 0.005


class Door:
    """Identity's door, the people who come in by it, and how long others waited meanwhile."""

    def __init__(self, stack: Stack, session: aiohttp.ClientSession) -> None:
        self._url, self._session = stack.service_url("identity"), session
        self._keys = Keys("gateway", *stack.keys("gateway"))
        told = json.loads(stack.command("demo", "accounts", "--json"))
        self._people = [one for one in told if not one["totp_secret"]]
        self.waits: list[float] = []
        self.idle_waits: list[float] = []

    async def sign_ins(self) -> float:
        """Sign-ins a second while nobody waits to knock again."""
        began = time.perf_counter()
        until = began + _SECONDS
        probing = asyncio.create_task(self._probe(self.waits))
        people = itertools.islice(itertools.cycle(self._people), _CLIENTS)
        counts = await asyncio.gather(*(self._come_and_go(one, until) for one in people))
        took = time.perf_counter() - began
        probing.cancel()
        return sum(counts) / took

    async def _come_and_go(self, person: dict[str, str], until: float) -> int:
        count = 0
        body = {
            "sign_in_id": person["sign_in_id"],
            "password": person["password"],
            "address": "192.0.2.10",
        }
        while time.perf_counter() < until:
            token = self._keys.for_service("identity")
            headers = {"Authorization": f"Bearer {token}"}
            asked = self._session.post(f"{self._url}/internal/sessions", json=body, headers=headers)
            async with asked as answer:
                if answer.status != 200:
                    raise RuntimeError(f"{person['sign_in_id']}: {await answer.text()}")
            count += 1
        return count

    async def _probe(self, waits: list[float]) -> None:
        while True:
            began = time.perf_counter()
            async with self._session.get(f"{self._url}/livez") as answer:
                await answer.read()
            waits.append(time.perf_counter() - began)
            await asyncio.sleep(_PROBE_SECONDS)

    async def rest(self) -> None:
        """How long others wait when nobody signs in."""
        try:
            await asyncio.wait_for(self._probe(self.idle_waits), 2)
        except TimeoutError:
            return


async def _limit() -> float:
    """Passwords a second that Argon2id alone compares."""
    command = [sys.executable, "-m", "tests.bench.peers.argon2_limit", str(_SECONDS)]
    program = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await program.communicate()
    return float(out)


def _p99(waits: list[float]) -> float:
    """The slowest percentile, in milliseconds."""
    return sorted(waits)[int(len(waits) * 0.99)] * 1000 if waits else 0.0


async def measure(rounds: int) -> Row:
    """Sign-ins and bare comparisons, in turns."""
    stack = GROUND.stack
    async with aiohttp.ClientSession() as session:
        door = Door(stack, session)
        await door.rest()
        await door.sign_ins()
        door.waits.clear()
        ours, peer, _ = await median_ratio(door.sign_ins, _limit, rounds)
    idle, busy = _p99(door.idle_waits), _p99(door.waits)
    return Row(
        name="login",
        ours=ours,
        peer=peer,
        peer_name="Argon2id alone, as many threads",
        unit="sign-ins/s",
        first_goal=0.9,
        goal=0.95,
        notes=f"loop lag: /livez p99 {busy:.1f} ms while saturated, {idle:.1f} ms at rest",
        memory={"identity": round(resident(stack.pid("identity").number), 1)},
    )
