"""Rows of texts as files that spreadsheet programs open without calculating anything."""

import csv
import io
from collections.abc import Iterable, Sequence

#: What a spreadsheet would take for the beginning of a formula, in both widths.
_FORMULA = tuple("=+-@\t\r＝＋－＠")


def guarded(text: str) -> str:
    """The text, made harmless where a spreadsheet would calculate it."""
    dangerous = text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA)
    return "'" + text if dangerous else text


def rows_csv(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Comma-separated values with a byte order mark, as Japanese spreadsheets expect them, each made harmless."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([guarded(heading) for heading in headings])
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()
