"""Comma-separated files, as Japanese spreadsheets and systems write them."""

import csv
import io
from collections.abc import Iterator

from services.registry.model.imports.findings import Line, Unreadable
from services.registry.model.imports.limits import LONGEST_CELL

_DELIMITERS = ",\t;"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def decoded(content: bytes) -> str:
    """The text of a file in UTF-8 or Shift_JIS (as Windows writes it)."""
    if content.startswith(_UTF_16):
        raise _encoding("UTF-16 のファイルです。")
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError as why:
            row = content.count(b"\n", 0, why.start) + 1
    raise _encoding(f"{row}行目に読み取れない文字があります。")


def _encoding(what: str) -> Unreadable:
    return Unreadable(
        "encoding-unknown",
        f"{what}「CSV UTF-8」か Shift_JIS の形式で保存し直してください。",
    )


def expected_rows(text: str) -> int:
    """About how many rows there are, for showing how far reading has come."""
    return max(text.count("\n"), text.count("\r")) + (not text.endswith(("\n", "\r")))


def lines_of(text: str) -> Iterator[Line]:
    """The rows of a file, in quotes or not, whatever ends its lines."""
    csv.field_size_limit(LONGEST_CELL)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    number = 0
    try:
        for cells in rows:
            number += 1
            yield Line(number, cells)
    except csv.Error as why:
        raise _broken(number + 1, str(why)) from None


def _delimiter(text: str) -> str:
    head = text[:4096].splitlines()[:1]
    return max(_DELIMITERS, key=head[0].count) if head else ","


def _broken(row: int, why: str) -> Unreadable:
    if "field larger" in why:
        detail = f"{row}行目に長すぎる値があります。1つの値は{LONGEST_CELL:,}文字までです。"
        return Unreadable("cell-too-long", detail)
    detail = f'{row}行目の引用符（"）が閉じていないか、値の途中にあります。直してから選び直してください。'
    return Unreadable("quotes-open", detail)
