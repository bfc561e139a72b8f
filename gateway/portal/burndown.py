"""What is left of a budget, day by day, with where the present pace leads: points of a drawing and a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from statistics import median

from gateway.portal.review_words import man_yen

HIGH, _LEFT, _TOP, _FOOT = 190, 64, 12, 30
_PACE_DAYS = 14


@dataclass(frozen=True, slots=True)
class Burndown:
    """One width of the drawing."""

    wide: int
    high: int
    #: What was left, as a line and as the area under it.
    line: str
    area: str
    #: Where the pace of the last two weeks leads; empty when nothing follows.
    forecast: str
    #: Height and words of each line of the grid.
    grid: tuple[tuple[float, str], ...]
    today: float
    bottom: float
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Course:
    """Days with what was left at their end, from the first to today, and the last day to apply."""

    days: tuple[tuple[date, int], ...]
    until: date
    funded: int

    @property
    def left(self) -> int:
        """What is left now."""
        return self.days[-1][1]

    @property
    def pace(self) -> float:
        """Yen a day: the median of the last two weeks."""
        lefts = [yen for _, yen in self.days[-_PACE_DAYS - 1 :]]
        spent = [before - after for before, after in pairwise(lefts)]
        return max(float(median(spent)), 0.0) if spent else 0.0

    @property
    def finding(self) -> str:
        """What the drawing says, in a sentence."""
        today = self.days[-1][0]
        ahead = (self.until - today).days
        if self.left <= 0:
            return "予算はすべて使いみちが決まっています。"
        if ahead <= 0:
            return f"受付は終わりました。{man_yen(self.left)}残っています。"
        if self.pace == 0:
            return f"この2週間は、ほとんど減っていません。{man_yen(self.left)}残っています。"
        lasts = int(self.left / self.pace)
        if lasts < ahead:
            end = today + timedelta(days=lasts)
            return f"いまの速さなら、{end.month}月{end.day}日ごろ予算がなくなる見込みです。"
        rest = int(self.left - self.pace * ahead)
        return f"いまの速さなら、締切に約{man_yen(rest)}残ります。"


def course_of(
    told: Sequence[tuple[date, int]], *, since: date, today: date, until: date, funded: int
) -> Course:
    """Every day from the first on which people apply until today; a day without movement leaves what there was."""
    known = dict(told)
    first = min([*known, since, today])
    days, left = [], funded
    for number in range((today - first).days + 1):
        day = first + timedelta(days=number)
        left = known.get(day, left)
        days.append((day, left))
    return Course(tuple(days), until, funded)


def burndown(course: Course, wide: int) -> Burndown:
    """The drawing of a course in one width."""
    begins, today = course.days[0][0], course.days[-1][0]
    ends = max(course.until, today, begins + timedelta(days=1))
    span, top = (ends - begins).days, max(course.funded, 1)
    bottom = HIGH - _FOOT

    def x(day: date) -> float:
        return round(_LEFT + (wide - _LEFT - 12) * (day - begins).days / span, 1)

    def y(yen: float) -> float:
        return round(_TOP + (bottom - _TOP) * (1 - min(max(yen / top, 0.0), 1.0)), 1)

    line = " ".join(f"{x(day)},{y(yen)}" for day, yen in course.days)
    rest = course.left - course.pace * (ends - today).days
    ahead = f"{x(today)},{y(course.left)} {x(ends)},{y(rest)}" if ends > today else ""
    return Burndown(
        wide=wide,
        high=HIGH,
        line=line,
        area=f"{x(begins)},{bottom} {line} {x(today)},{bottom}",
        forecast=ahead,
        grid=tuple((y(top * part / 2), man_yen(top * part // 2)) for part in (0, 1, 2)),
        today=x(today),
        bottom=bottom,
        first=f"{begins.month}/{begins.day}",
        last=f"{ends.month}/{ends.day}",
    )
