"""When the secretariat answers the phone: weekdays 9:00–18:00, not on holidays and not at the turn of the year.

Scheduling decides and knows of single days that differ; the door keeps those (``gateway/edge/desk.py``), so that every
page can say whether somebody answers without asking. Week and holidays are known here, too, for when it is away.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Self

import jpholiday

from chassis.clock import JAPAN, now
from gateway.portal.words import short_day

PHONE = "03-0000-0000"
OPENS, CLOSES = time(9), time(18)
#: Longer than any rest the desk takes; after that a page says no day.
_MOST_DAYS_AHEAD = 62


@dataclass(frozen=True, slots=True)
class DayHours:
    """One day of the desk: open, or closed and why."""

    day: date
    #: 09:00 and 18:00 as scheduling writes them; None when closed.
    opens: str | None
    closes: str | None
    reason: str

    @classmethod
    def told(cls, day: date, opens: str | None, closes: str | None, reason: str) -> Self:
        """A day as scheduling tells it; ``ValueError`` if that is none."""
        found = cls(day, opens, closes, reason)
        if (found.begins is None) != (found.ends is None):
            raise ValueError(f"hours without {'an end' if opens else 'a beginning'}")
        return found

    @property
    def begins(self) -> datetime | None:
        """From when somebody answers on it."""
        return self._at(self.opens)

    @property
    def ends(self) -> datetime | None:
        """Until when somebody answers on it."""
        return self._at(self.closes)

    def _at(self, clock: str | None) -> datetime | None:
        return datetime.combine(self.day, time.fromisoformat(clock), JAPAN) if clock else None


#: Days that differ from what week and holidays say.
Differing = Mapping[date, DayHours]
_NONE: Differing = {}


def closed_because(day: date) -> str | None:
    """Why nobody answers on a day by week, holidays and the turn of the year; None when somebody does."""
    if (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3):
        return "年末年始"
    if day.weekday() >= 5:
        return "土日"
    holiday = jpholiday.is_holiday_name(day)
    return f"祝日（{holiday}）" if holiday else None


def day_at(day: date, differing: Differing = _NONE) -> DayHours:
    """The hours of a day."""
    other = differing.get(day)
    if other is not None:
        return other
    reason = closed_because(day)
    opens, closes = (None, None) if reason else (f"{OPENS:%H:%M}", f"{CLOSES:%H:%M}")
    return DayHours(day, opens, closes, reason or "")


def next_opening(at: datetime, differing: Differing = _NONE) -> datetime | None:
    """The next instant from which somebody answers; None if none is in sight."""
    first = at.astimezone(JAPAN).date()
    for n in range(_MOST_DAYS_AHEAD):
        begins = day_at(first + timedelta(days=n), differing).begins
        if begins is not None and begins > at:
            return begins
    return None


def open_now(at: datetime | None = None, differing: Differing = _NONE) -> tuple[bool, str]:
    """Whether the desk is open, and the words a page says about it."""
    at = at or now()
    today = day_at(at.astimezone(JAPAN).date(), differing)
    if today.begins is not None and today.ends is not None and today.begins <= at < today.ends:
        until = f"（今日は{_clock(today.ends)}まで）" if today.day in differing else ""
        return True, f"ただいま受付中{until}"
    opening = next_opening(at, differing)
    if opening is None:
        return False, "ただいま受付時間外"
    return False, f"次は{short_day(opening)}{_clock(opening)}から"


def week(first: date, differing: Differing = _NONE) -> list[DayHours]:
    """The next seven days."""
    return [day_at(first + timedelta(days=n), differing) for n in range(7)]


def _clock(at: datetime) -> str:
    return f"{at.hour}:{at.minute:02d}"
