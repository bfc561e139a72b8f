"""`grant`: complete grants (applied … reconciled) ÷ the raw PostgreSQL limit for the rows they leave behind."""

import asyncio
import json
import re
import statistics
import sys
from urllib.parse import urlsplit

from tests.bench.granting.raw import script
from tests.bench.granting.recount import ROWS, recounted
from tests.bench.harness import GROUND, interleaved
from tests.bench.programs import run
from tests.bench.row import Row
from tests.bench.tools import tool
from tests.rig.postgres import databases, owner_url

_JOURNEYS, _SECONDS, _CLIENTS = 400, 3, 16
_slowest: list[float] = []


async def measure(rounds: int) -> Row:
    """Grants a second of both."""
    seen = await interleaved({"ours": _ours, "peer": _raw}, rounds)
    recount = await _recount()
    return Row(
        name="grant",
        ours=seen["ours"],
        peer=seen["peer"],
        peer_name="pgbench, the rows of a grant in five commits, no rules",
        unit="grants/s",
        first_goal=0.25,
        goal=0.50,
        notes=f"p99 from application to grant {statistics.median(_slowest) * 1000:.0f} ms,"
        f" {_CLIENTS} residents at once in one process; a ledger of {ROWS:,} rows is recounted in {recount:.1f} s",
    )


async def _ours() -> float:
    async with databases(GROUND.postgres) as made:
        url = await made.fresh("benefits")
        try:
            told = await _journeys(url, _JOURNEYS)
        finally:
            await made.drop(url)
    _slowest.append(told["p99"])
    return told["rate"]


async def _recount() -> float:
    async with databases(GROUND.postgres) as made:
        url = await made.fresh("benefits")
        try:
            name = url.rpartition("/")[2]
            return await recounted(url, made.server.url(name, "portal"))
        finally:
            await made.drop(url)


async def _raw() -> float:
    async with databases(GROUND.postgres) as made:
        url = await made.fresh("benefits")
        try:
            await _journeys(url, 1)
            file = GROUND.new_folder() / "grant.sql"
            file.write_text(await script(owner_url(url)))
            return await _pgbench(owner_url(url), str(file))
        finally:
            await made.drop(url)


async def _journeys(url: str, count: int) -> dict[str, float]:
    told = json.dumps({"database_url": url, "count": count})
    command = [sys.executable, "-m", "tests.bench.granting.ours", told]
    said = await asyncio.to_thread(run, command, core=None)
    found: dict[str, float] = json.loads(said.splitlines()[-1])
    return found


async def _pgbench(address: str, file: str) -> float:
    url = urlsplit(address)
    command = [tool("pgbench"), "-n", "-M", "prepared", "-c", str(_CLIENTS), "-j", "1"]
    command += ["-T", str(_SECONDS), "-f", file]
    command += ["-h", str(url.hostname), "-p", str(url.port), "-U", str(url.username)]
    told = await asyncio.to_thread(run, [*command, url.path.lstrip("/")], core=None)
    found = re.search(r"tps = ([0-9.]+)", told)
    assert found, told
    return float(found[1])
