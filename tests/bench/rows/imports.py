"""`imports`: lines a second from a workbook to rows that wait, every cell checked ÷ openpyxl with plain INSERTs."""

import asyncio
import sys
from functools import partial
from pathlib import Path

import xlsxwriter  # type: ignore[import-untyped]

from tests.bench.harness import GROUND, interleaved
from tests.bench.programs import run
from tests.bench.row import Row
from tests.registry.spreadsheets import HEAD
from tests.rig.postgres import Databases, databases

_LINES = 100_000
#: A round takes many seconds on each side, so that two tell as much as five of a row of milliseconds.
_MOST_ROUNDS = 2


async def measure(rounds: int) -> Row:
    """Lines a second of both, in turns."""
    file = _workbook(GROUND.new_folder() / "list.xlsx")
    memory: dict[str, float] = {}
    async with databases(GROUND.postgres) as made:

        async def lines_a_second(side: str) -> float:
            seconds, mebibytes = await _taken(made, side, file)
            memory[side] = max(memory.get(side, 0), mebibytes)
            return _LINES / seconds

        sides = {side: partial(lines_a_second, side) for side in ("ours", "openpyxl")}
        seen = await interleaved(sides, min(rounds, _MOST_ROUNDS))
    return Row(
        name="imports",
        ours=seen["ours"],
        peer=seen["openpyxl"],
        peer_name="openpyxl read-only and plain INSERTs, nothing checked",
        unit="lines/s",
        first_goal=1.0,
        goal=2.0,
        notes=f"{_LINES:,} lines in {_LINES / seen['ours']:.1f} s; theirs {_LINES / seen['openpyxl']:.1f} s",
        memory={"reader": round(memory["ours"], 1), "openpyxl": round(memory["openpyxl"], 1)},
    )


async def _taken(made: Databases, side: str, file: Path) -> tuple[float, float]:
    url = await made.fresh("registry")
    try:
        command = [sys.executable, "-m", "tests.bench.importing", side, url, str(file)]
        told = await asyncio.to_thread(run, command, core=None)
    finally:
        await made.drop(url)
    seconds, mebibytes = told.split()[-2:]
    return float(seconds), float(mebibytes)


def _workbook(file: Path) -> Path:
    book = xlsxwriter.Workbook(str(file))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEAD)
    for row in range(1, _LINES + 1):
        sheet.write_row(row, 0, (f"K-{row:07d}", 5000, 2))
    book.close()
    return file
