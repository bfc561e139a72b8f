"""Files of target lists as tests hand them in, right and wrong."""

import io
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

import openpyxl

HEAD = ("対象者番号", "金額", "子どもの人数")


def csv_of(*rows: Sequence[Any], encoding: str = "utf-8", end: str = "\r\n") -> bytes:
    """Rows as comma-separated text, with nothing in quotes."""
    return "".join(",".join(map(str, row)) + end for row in (HEAD, *rows)).encode(encoding)


def many(count: int) -> bytes:
    """A right list of ``count`` lines."""
    return csv_of(*((f"K-{n:07d}", 5000, 2) for n in range(count)))


def xlsx_of(
    rows: Iterable[Sequence[Any]], *others: Iterable[Sequence[Any]], merge: str = ""
) -> bytes:
    """A workbook with one sheet, or more."""
    book = openpyxl.Workbook()
    for place, filling in enumerate((rows, *others)):
        sheet = book.worksheets[0] if place == 0 else book.create_sheet()
        for row in filling:
            sheet.append(list(row))
    if merge:
        book.worksheets[0].merge_cells(merge)
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    """The bytes of a workbook."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    """The workbook with one of its parts replaced, or one more."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as before,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for other in before.namelist():
            if other != name:
                after.writestr(other, before.read(other))
        after.writestr(name, part)
    return out.getvalue()


def sheet_xml(cells: str) -> bytes:
    """The XML of a sheet around its rows."""
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{space}"><sheetData>{cells}</sheetData></worksheet>'.encode()


SHEET = "xl/worksheets/sheet1.xml"


def bomb(megabytes: int = 200) -> bytes:
    """A workbook of some hundred kilobytes that unpacks to ``megabytes``."""
    return with_part(xlsx_of([HEAD]), SHEET, sheet_xml(" " * (megabytes * 1024 * 1024)))


def lying_bomb() -> bytes:
    """A bomb whose directory says that it is small."""
    content = bytearray(bomb(20))
    size = (20 * 1024 * 1024 + len(sheet_xml(""))).to_bytes(4, "little")
    place = content.rfind(size)
    content[place : place + 4] = (1000).to_bytes(4, "little")
    return bytes(content)
