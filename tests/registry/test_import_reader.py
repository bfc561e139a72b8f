"""The process that reads strangers' files keeps within its bounds, and its end is no end of ours."""

import asyncio
import os
import signal
from contextlib import suppress
from pathlib import Path

import pytest

from services.registry.model.imports.columns import ImportKind
from services.registry.model.imports.findings import Unreadable
from services.registry.model.imports.table import Checked
from services.registry.reader import Lost, Part, Reader
from services.registry.reader.bounds import Bounds
from tests.registry.spreadsheets import HEAD, csv_of, many, xlsx_of


async def parts_of(content: bytes, reader: Reader | None = None) -> list[Part]:
    return [part async for part in (reader or Reader()).read(ImportKind.TARGETS, content)]


@pytest.mark.parametrize(
    "content", [many(2_500), xlsx_of([HEAD, *[(f"K-{n:07d}", 5000, 2) for n in range(2_500)]])]
)
async def test_a_file_is_told_in_parts_that_come_to_the_whole(content: bytes) -> None:
    parts = await parts_of(content)
    assert [part.read for part in parts] == [1_000, 2_000, 2_500]
    assert all(part.read <= part.expected for part in parts)
    rows = [row for part in parts for row in part.right]
    assert rows == [
        Checked(n + 2, {"number": f"K-{n:07d}", "amount_yen": 5000, "children": 2})
        for n in range(2_500)
    ]


async def test_what_must_be_mended_comes_with_its_row() -> None:
    (part,) = await parts_of(csv_of(("K-122", "", "1"), ("K-123", "x", "")))
    assert (part.headings, part.read, len(part.right)) == (list(HEAD), 2, 1)
    assert [(m.row, m.column, m.value) for row in part.faulty for m in row.mistakes] == [
        (3, "金額", "x")
    ]


async def test_a_reason_crosses_over() -> None:
    with pytest.raises(Unreadable) as why:
        await parts_of(b"%PDF-1.4")
    assert why.value.code == "file-unknown"


@pytest.mark.parametrize("bounds", [Bounds(memory=24 * 1024 * 1024), Bounds(seconds=1)])
async def test_a_file_that_takes_too_much_is_refused_and_takes_nothing_else_along(
    bounds: Bounds,
) -> None:
    with pytest.raises(Unreadable) as why:
        await parts_of(many(150_000), Reader(bounds))
    assert why.value.code == "file-too-heavy"


def children() -> list[int]:
    here = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    return [pid for pid in map(int, here.read_text().split()) if _reads(pid)]


def _reads(pid: int) -> bool:
    """Whether it is a reader; one that has ended since it was listed is none."""
    try:
        return b"services.registry.reader" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return False


async def test_a_reader_that_is_killed_is_lost_and_none_stays_behind() -> None:
    with pytest.raises(Lost):
        async for _ in Reader().read(ImportKind.TARGETS, many(50_000)):
            for pid in children():
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
    assert children() == []


async def test_whoever_stops_listening_leaves_no_process_behind() -> None:
    parts = Reader().read(ImportKind.TARGETS, many(50_000))
    await anext(parts)
    (pid,) = children()
    known = Path(f"/proc/{pid}/environ").read_bytes()
    assert b"PASSWORD" not in known and b"DATABASE" not in known
    await parts.aclose()
    assert children() == []


async def test_files_are_read_one_after_the_other() -> None:
    reader = Reader(at_once=1)
    most = 0
    async with asyncio.TaskGroup() as tasks:
        for _ in range(3):
            tasks.create_task(parts_of(many(3_000), reader))
        for _ in range(40):
            await asyncio.sleep(0.01)
            most = max(most, len(children()))
    assert most <= 1
