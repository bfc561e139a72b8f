"""The business calendar: when the secretariat's desk is open, and on which day something is due."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import jpholiday

from chassis.clock import JAPAN
from chassis.refusal import FieldError, Invalid

OPENS, CLOSES = time(9), time(18)
_MOST_DAYS_AHEAD = 400


@dataclass(frozen=True, slots=True)
class Exceptional:
    """A day that differs from what week and holidays say; without hours it is closed."""

    day: date
    opens: time | None
    closes: time | None
    reason: str


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the desk; without hours it is closed, and ``reason`` says why."""

    day: date
    opens: time | None
    closes: time | None
    reason: str


Exceptions = Mapping[date, Exceptional]


def closed_because(day: date) -> str:
    """Why the desk is closed on a day by week, holidays and the turn of the year; empty when it is not."""
    if (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3):
        return "年末年始"
    if day.weekday() >= 5:
        return "土日"
    holiday = jpholiday.is_holiday_name(day)
    return f"祝日（{holiday}）" if holiday else ""


def day_at(day: date, exceptions: Exceptions) -> Day:
    """The hours of a day."""
    other = exceptions.get(day)
    if other is not None:
        return Day(day, other.opens, other.closes, other.reason)
    reason = closed_because(day)
    return Day(day, None, None, reason) if reason else Day(day, OPENS, CLOSES, "")


def is_open(at: datetime, exceptions: Exceptions) -> bool:
    """Whether somebody answers at this instant."""
    local = at.astimezone(JAPAN)
    hours = day_at(local.date(), exceptions)
    return (
        hours.opens is not None
        and hours.closes is not None
        and hours.opens <= local.time() < hours.closes
    )


def next_opening(at: datetime, exceptions: Exceptions) -> datetime:
    """The next instant from which somebody answers."""
    first = at.astimezone(JAPAN).date()
    for n in range(_MOST_DAYS_AHEAD):
        hours = day_at(first + timedelta(days=n), exceptions)
        if hours.opens is None:
            continue
        opening = datetime.combine(hours.day, hours.opens, JAPAN)
        if opening > at:
            return opening
    raise ValueError("the desk never opens again")


def due_on(day: date, working_days: int, exceptions: Exceptions) -> date:
    """The last day of a term of so many working days; the day itself is not counted."""
    for n in range(1, _MOST_DAYS_AHEAD * 2):
        after = day + timedelta(days=n)
        working_days -= day_at(after, exceptions).opens is not None
        if working_days <= 0:
            return after
    raise ValueError("the term is longer than the calendar")


def exceptional(
    day: date, opens: str | None, closes: str | None, reason: str, *, today: date
) -> Exceptional:
    """An exception that was typed, if it can be one."""
    errors = []
    begin, end = _time(opens), _time(closes)
    if (begin is None) != (end is None) or (begin and end and end <= begin):
        detail = "受付時間は、始まりより後に終わる時刻を 9:00 のように入れてください。"
        errors.append(FieldError("closes", "ends_before_start", detail))
    if not today - timedelta(days=1) < day <= today + timedelta(days=_MOST_DAYS_AHEAD):
        detail = "日は、今日から1年以内にしてください。"
        errors.append(FieldError("day", "day_refused", detail))
    if errors:
        raise Invalid("fields-invalid", errors[0].detail, errors=errors)
    return Exceptional(day, begin, end, reason)


def _time(typed: str | None) -> time | None:
    return time.fromisoformat(typed) if typed else None
