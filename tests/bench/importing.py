"""A workbook of 100,000 lines into the rows that wait: by a copy of the registry, or by openpyxl and plain INSERTs.

``python -m tests.bench.importing ours|openpyxl <database> <file>`` prints seconds and the mebibytes of who read.
"""

import asyncio
import io
import json
import resource
import sys
import time
from pathlib import Path

import asyncpg
import openpyxl

from chassis.clock import now
from chassis.database import open_pool, transaction
from chassis.ids import new_id
from contracts.principal import Principal
from contracts.values import OrganisationKind
from services.registry.commands.imports.handing_in import hand_in_file
from services.registry.commands.organisations import welcome
from services.registry.jobs import Importer
from services.registry.model.imports.columns import ImportKind
from services.registry.model.measure.measure import Measure
from services.registry.model.measure.state import State
from services.registry.reader import Reader
from services.registry.store import measures

_BATCH = 1_000


def _mebibytes(whose: int) -> float:
    return resource.getrusage(whose).ru_maxrss / 1024


async def ours(url: str, content: bytes) -> tuple[float, float]:
    """Read in a process of its own, check every cell, keep, share the news after each thousand."""
    async with open_pool(url, size=4, name="bench") as pool:
        own, at = new_id(), now()
        begun = Measure(
            id=new_id(),
            municipality_id=own,
            state=State.DRAFT,
            created_at=at,
            state_since=at,
        )
        who = Principal(kind="member", subject="1", organisation_id=own)
        async with transaction(pool) as conn:
            municipality = OrganisationKind.MUNICIPALITY
            await welcome(conn, own, kind=municipality, code="172031", name="小松市", now=at)
            await measures.add_measure(conn, begun)
            await hand_in_file(
                conn,
                own,
                kind=ImportKind.TARGETS,
                measure_id=begun.id,
                name="list.xlsx",
                content=content,
                by=who,
                now=at,
            )
        began = time.perf_counter()
        await Importer(pool, Reader()).turn()
        took = time.perf_counter() - began
        state = await pool.fetchval("SELECT state FROM imports")
        assert state == "checked", state
    return took, _mebibytes(resource.RUSAGE_CHILDREN)


async def plainly(url: str, content: bytes) -> tuple[float, float]:
    """Read with openpyxl, check nothing, keep in one transaction."""
    began, into = time.perf_counter(), new_id()
    conn = await asyncpg.connect(url)
    sheet = openpyxl.load_workbook(io.BytesIO(content), read_only=True).worksheets[0]
    insert = "INSERT INTO import_rows (import_id, number, content) VALUES ($1, $2, $3)"
    async with conn.transaction():
        batch: list[tuple[object, ...]] = []
        for number, row in enumerate(sheet.iter_rows(min_row=2, values_only=True), start=2):
            named = dict(zip(("number", "amount_yen", "children"), row, strict=True))
            batch.append((into, number, json.dumps(named)))
            if len(batch) == _BATCH:
                await conn.executemany(insert, batch)
                batch.clear()
        await conn.executemany(insert, batch)
    await conn.close()
    return time.perf_counter() - began, _mebibytes(resource.RUSAGE_SELF)


if __name__ == "__main__":
    side, database, file = sys.argv[1:]
    act = {"ours": ours, "openpyxl": plainly}[side]
    print(*asyncio.run(act(database, Path(file).read_bytes())))
