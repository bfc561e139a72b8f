"""Numbers of a workbook as people see them: days, and numbers shown with zeros in front."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

_DAYS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_WHOLE = re.compile(r"-?[0-9]{1,15}")
_ZEROS = re.compile(r"0{2,32}")
_NOT_LETTERS = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')
_EPOCH, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001 - days of a calendar
_LAST_DAY = 2_958_465


@dataclass(frozen=True, slots=True)
class Style:
    """What a cell's number format makes of its number."""

    is_day: bool = False
    #: Digits a whole number is filled up to with zeros.
    digits: int = 0


PLAIN = Style()


def styles_of(elements: Sequence[tuple[str, dict[str, str]]]) -> list[Style]:
    """The styles of a workbook, in the order cells name them."""
    formats: dict[str, str] = {}
    styles: list[Style] = []
    in_cells = False
    for name, given in elements:
        if name == "numFmt":
            formats[given.get("numFmtId", "")] = given.get("formatCode", "")
        elif name in ("cellXfs", "cellStyleXfs", "cellStyles", "dxfs"):
            in_cells = name == "cellXfs"
        elif name == "xf" and in_cells:
            styles.append(_style(given.get("numFmtId", "0"), formats))
    return styles


def _style(number: str, formats: dict[str, str]) -> Style:
    code = formats.get(number)
    if code is None:
        return Style(is_day=True) if number.isdecimal() and int(number) in _DAYS else PLAIN
    if _ZEROS.fullmatch(code):
        return Style(digits=len(code))
    letters = _NOT_LETTERS.sub("", code).lower()
    return Style(is_day=bool(set(letters) & set("ymdhg")))


def number_in_words(value: str, style: Style, *, from_1904: bool) -> str | None:
    """The text of a number; None where it is none."""
    if _WHOLE.fullmatch(value) and not style.is_day:
        return _filled(value, style)
    try:
        number = float(value)
    except ValueError:
        return None
    if not math.isfinite(number):
        return None
    if style.is_day:
        return _day(number, _EPOCH_1904 if from_1904 else _EPOCH)
    if number.is_integer() and abs(number) < 10**15:
        return _filled(str(int(number)), style)
    return repr(number)


def _filled(whole: str, style: Style) -> str:
    return whole.zfill(style.digits) if style.digits else whole


def _day(number: float, epoch: datetime) -> str | None:
    if not 0 <= number <= _LAST_DAY:
        return None
    instant = epoch + timedelta(seconds=round(number * 86_400))
    plain: date | datetime = instant.date() if number.is_integer() else instant
    return plain.isoformat(*([] if number.is_integer() else [" ", "minutes"]))
