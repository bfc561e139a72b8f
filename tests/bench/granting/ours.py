"""Complete grants by the commands of benefits: applied, approved, allocated, ordered, granted, reconciled."""

import asyncio
import json
import sys
import tempfile
import time
from collections import deque
from pathlib import Path
from typing import Any
from uuid import UUID

import uvloop

from chassis.database import open_pool, transaction
from services.benefits.commands import statements
from services.benefits.commands.statements import HandedIn
from services.benefits.model.order import Order
from services.benefits.model.statement import GivenLine
from tests.benefits.orders.granting import Town, granted
from tests.rig.keyring import KeyRing

_CLIENTS, _ANSWERING = 16, 8


class Journeys:
    """So many people, each on the way from an application to a granted and reconciled order."""

    def __init__(self, town: Town, count: int) -> None:
        self.town, self.left = town, count
        self.begun: dict[UUID, float] = {}
        self.waiting: deque[Order] = deque()
        self.granted: list[Order] = []
        self.took: list[float] = []
        self.allocated = 0

    async def resident(self) -> None:
        """Apply and allocate, one person after the other."""
        while self.left > 0:
            self.left -= 1
            begun = time.perf_counter()
            order = await self.town.allocated()
            self.begun[order.id] = begun
            self.waiting.append(order)

    async def provider(self, count: int) -> None:
        """Answer what was sent."""
        while len(self.granted) < count:
            if not self.waiting:
                await asyncio.sleep(0.002)
                continue
            order = self.waiting.popleft()
            if (await self.town.order(order.id)).state != "sent":
                self.waiting.append(order)
                await asyncio.sleep(0.002)
                continue
            await self.town.says(granted(order, f"A-{order.id}"), order.id)
            self.granted.append(order)
            self.took.append(time.perf_counter() - self.begun[order.id])

    async def clerk(self, count: int) -> None:
        """Send what is due."""
        clerk = self.town.clerk()
        while len(self.granted) < count:
            if not await clerk.turn():
                await asyncio.sleep(0.005)

    async def reconcile(self) -> None:
        """The provider's statement, line by line beside our orders."""
        lines = [
            GivenLine(
                str(number),
                str(order.id),
                order.amount,
                order.resident_ref,
                f"T-{order.id.hex[-20:]}",
                self.town.clock.at.date(),
            )
            for number, order in enumerate(self.granted)
        ]
        day = self.town.clock.at.date()
        async with transaction(self.town.pool) as conn:
            given = HandedIn(
                self.town.provider_id, "S", day, lines, None, "bench/1", self.town.clock.at, day
            )
            await statements.hand_in(conn, given)
        busy = True
        while busy:
            async with transaction(self.town.pool) as conn:
                busy = await statements.compare_some(conn, self.town.clock.at)


async def main(told: dict[str, Any]) -> dict[str, float]:
    """Journeys a second, and how long the slowest hundredth took until it was granted."""
    count = int(told["count"])
    with tempfile.TemporaryDirectory(prefix="machipo-bench-") as folder:
        keys = KeyRing(Path(folder))("benefits")
        async with open_pool(told["database_url"], size=_CLIENTS + _ANSWERING + 4) as pool:
            town = await Town(pool, keys).open(budget=54_000_000)
            journeys = Journeys(town, count)
            begun = time.perf_counter()
            async with asyncio.TaskGroup() as tasks:
                for _ in range(_CLIENTS):
                    tasks.create_task(journeys.resident())
                for _ in range(_ANSWERING):
                    tasks.create_task(journeys.provider(count))
                tasks.create_task(journeys.clerk(count))
            await journeys.reconcile()
            seconds = time.perf_counter() - begun
            matched = await pool.fetchval(
                "SELECT count(*) FROM statement_lines WHERE match_class = 'matched'"
            )
            if matched < count or await town.broken():
                raise RuntimeError("what was granted does not add up")
    slow = sorted(journeys.took)[int(len(journeys.took) * 0.99)]
    return {"rate": count / seconds, "p99": slow}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(uvloop.run(main(json.loads(sys.argv[1])))) + "\n")
