"""A file from its first byte to its last row, whatever kind of file it is."""

from collections.abc import Iterator

from services.registry.model.imports import plain, sheet
from services.registry.model.imports.findings import Line, Unreadable
from services.registry.model.imports.limits import LARGEST
from services.registry.model.imports.workbook import opened

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"
_ZIP = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_NEITHER = (b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"MZ\x90", b"{\\rtf", b"<html", b"<!DOCTYPE")


def media_type_of(content: bytes) -> str:
    """Whether a file is a workbook or comma-separated text, told from what is in it."""
    if not content.strip():
        raise Unreadable("file-empty", "中身のないファイルです。選び直してください。")
    if len(content) > LARGEST:
        raise Unreadable("file-too-large", "ファイルは10MBまでにしてください。")
    if content.startswith(_ZIP):
        return XLSX
    if content.startswith(_OLD_EXCEL):
        raise Unreadable(
            "workbook-old",
            "古い形式か、パスワード付きのExcelファイルです。パスワードを外し、xlsx形式で保存し直してください。",
        )
    if content.startswith(_NEITHER):
        raise Unreadable("file-unknown", "CSV か Excel（xlsx）のファイルを選んでください。")
    return CSV


def rows_of(content: bytes) -> tuple[int, Iterator[Line]]:
    """About how many rows there are, and the rows one by one."""
    if media_type_of(content) == XLSX:
        book = opened(content)
        return sheet.expected_rows_in(book), sheet.lines_in(book)
    text = plain.decoded(content)
    return plain.expected_rows(text), plain.lines_of(text)
