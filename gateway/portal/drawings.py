"""Figures as drawings: geometry in attributes, looks in classes, words beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis.clock import JAPAN

WIDE, HIGH = 120, 28


def sparkline(totals: Sequence[int]) -> str:
    """The points of a small line from the first figure to the last; from zero, so that growth is honest."""
    if len(totals) < 2:
        return ""
    top = max(*totals, 1)
    step = (WIDE - 6) / (len(totals) - 1)
    return " ".join(
        f"{3 + n * step:.1f},{HIGH - 3 - (HIGH - 6) * total / top:.1f}"
        for n, total in enumerate(totals)
    )


@dataclass(frozen=True, slots=True)
class Span:
    """A bar of a time chart: where it stands in its row, in units of the drawing."""

    x: float
    wide: float
    y: int


@dataclass(frozen=True, slots=True)
class TimeChart:
    """Rows of spans on one time axis, the first of each month, and today where it lies within."""

    wide: int
    high: int
    spans: tuple[Span, ...]
    #: Behind all rows.
    bands: tuple[Span, ...]
    months: tuple[tuple[float, str], ...]
    today: float | None


#: Height of a row: its name above its bar; and of the axis below the last one.
ROW, AXIS = 44, 26
_LEAST, _LEAST_BAND = 3.0, 6.0


def time_chart(
    spans: Sequence[tuple[datetime, datetime]],
    now: datetime,
    wide: int,
    bands: Sequence[tuple[datetime, datetime]] = (),
) -> TimeChart:
    """Where the spans stand on an axis from the first beginning to the last end."""
    begins, ends = min(s[0] for s in spans), max(s[1] for s in spans)
    whole = max((ends - begins).total_seconds(), 1.0)

    def at(instant: datetime) -> float:
        part = (instant - begins).total_seconds() / whole
        return round(min(max(part, 0.0), 1.0) * (wide - 2) + 1, 1)

    def bar(one: tuple[datetime, datetime], y: int, least: float) -> Span:
        return Span(at(one[0]), max(round(at(one[1]) - at(one[0]), 1), least), y)

    months = [(at(month), f"{month.month}月") for month in _months(begins, ends)]
    apart = [m for n, m in enumerate(months) if n % (len(months) // (wide // 44) + 1) == 0]
    return TimeChart(
        wide,
        len(spans) * ROW + AXIS,
        tuple(bar(one, n * ROW + 22, _LEAST) for n, one in enumerate(spans)),
        tuple(bar(one, 0, _LEAST_BAND) for one in bands),
        tuple(apart),
        at(now) if begins <= now <= ends else None,
    )


def _months(begins: datetime, ends: datetime) -> list[datetime]:
    first = begins.astimezone(JAPAN).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    found = []
    for number in range(1, 60):
        year, month = divmod(first.month - 1 + number, 12)
        one = first.replace(year=first.year + year, month=month + 1)
        if one >= ends:
            break
        found.append(one)
    return found


@dataclass(frozen=True, slots=True)
class Tick:
    """One day of a strip: full height when all was well, half when something rested."""

    x: int
    y: int
    high: int
    rested: bool


def strip(rested: Sequence[bool]) -> tuple[Tick, ...]:
    """A tick a day, 3 wide with a gap of 1, the latest on the right."""
    return tuple(Tick(n * 4, 12 if r else 0, 12 if r else 24, r) for n, r in enumerate(rested))
