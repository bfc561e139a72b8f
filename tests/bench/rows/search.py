"""`search`: p99 of the naive ILIKE ÷ p99 of ours, over 11,800 measures, the same first 20 and the same total.

Ours is asked over HTTP from another process, with parsing, validation, facets with their counts, log lines and metrics
on; the peer only answers the ids, the total and no facets, over a prepared statement of asyncpg. Both look for what
is not over, the next to close first. Beside it PostgreSQL with a `pg_trgm` index, where the server has it.
"""

import json
import random
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import cast
from urllib.parse import quote

import asyncpg

from chassis.clock import now
from chassis.database import Connection, open_pool, transaction
from chassis.folding import words_of
from chassis.outbox import publish
from contracts.registry import MeasureOpened, MeasurePublished
from deploy.local.ports import free_ports
from services.registry.model.codes import DirectoryEntry
from services.registry.model.search.public_measure import Status, public_measure
from services.registry.store.codes import whole_directory
from tests.bench.harness import GROUND
from tests.bench.programs import program
from tests.bench.row import Row
from tests.bench.search.line import Line
from tests.registry.feeding import numbered
from tests.rig.keyring import KeyRing
from tests.rig.measures import made, typed
from tests.rig.postgres import Databases, owner_url
from tests.rig.waiting import eventually

_MEASURES, _QUERIES = 11_800, 40
#: Long enough for a machine that does much else; only a row that fails waits for so long.
_PATIENCE = 300.0
_TABLE = """
CREATE TABLE peer (id uuid PRIMARY KEY, text text NOT NULL, apply_until timestamptz NOT NULL, ended bool NOT NULL);
"""
_TRIGRAMS = """
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE TABLE peer_trgm AS SELECT * FROM peer;
CREATE INDEX ON peer_trgm USING gin (text gin_trgm_ops);
ANALYZE peer_trgm
"""
_FIND = """
SELECT id, count(*) OVER () AS total FROM {table}
 WHERE text ILIKE ALL ($1::text[]) AND NOT ended AND apply_until > $2
 ORDER BY floor(extract(epoch FROM apply_until)), id::text COLLATE "C"
 LIMIT 20
"""
Answer = tuple[list[str], int]
Find = Callable[[str], Awaitable[tuple[Answer, float]]]


async def measure(rounds: int) -> Row:
    """Both sides in turns, each question of each round once."""
    database = Databases(GROUND.postgres)
    url = await database.fresh("registry")
    facts = list(made(_MEASURES, noon=now()))
    await _say(url, facts)
    keys = GROUND.new_folder()
    KeyRing(keys)
    [port] = free_ports(1)
    command = [sys.executable, "-m", "tests.bench.search.serving", str(port), url, str(keys)]
    with program(
        command, port=port, folder=GROUND.new_folder(), core=None, within=_PATIENCE
    ) as server:
        conn = await asyncpg.connect(owner_url(url))
        try:
            # The peer's table is filled while the other process builds its search.
            peers = await _peers(conn, facts)
            seen = await _compared({"ours": _ours(await _ready(port)), **peers}, rounds)
        finally:
            await conn.close()
        memory = {"registry": round(server.resident(), 1)}
    return _row(seen, memory)


def _row(seen: dict[str, list[float]], memory: dict[str, float]) -> Row:
    p99 = {name: statistics.quantiles(times, n=100)[98] for name, times in seen.items()}
    p50 = {name: statistics.median(times) for name, times in seen.items()}
    told = ", ".join(f"{name} {p50[name]:.2f}/{p99[name]:.2f}" for name in seen)
    return Row(
        name="search",
        ours=1000 / p99["ours"],
        peer=1000 / p99["ILIKE"],
        peer_name="ILIKE in PostgreSQL",
        unit="1 ÷ p99 in seconds",
        first_goal=20,
        goal=100,
        notes=f"milliseconds p50/p99: {told}" + ("" if "pg_trgm" in seen else "; no pg_trgm here"),
        memory=memory,
    )


async def _say(url: str, facts: list[MeasurePublished]) -> None:
    async with open_pool(url, size=2, name="bench") as pool:
        for at in range(0, len(facts), 200):
            async with transaction(pool) as conn:
                for fact in facts[at : at + 200]:
                    # What was validated is not validated again under the other name.
                    publish(conn, MeasureOpened.model_construct(**dict(fact)))
        await numbered(pool)


async def _ready(port: int) -> Line:
    line = await Line.to(port)

    async def built() -> bool:
        with suppress(RuntimeError):
            await line.get("/readyz")
            return True
        return False

    await eventually(built, within=_PATIENCE)
    return line


async def _peers(
    conn: "asyncpg.Connection[asyncpg.Record]", facts: list[MeasurePublished]
) -> dict[str, Find]:
    await conn.execute(_TABLE)
    # Names of places are a part of what is looked through, so that both look through the same text.
    places = await whole_directory(cast(Connection, conn))
    rows = [_record(fact, places) for fact in facts]
    await conn.copy_records_to_table("peer", records=rows)
    await conn.execute("ANALYZE peer")
    ways = {"ILIKE": _theirs(conn, "peer")}
    with suppress(asyncpg.PostgresError):
        await conn.execute(_TRIGRAMS)
        ways["pg_trgm"] = _theirs(conn, "peer_trgm")
    return ways


def _record(fact: MeasurePublished, places: Mapping[str, DirectoryEntry]) -> tuple[object, ...]:
    at = (fact.occurred_at, fact.occurred_at)
    place = places.get(fact.entry.municipality_code)
    found = public_measure(fact.measure_id, fact.entry, Status.OPEN, at, place)
    return found.measure_id, found.text, found.apply_until, False


def _ours(line: Line) -> Find:
    async def find(text: str) -> tuple[Answer, float]:
        body, took = await line.get(f"/api/v1/registry/measures?q={quote(text)}")
        page = json.loads(body)
        return ([item["measure_id"] for item in page["items"]], page["total"]), took

    return find


def _theirs(conn: "asyncpg.Connection[asyncpg.Record]", table: str) -> Find:
    async def find(text: str) -> tuple[Answer, float]:
        patterns = [f"%{_literal(word)}%" for word in words_of(text)]
        began = time.perf_counter()
        rows = await conn.fetch(_FIND.format(table=table), patterns, now())
        took = (time.perf_counter() - began) * 1000
        return ([str(row["id"]) for row in rows], rows[0]["total"] if rows else 0), took

    return find


def _literal(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


async def _compared(ways: dict[str, Find], rounds: int) -> dict[str, list[float]]:
    chance = random.Random(11)
    seen: dict[str, list[float]] = {name: [] for name in ways}
    for find in ways.values():
        # The first answer of each pays for what all others share; it is not counted.
        await find(typed(chance))
    for _ in range(rounds):
        for text in [typed(chance) for _ in range(_QUERIES)]:
            answers = {}
            for name, find in ways.items():
                answers[name], took = await find(text)
                seen[name].append(took)
            if any(answer != answers["ours"] for answer in answers.values()):
                raise RuntimeError(f"answers differ for {text!r}: {answers}")
    return seen
