"""How many have applied, day by day, over the same days as what is left: points of a drawing and a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from gateway.portal.burndown import HIGH, Course

_LEFT, _TOP, _FOOT, _EDGE, _WEEK = 64, 12, 30, 12, 7


@dataclass(frozen=True, slots=True)
class Curve:
    """One width of the drawing."""

    wide: int
    high: int
    line: str
    #: Height and words of each line of the grid.
    grid: tuple[tuple[float, str], ...]
    today: float
    bottom: float
    first: str
    last: str


def applied_by_day(told: Sequence[tuple[date, int]], course: Course) -> tuple[int, ...]:
    """How many had applied by the end of each day of a course; a day on which nobody did has as many as before."""
    known, applied, found = dict(told), 0, []
    for day, _ in course.days:
        applied = known.get(day, applied)
        found.append(applied)
    return tuple(found)


def finding(applied: Sequence[int]) -> str:
    """What the drawing says, in a sentence."""
    if not applied or applied[-1] == 0:
        return "申込みはまだありません。"
    before = applied[-_WEEK - 1] if len(applied) > _WEEK else 0
    return (
        f"これまでに{applied[-1]:,}件、この7日間に{applied[-1] - before:,}件の申込みがありました。"
    )


def curve(applied: Sequence[int], course: Course, wide: int) -> Curve:
    """The drawing of a course in one width."""
    begins, today = course.days[0][0], course.days[-1][0]
    ends = max(course.until, today, begins + timedelta(days=1))
    span, bottom, top = (ends - begins).days, HIGH - _FOOT, max(*applied, 2)

    def x(day: date) -> float:
        return round(_LEFT + (wide - _LEFT - _EDGE) * (day - begins).days / span, 1)

    def y(count: float) -> float:
        return round(_TOP + (bottom - _TOP) * (1 - count / top), 1)

    days = zip(course.days, applied, strict=True)
    return Curve(
        wide=wide,
        high=HIGH,
        line=" ".join(f"{x(day)},{y(count)}" for (day, _), count in days),
        grid=tuple((y(count), f"{count:,}件") for count in (0, top // 2, top)),
        today=x(today),
        bottom=bottom,
        first=f"{begins.month}/{begins.day}",
        last=f"{ends.month}/{ends.day}",
    )
