"""What processes keep in memory does not grow with what they have done.

``PORTAL_SOAK_MINUTES=20 pytest -s tests/faults/test_soak.py`` sends residents from card to granted points for so many
minutes, two a second, and prints how much memory each process holds. From the fifth minute on, when caches are warm,
nobody may grow by more than a twentieth; a shorter run only tells.
"""

import asyncio
import os
import re
import time
from pathlib import Path
from uuid import UUID

import aiohttp
import asyncpg
import pytest

from tests.faults.granting import Residents, new_cards
from tests.rig.stack import Stack
from tests.rig.visitor import Visitor
from tests.rig.waiting import eventually

MINUTES = float(os.environ.get("PORTAL_SOAK_MINUTES") or 0)
_A_SECOND = 2.0
_MEASURE = "くらし応援ポイント"
_WARM_MINUTES, _JUDGED_MINUTES = 5, 20
_MOST_GROWTH = 0.05
#: Servers hold the memory they were given.
_SERVERS = {"epmd", "rabbitmq", "postgresql"}
#: What stands in for the world outside keeps all it was told.
_STAND_INS = {"mail", "signing", "cards", "provider"}
_RSS = re.compile(r"^VmRSS:\s+(\d+) kB", re.MULTILINE)


class Scales:
    """The memory of each process, looked at again and again."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._began = time.monotonic()
        self._pids = {n: pid.number for n, pid in stack.processes().items() if n not in _SERVERS}
        self._weighed: list[tuple[float, dict[str, int]]] = []

    def weigh(self) -> None:
        """Look, and print."""
        found = {name: _resident_kb(number) for name, number in self._pids.items()}
        minute = (time.monotonic() - self._began) / 60
        self._weighed.append((minute, found))
        told = "  ".join(f"{name} {kb / 1024:.1f}" for name, kb in found.items())
        print(f"{minute:5.1f} min, MB: {told}", flush=True)  # noqa: T201 - figures

    def grown(self) -> dict[str, float]:
        """By which share each process has grown since caches were warm, or since half the time was over."""
        warm = min(_WARM_MINUTES, self._weighed[-1][0] / 2)
        before = next(kb for minute, kb in self._weighed if minute >= warm)
        return {name: kb / before[name] - 1 for name, kb in self._weighed[-1][1].items()}

    def started_again(self) -> list[str]:
        """Who is another process now; its memory says nothing."""
        now = self._stack.processes()
        return [n for n, number in self._pids.items() if n not in now or now[n].number != number]


def _resident_kb(number: int) -> int:
    """What a process and those it started hold."""
    found = _RSS.search(Path(f"/proc/{number}/status").read_text())
    assert found
    born = "".join(each.read_text() for each in Path(f"/proc/{number}/task").glob("*/children"))
    return int(found[1]) + sum(map(_resident_kb, map(int, born.split())))


@pytest.mark.skipif(MINUTES <= 0, reason="PORTAL_SOAK_MINUTES says for how long")
async def test_no_process_grows_while_residents_come_and_go(
    stack: Stack, http: aiohttp.ClientSession
) -> None:
    found = (await Visitor(stack.url, http).get("/api/v1/registry/measures", q=_MEASURE)).body
    [measure_id] = [one["measure_id"] for one in found["items"] if _MEASURE in one["title"]]
    cards = await new_cards(stack, http, int(MINUTES * 60 * _A_SECOND) + 1)
    scales = Scales(stack)
    residents = Residents(stack, http, cards, measure_id, _A_SECOND)
    scales.weigh()
    runs = asyncio.create_task(residents.run())
    until = time.monotonic() + MINUTES * 60
    while (left := until - time.monotonic()) > 0 and not runs.done():
        await asyncio.wait([runs], timeout=min(left, 30))
        scales.weigh()
    residents.enough()
    await runs
    await _granted(stack, residents.orders)
    scales.weigh()
    grown = scales.grown()
    _tell(grown, len(residents.orders))
    assert not scales.started_again()
    if MINUTES >= _JUDGED_MINUTES:
        ours = {name: share for name, share in grown.items() if name not in _STAND_INS}
        assert max(ours.values()) <= _MOST_GROWTH, ours


def _tell(grown: dict[str, float], grants: int) -> None:
    told = "  ".join(f"{name} {share:+.1%}" for name, share in grown.items())
    print(f"{grants} grants; grown since warm: {told}", flush=True)  # noqa: T201 - figures


async def _granted(stack: Stack, orders: list[UUID]) -> None:
    """Return when every order was granted."""
    conn = await asyncpg.connect(stack.database_url("benefits"))
    try:

        async def all_of_them() -> bool:
            left = await conn.fetchval(
                "SELECT count(*) FROM orders WHERE id = ANY ($1) AND state <> 'granted'", orders
            )
            return bool(left == 0)

        done: bool = await eventually(all_of_them, within=300)
        assert done
        assert orders
    finally:
        await conn.close()
