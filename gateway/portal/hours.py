"""When the secretariat answers the phone: weekdays 9:00–18:00, not on holidays and not at the turn of the year.

Scheduling decides, and knows of single days that differ; this is what every page can say without asking.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import jpholiday

from chassis.clock import JAPAN, now
from gateway.portal.words import short_day

PHONE = "03-0000-0000"
OPENS, CLOSES = time(9), time(18)


@dataclass(frozen=True, slots=True)
class DayHours:
    """One day of the desk: open, or closed and why."""

    day: date
    #: 9:00 and 18:00 as scheduling writes them; None when closed.
    opens: str | None
    closes: str | None
    reason: str


def closed_because(day: date) -> str | None:
    """Why nobody answers on this day; None when somebody does."""
    if (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3):
        return "年末年始"
    if day.weekday() >= 5:
        return "土日"
    holiday = jpholiday.is_holiday_name(day)
    return f"祝日（{holiday}）" if holiday else None


def is_open(at: datetime) -> bool:
    """Whether somebody answers at this instant."""
    local = at.astimezone(JAPAN)
    return closed_because(local.date()) is None and OPENS <= local.time() < CLOSES


def next_opening(at: datetime) -> datetime:
    """The next instant from which somebody answers."""
    local = at.astimezone(JAPAN)
    day = local.date() if local.time() < OPENS else local.date() + timedelta(days=1)
    while closed_because(day) is not None:
        day += timedelta(days=1)
    return datetime.combine(day, OPENS, JAPAN)


def open_now(at: datetime | None = None) -> tuple[bool, str]:
    """Whether the desk is open, and the words a page says about it."""
    at = at or now()
    if is_open(at):
        return True, "ただいま受付中"
    opening = next_opening(at)
    return False, f"次は{short_day(opening)}{opening.hour}:{opening.minute:02d}から"


def week(first: date) -> list[DayHours]:
    """The next seven days."""
    days = [first + timedelta(days=n) for n in range(7)]
    return [_hours(day) for day in days]


def _hours(day: date) -> DayHours:
    reason = closed_because(day)
    opens, closes = (None, None) if reason else (f"{OPENS:%H:%M}", f"{CLOSES:%H:%M}")
    return DayHours(day, opens, closes, reason or "")
