"""`read`: a list of 20 from the registry ÷ the same list by Django REST framework, both from one PostgreSQL.

Ours is the real service as the portal runs it, one process, with access check, validation, log lines and metrics on.
The peer is what its users would write: a filtered list with a count and limit/offset pages, two workers of
four threads, connections kept. Both count all that match, both answer 20 of Tokyo's 62 of 1,741 municipalities.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiohttp
import asyncpg

from deploy.local.places import ROOT
from deploy.local.ports import LOOPBACK, free_ports
from tests.bench.harness import GROUND, load, median_ratio
from tests.bench.programs import program, resident
from tests.bench.row import Row

_SECONDS = 2.0
_CONNECTIONS = 16
_ADDRESS = "/api/v1/registry/municipalities?prefecture=13&limit=20"

# Every municipality of the directory stands in the list, except those that do already.
_FILL = """
INSERT INTO listed (list, subject_id, code, kind, prefecture_code, key, item, valid_from, known_from)
SELECT 'municipalities', id, code, kind, prefecture_code, key,
       json_build_object('organisation_id', id, 'code', code, 'name', name, 'name_kana', name_kana,
                         'municipality_kind', kind, 'prefecture_code', prefecture_code,
                         'prefecture', prefecture, 'registered_on', '2022-10-03'),
       '2022-10-03', '2022-10-03 00:00Z'
  FROM (SELECT *, md5('bench ' || code)::uuid AS id FROM municipality_codes WHERE kind <> 'prefecture') c
 WHERE NOT EXISTS (SELECT FROM listed l WHERE l.list = 'municipalities' AND l.code = c.code)
ON CONFLICT DO NOTHING
"""
# The peer's table, as its users would have it: a column for each field, and the index the filter needs.
_PEER = """
DROP TABLE IF EXISTS peer_municipality;
CREATE TABLE peer_municipality (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, organisation_id uuid,
  code varchar(13), name text, name_kana text, municipality_kind text, prefecture_code varchar(2), prefecture text,
  registered_on date);
INSERT INTO peer_municipality (organisation_id, code, name, name_kana, municipality_kind, prefecture_code, prefecture,
                               registered_on)
SELECT (item->>'organisation_id')::uuid, code, item->>'name', item->>'name_kana', kind, prefecture_code,
       item->>'prefecture', (item->>'registered_on')::date
  FROM listed WHERE list = 'municipalities' AND known_to = 'infinity' AND valid_to = 'infinity';
CREATE INDEX peer_municipality_prefecture ON peer_municipality (prefecture_code, code);
ANALYZE peer_municipality, listed
"""


@asynccontextmanager
async def _peer(database_url: str) -> AsyncIterator[str]:
    """The peer, answering; its address."""
    [port] = free_ports(1)
    command = [sys.executable, "-m", "gunicorn", "-w", "2", "-k", "gthread", "--threads", "4"]
    command += ["--keep-alive", "75"]
    command += ["-b", f"{LOOPBACK}:{port}", "--log-level", "error"]
    command.append("tests.bench.peers.drf:application")
    environment = {"PEER_DATABASE_URL": database_url, "PYTHONPATH": str(ROOT)}
    with program(
        command, port=port, folder=GROUND.new_folder(), environment=environment, core=None
    ):
        address = f"http://{LOOPBACK}:{port}/municipalities?prefecture=13&limit=20"
        await _until_it_answers(address)
        yield address


async def _until_it_answers(address: str) -> None:
    """Its port is open before its workers have read their code."""
    async with aiohttp.ClientSession() as session:
        for _ in range(60):
            with suppress(aiohttp.ClientError, TimeoutError):
                async with session.get(address, timeout=aiohttp.ClientTimeout(5)) as answer:
                    if answer.status == 200 and len((await answer.json())["results"]) == 20:
                        return
            await asyncio.sleep(0.5)
    raise RuntimeError("the peer does not answer")


async def measure(rounds: int) -> Row:
    """Requests a second of both, in turns."""
    stack = GROUND.stack
    database_url = stack.database_url("registry")
    conn = await asyncpg.connect(database_url)
    try:
        await conn.execute(_FILL)
        await conn.execute(_PEER)
    finally:
        await conn.close()
    pid = stack.pid("registry").number
    async with _peer(database_url) as peer_url:
        ours_url = stack.service_url("registry") + _ADDRESS
        await _asked(ours_url), await _asked(peer_url)
        ours, peer, _ = await median_ratio(
            lambda: _asked(ours_url), lambda: _asked(peer_url), rounds
        )
    return Row(
        name="read",
        ours=ours,
        peer=peer,
        peer_name="Django REST framework",
        unit="requests/s",
        first_goal=8,
        goal=12,
        memory={"registry": round(resident(pid), 1)},
    )


async def _asked(url: str) -> float:
    seen = await load(url, pids=(), seconds=_SECONDS, connections=_CONNECTIONS)
    if seen.failed or not seen.requests:
        raise RuntimeError(f"{url} failed {seen.failed} of {seen.requests} times")
    return seen.requests / _SECONDS
