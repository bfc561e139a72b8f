"""What reading a file comes to: rows, what must be mended in them, or why there are none."""

import re
from dataclasses import dataclass, field

#: How much of a value is shown beside what to do about it.
_SHOWN = 40
_UNSHOWN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ue000-\uf8ff]"
)


class Unreadable(Exception):
    """The whole file cannot be taken; ``code`` is stable, ``detail`` says what to do."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Flaw:
    """A cell that holds no plain value: a formula, a merged range, an error of the spreadsheet's own."""

    place: int
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a file, numbered as spreadsheet programs number it."""

    number: int
    cells: list[str]
    flaws: list[Flaw] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands in it."""
        for cell in self.cells:
            if cell and not cell.isspace():
                return False
        return not self.flaws


@dataclass(frozen=True, slots=True)
class Mistake:
    """What to mend, in which cell."""

    row: int
    column: str
    value: str
    code: str
    detail: str


def shown(value: str) -> str:
    """A value short enough to stand in a table, without what cannot be seen there."""
    seen = _UNSHOWN.sub("□", value)
    return seen if len(seen) <= _SHOWN else seen[: _SHOWN - 1] + "…"


def unusable(value: str) -> bool:
    """Whether something stands in it that nobody could read back: control characters, 外字."""
    if value.isascii() and value.isprintable():
        return False
    return bool(_UNSHOWN.search(value.replace("\r\n", " ").replace("\n", " ").replace("\t", " ")))
