"""Rows against the columns of their kind: the first is the heading, each other is right or says what to mend."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from chassis.individual_number import DETAIL as INDIVIDUAL_NUMBER
from chassis.individual_number import holds_individual_number
from services.registry.model.imports.columns import (
    TARGET_COLUMNS,
    Column,
    ImportKind,
    Wrong,
    folded,
)
from services.registry.model.imports.findings import Line, Mistake, Unreadable, shown, unusable
from services.registry.model.imports.limits import MOST_COLUMNS, MOST_MEASURES, MOST_ROWS
from services.registry.model.imports.measures import MEASURE_COLUMNS

COLUMNS = {ImportKind.TARGETS: TARGET_COLUMNS, ImportKind.MEASURES: MEASURE_COLUMNS}
_MOST = {ImportKind.TARGETS: MOST_ROWS, ImportKind.MEASURES: MOST_MEASURES}
_FORMULA = ("=", "＝")
_HIDDEN = "（表示しません）"


@dataclass(frozen=True, slots=True)
class Checked:
    """A row that is right."""

    row: int
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Faulty:
    """A row that must be mended, as it came but for what must not be repeated."""

    row: int
    cells: list[str]
    mistakes: list[Mistake]


@dataclass(slots=True)
class Table:
    """Reads the rows of one file."""

    kind: ImportKind
    headings: list[str] = field(default_factory=list)
    _columns: list[Column | None] = field(default_factory=list)
    _seen: dict[str, dict[str, int]] = field(default_factory=dict)

    def read(self, lines: Iterator[Line]) -> Iterator[Checked | Faulty]:
        """What is in each row below the heading; empty rows are passed over."""
        filled = (line for line in lines if not line.is_empty)
        head = next(filled, None)
        if head is None:
            raise Unreadable(
                "file-empty", "値がありません。1行目に見出し、2行目から値を入れてください。"
            )
        self._take_headings(head)
        count = 0
        for line in filled:
            count += 1
            if count > _MOST[self.kind]:
                detail = f"一度に取り込めるのは{_MOST[self.kind]:,}行までです。ファイルを分けてください。"
                raise Unreadable("rows-too-many", detail)
            yield self._row(line)
        if count == 0:
            raise Unreadable(
                "file-empty", "見出しのほかに値がありません。2行目から入れてください。"
            )

    def _take_headings(self, head: Line) -> None:
        self.headings = [folded(cell) for cell in head.cells]
        while self.headings and not self.headings[-1]:
            self.headings.pop()
        if len(self.headings) > MOST_COLUMNS:
            detail = f"列が多すぎます。{MOST_COLUMNS}列までにしてください。"
            raise Unreadable("columns-too-many", detail)
        if head.flaws:
            raise Unreadable("heading-unusable", f"1行目の見出し：{head.flaws[0].detail}")
        known = {folded(n): c for c in COLUMNS[self.kind] for n in (c.heading, *c.others)}
        self._columns = [known.get(name) for name in self.headings]
        self._refuse_headings()
        self._seen = {c.key: {} for c in self._columns if c is not None and c.unique}

    def _refuse_headings(self) -> None:
        wanted = COLUMNS[self.kind]
        found = [c for c in self._columns if c is not None]
        everything = "、".join(c.heading for c in wanted)
        odd = [n for n, c in zip(self.headings, self._columns, strict=True) if n and c is None]
        if odd:
            what = f"見出し「{shown(_safe(odd[0]))}」は使いません。"
            raise Unreadable("heading-unknown", f"{what}使える見出しは、{everything}です。")
        twice = next((c for c in found if found.count(c) > 1), None)
        if twice is not None:
            raise Unreadable(
                "heading-doubled", f"見出し「{twice.heading}」が2つあります。1つにしてください。"
            )
        missing = next((c for c in wanted if c.needed and c not in found), None)
        if missing is not None:
            what = f"見出し「{missing.heading}」がありません。"
            raise Unreadable("heading-missing", f"{what}1行目に見出しを入れてください。")

    def _row(self, line: Line) -> Checked | Faulty:
        values: dict[str, Any] = {}
        mistakes = [
            Mistake(line.number, self._heading(flaw.place), "", flaw.code, flaw.detail)
            for flaw in line.flaws
        ]
        flawed = {flaw.place for flaw in line.flaws}
        cells = line.cells
        if line.cells:
            for place, column in enumerate(self._columns):
                if place not in flawed:
                    cell = cells[place].strip() if place < len(cells) else ""
                    wrong = self._cell(line.number, place, column, cell, values)
                    mistakes += [wrong] if wrong else []
        for place in range(len(self._columns), len(cells)):
            if cells[place].strip():
                detail = "見出しのない列に値があります。見出しを入れるか、値を消してください。"
                mistakes.append(
                    _mistake(line.number, self._heading(place), cells[place], "beyond", detail)
                )
        if mistakes:
            return Faulty(line.number, [_safe(cell) for cell in cells], mistakes)
        return Checked(line.number, values)

    def _cell(
        self, row: int, place: int, column: Column | None, cell: str, values: dict[str, Any]
    ) -> Mistake | None:
        if cell == "":
            if column is None or not column.needed:
                return None
            return Mistake(row, column.heading, "", "empty", f"{column.heading}を入れてください。")
        try:
            if column is None:
                raise Wrong(
                    "beyond", "見出しのない列に値があります。見出しを入れるか、値を消してください。"
                )
            values[column.key] = found = _read(column, cell)
            if column.unique:
                self._refuse_twice(column, row, str(found))
        except Wrong as why:
            return _mistake(row, self._heading(place), cell, why.code, why.detail)
        return None

    def _refuse_twice(self, column: Column, row: int, found: str) -> None:
        first = self._seen[column.key].setdefault(found.casefold(), row)
        if first != row:
            raise Wrong(
                "doubled", f"{first}行目と同じ{column.heading}です。どちらかを消してください。"
            )

    def _heading(self, place: int) -> str:
        named = self.headings[place] if place < len(self.headings) else ""
        return named or f"{place + 1}列目"


def _read(column: Column, cell: str) -> Any:
    if holds_individual_number(cell):
        raise Wrong("individual_number", INDIVIDUAL_NUMBER)
    if unusable(cell):
        raise Wrong(
            "text_unusable", "使えない文字（制御文字や外字）が入っています。取り除いてください。"
        )
    if cell.startswith(_FORMULA):
        raise Wrong("formula", "計算式は受け取れません。値だけにしてください。")
    return column.read(cell)


def _mistake(row: int, heading: str, cell: str, code: str, detail: str) -> Mistake:
    return Mistake(row, heading, shown(_safe(cell)), code, detail)


def _safe(cell: str) -> str:
    """A value that may be shown again: no 個人番号 ever is."""
    return _HIDDEN if holds_individual_number(cell) else cell
