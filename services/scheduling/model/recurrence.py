"""Windows that come back: a rule of iCalendar that ends, written out as instants.

Days are gone through period by period and no further than the longest rule reaches: a rule that fits no day at all
ends as soon as any other.
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from icalendar import vRecur

from services.scheduling.model.findings import Findings

MOST_TIMES = 36
_FURTHEST = timedelta(days=1096)
_PARTS = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYSETPOS"})
_SHAPE = re.compile(r"[A-Z0-9=;,+:-]{1,200}")
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_MOST_WEEKS, _MOST_DAYS, _MOST_PERIODS = 5, 31, 200


def zone_of(found: Findings, name: str) -> ZoneInfo:
    """The time zone of this name; only zones that exist are taken."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        detail = "このタイムゾーンはありません。Asia/Tokyo のように入れてください。"
        found.wrong("zone", "zone_unknown", detail)
        return ZoneInfo("Asia/Tokyo")


def occurrences(rule: str, first: datetime, zone: str = "Asia/Tokyo") -> list[datetime]:
    """When a rule brings something back, the first time included; a rule without an end is refused."""
    found = Findings()
    there = zone_of(found, zone)
    local = first.astimezone(there).replace(tzinfo=None)
    parts = _parts(found, rule)
    found.settle()
    times = _written_out(found, parts, local, there)
    found.settle()
    return [t.replace(tzinfo=there).astimezone(UTC) for t in times]


def _parts(found: Findings, rule: str) -> vRecur:
    parts = vRecur()
    try:
        parts = vRecur.from_ical(rule) if _SHAPE.fullmatch(rule) else parts
    except (ValueError, KeyError):
        parts = vRecur()
    if not parts or set(parts) - _PARTS or not _is_in_bounds(parts):
        detail = "くり返しは FREQ=MONTHLY;BYDAY=3TU;COUNT=6 のような形で入れてください。"
        found.wrong("rule", "rule_shape", detail)
    elif "COUNT" not in parts and "UNTIL" not in parts:
        detail = "くり返しには終わり（COUNT か UNTIL）を入れてください。"
        found.wrong("rule", "rule_endless", detail)
    return parts


def _is_in_bounds(parts: vRecur) -> bool:
    """Whether it is a rule of ours, and every number and day in it can mean something."""
    freq = parts.get("FREQ", [""])[0]
    weeks = _MOST_WEEKS if freq == "MONTHLY" else 0
    return (
        freq in ("WEEKLY", "MONTHLY")
        and 0 < _interval(parts) <= _MOST_PERIODS
        and all(isinstance(last, date) for last in parts.get("UNTIL", ()))
        and all(abs(day.relative or 0) <= weeks for day in parts.get("BYDAY", ()))
        and all(0 < abs(day) <= _MOST_DAYS for day in parts.get("BYMONTHDAY", ()))
        and all(0 < abs(place) <= _MOST_DAYS for place in parts.get("BYSETPOS", ()))
    )


def _interval(parts: vRecur) -> int:
    return int(parts.get("INTERVAL", [1])[0])


def _written_out(found: Findings, parts: vRecur, local: datetime, zone: ZoneInfo) -> list[datetime]:
    until = _until(parts, local + _FURTHEST, zone)
    days = (datetime.combine(day, local.time()) for day in _days(parts, local.date(), until.date()))
    times = list(islice((at for at in days if at <= until), MOST_TIMES + 1))
    count = int(parts["COUNT"][0]) if "COUNT" in parts else None
    times = times if count is None else times[: max(count, 0)]
    if not times or times[0] != local:
        found.wrong("rule", "rule_misses_start", "最初の日時が、くり返しの決まりに合っていません。")
    elif len(times) > MOST_TIMES or (count or 0) > len(times):
        detail = f"くり返しは{MOST_TIMES}回まで、3年以内にしてください。"
        found.wrong("rule", "rule_too_long", detail)
    return times


def _until(parts: vRecur, last: datetime, zone: ZoneInfo) -> datetime:
    """The last instant of the rule on the zone's clock; a rule says it in UTC, on that clock, or as a day."""
    if "UNTIL" not in parts:
        return last
    value = parts["UNTIL"][0]
    if not isinstance(value, datetime):
        # A day alone means that day to its end.
        value = datetime.combine(value, time.max)
    if value.tzinfo is not None and MINYEAR < value.year < MAXYEAR:
        value = value.astimezone(zone)
    return min(value.replace(tzinfo=None), last)


def _days(parts: vRecur, first: date, last: date) -> Iterator[date]:
    """Every day the rule names from the first on, period after period."""
    monthly = parts["FREQ"][0] == "MONTHLY"
    begin = first.replace(day=1) if monthly else first - timedelta(days=first.weekday())
    while begin <= last:
        length = monthrange(begin.year, begin.month)[1] if monthly else 7
        period = [begin + timedelta(days=n) for n in range(length)]
        named = [day for day in period if _is_named(parts, day, first)]
        yield from (day for day in _picked(parts, named) if day >= first)
        begin = _next_period(parts, begin)


def _next_period(parts: vRecur, begin: date) -> date:
    if parts["FREQ"][0] == "WEEKLY":
        return begin + timedelta(weeks=_interval(parts))
    years, month = divmod(begin.month - 1 + _interval(parts), 12)
    return begin.replace(year=begin.year + years, month=month + 1)


def _is_named(parts: vRecur, day: date, first: date) -> bool:
    """Whether the rule means this day of its period; without a word about days, one like the first."""
    weekdays, numbers = parts.get("BYDAY", ()), parts.get("BYMONTHDAY", ())
    if not weekdays and not numbers:
        monthly = parts["FREQ"][0] == "MONTHLY"
        return day.day == first.day if monthly else day.weekday() == first.weekday()
    left = monthrange(day.year, day.month)[1] - day.day
    name, places = _WEEKDAYS[day.weekday()], (None, (day.day - 1) // 7 + 1, -(left // 7 + 1))
    return (not numbers or day.day in numbers or -(left + 1) in numbers) and (
        not weekdays or any(one.weekday == name and one.relative in places for one in weekdays)
    )


def _picked(parts: vRecur, named: list[date]) -> list[date]:
    """Those at the places the rule wants, or all."""
    if "BYSETPOS" not in parts:
        return named
    places = parts["BYSETPOS"]
    last = len(named)
    return [d for n, d in enumerate(named) if n + 1 in places or n - last in places]
