"""The cells of a workbook, row by row, as they come out of the archive."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from xml.parsers import expat

from services.registry.model.imports.findings import Flaw, Line, Unreadable
from services.registry.model.imports.limits import LONGEST_CELL, MOST_COLUMNS
from services.registry.model.imports.numbers import PLAIN, Style, number_in_words
from services.registry.model.imports.workbook import Workbook, local, unreadable

_LETTERS = re.compile(r"[A-Z]{1,3}")
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_DIGITS = "0123456789"
_FORMULA = "計算式は受け取れません。値だけを貼り付けてください。"
_MERGED = "結合したセルは受け取れません。結合を解除してください。"
_ERROR = "Excelの計算エラーが入っています。値を入れ直してください。"
_MOST_MERGED = 1_000


def place_of(reference: str) -> tuple[int, int]:
    """Row from 1 and column from 0 of ``B12``."""
    found = _PLACE.fullmatch(reference)
    if found is None:
        raise unreadable()
    return int(found[2]), _column_of(found[1])


@cache
def _column_of(letters: str) -> int:
    """Column from 0 of ``B``; there are 18,278 of them at most."""
    if not _LETTERS.fullmatch(letters):
        raise unreadable()
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return column - 1


def lines_in(book: Workbook) -> Iterator[Line]:
    """The rows of the one sheet that holds something; merged ranges come last, as flaws of their rows."""
    first: str | None = None
    for sheet in book.sheets:
        for line in _lines(book, sheet):
            if line.is_empty:
                continue
            if first not in (None, sheet):
                raise Unreadable(
                    "sheets-too-many",
                    "2枚以上のシートに値があります。取り込むシートを1枚だけにしてください（隠れたシートも数えます）。",
                )
            first = sheet
            yield line


def expected_rows_in(book: Workbook) -> int:
    """About how many rows there are, as the first sheet itself says; 0 where it does not."""
    cells = _Cells(book)
    for _ in book.archive.read_into(book.sheets[0], cells.parser()):
        break
    return cells.expected


def _lines(book: Workbook, sheet: str) -> Iterator[Line]:
    cells = _Cells(book)
    for _ in book.archive.read_into(sheet, cells.parser()):
        yield from cells.lines
        cells.lines.clear()
    merged: dict[int, list[Flaw]] = {}
    for row, column in cells.merged:
        merged.setdefault(row, []).append(Flaw(column, "merged", _MERGED))
    yield from (Line(row, [], flaws) for row, flaws in sorted(merged.items()))


@dataclass(slots=True)
class _Cells:
    """Takes what the parser finds in a sheet and makes rows of it."""

    book: Workbook
    lines: list[Line] = field(default_factory=list)
    merged: list[tuple[int, int]] = field(default_factory=list)
    expected: int = 0
    _row: int = 0
    _column: int = -1
    _cells: list[str] = field(default_factory=list)
    _flaws: list[Flaw] = field(default_factory=list)
    _type: str = ""
    _style: str | None = None
    _text: list[str] = field(default_factory=list)
    _taking: bool = False
    _reading: bool = False

    def parser(self) -> "expat.XMLParserType":
        """A parser that tells this."""
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._words
        return parser

    def _begin(self, name: str, given: dict[str, str]) -> None:
        if ":" in name:
            name = local(name)
        if name == "c":
            self._cell(given)
        elif name in ("v", "t"):
            self._taking = not self._reading
        elif name == "row":
            self._next_row(given.get("r"))
        elif name == "f":
            self._flaw("formula", _FORMULA)
        elif name == "rPh":
            self._reading = True
        elif name == "mergeCell" and len(self.merged) < _MOST_MERGED:
            self.merged.append(place_of(given.get("ref", "").partition(":")[0]))
        elif name == "dimension":
            last = given.get("ref", "").rpartition(":")[2]
            self.expected = place_of(last)[0] if _PLACE.fullmatch(last) else 0

    def _next_row(self, number: str | None) -> None:
        row = int(number) if number else self._row + 1
        if row <= self._row:
            raise unreadable()
        self._row, self._column = row, -1
        self._cells, self._flaws = [], []

    def _cell(self, given: dict[str, str]) -> None:
        reference = given.get("r")
        column = _column_of(reference.rstrip(_DIGITS)) if reference else self._column + 1
        if column <= self._column:
            raise unreadable()
        self._column, self._type = column, given.get("t", "n")
        self._style = given.get("s")
        self._text.clear()

    def _words(self, data: str) -> None:
        if self._taking:
            self._text.append(data)

    def _end(self, name: str) -> None:
        if ":" in name:
            name = local(name)
        if name == "c":
            self._close_cell()
        elif name in ("v", "t"):
            self._taking = False
        elif name == "row":
            self.lines.append(Line(self._row, self._cells, self._flaws))
        elif name == "rPh":
            self._reading = False

    def _close_cell(self) -> None:
        value = self._value("".join(self._text))
        if value == "" and not self._flaws:
            return
        if self._column >= MOST_COLUMNS:
            detail = f"列が多すぎます。{MOST_COLUMNS}列までにしてください。"
            raise Unreadable("columns-too-many", detail)
        if len(value) > LONGEST_CELL:
            detail = (
                f"{self._row}行目に長すぎる値があります。1つの値は{LONGEST_CELL:,}文字までです。"
            )
            raise Unreadable("cell-too-long", detail)
        self._cells.extend([""] * (self._column - len(self._cells)))
        self._cells.append(value)

    def _value(self, text: str) -> str:
        if self._type == "s":
            if text == "":
                return ""
            try:
                return self.book.texts[int(text)]
            except (ValueError, IndexError):
                raise unreadable() from None
        if self._type == "e":
            self._flaw("error", _ERROR)
            return text
        if self._type != "n" or text == "":
            return {"1": "TRUE", "0": "FALSE"}.get(text, text) if self._type == "b" else text
        found = number_in_words(text, self._meant(), from_1904=self.book.from_1904)
        if found is None:
            raise unreadable()
        return found

    def _meant(self) -> Style:
        known, style = self.book.styles, self._style
        return known[int(style)] if style and int(style) < len(known) else PLAIN

    def _flaw(self, code: str, detail: str) -> None:
        self._flaws.append(Flaw(max(self._column, 0), code, detail))
