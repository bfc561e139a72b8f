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

_CLIENTS, _ANSWERING, _WARMING = 16, 2, 160
#: So many answers a provider says at once at most.
_AT_ONCE = 50


class Journeys:
    """So many people, each on the way from an application to a granted and reconciled order."""

    def __init__(self, town: Town, count: int) -> None:
        self.town, self.left, self.count = town, count, count
        #: Orders on their way to the provider, and those it has: each with the resident who waits for it.
        self.placed: dict[UUID, tuple[Order, asyncio.Event]] = {}
        self.sent: deque[tuple[Order, asyncio.Event]] = deque()
        self.granted: list[Order] = []
        self.took: list[float] = []

    async def resident(self) -> None:
        """Apply, allocate and wait for the points, one person after the other."""
        while self.left > 0:
            self.left -= 1
            begun, there = time.perf_counter(), asyncio.Event()
            order = await self.town.allocated()
            self.placed[order.id] = (order, there)
            await there.wait()
            self.took.append(time.perf_counter() - begun)

    async def provider(self) -> None:
        """Answer what was sent, all that came meanwhile at once."""
        while len(self.granted) < self.count:
            if not self.sent:
                await asyncio.sleep(0.001)
                continue
            some = [self.sent.popleft() for _ in range(min(len(self.sent), _AT_ONCE))]
            orders = [order for order, _ in some]
            for taken in await self.town.says_of_many(
                [(o.id, granted(o, f"A-{o.id}")) for o in orders]
            ):
                assert taken.verdict == "apply"
            self.granted.extend(orders)
            for _, there in some:
                there.set()

    async def clerk(self) -> None:
        """Send what is due; the provider reads what came, as from its feed."""
        clerk = self.town.clerk()
        while len(self.granted) < self.count:
            busy = await clerk.turn()
            rows = await self.town.pool.fetch(
                "SELECT id FROM orders WHERE id = ANY ($1) AND state = 'sent'", list(self.placed)
            )
            self.sent.extend(self.placed.pop(row["id"]) for row in rows)
            if not busy:
                await asyncio.sleep(0.002)

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


async def _played(journeys: Journeys) -> None:
    async with asyncio.TaskGroup() as tasks:
        for _ in range(_CLIENTS):
            tasks.create_task(journeys.resident())
        for _ in range(_ANSWERING):
            tasks.create_task(journeys.provider())
        tasks.create_task(journeys.clerk())


async def main(told: dict[str, Any]) -> dict[str, float]:
    """Journeys a second, and how long the slowest hundredth took until it was granted."""
    count = int(told["count"])
    with tempfile.TemporaryDirectory(prefix="machipo-bench-") as folder:
        keys = KeyRing(Path(folder))("benefits")
        async with open_pool(told["database_url"], size=_CLIENTS + _ANSWERING + 4) as pool:
            town = await Town(pool, keys).open(budget=54_000_000)
            # Each connection plans each statement once; a service that has run for a minute has done that.
            await _played(Journeys(town, min(count, _WARMING)))
            journeys = Journeys(town, count)
            begun = time.perf_counter()
            await _played(journeys)
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
