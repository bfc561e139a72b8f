"""Windows that come back: a rule of iCalendar that ends, written out as instants."""

import re
from collections.abc import Iterator
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.rrule import rrulestr
from icalendar import vRecur

from services.scheduling.model.findings import Findings

MOST_TIMES = 36
_FURTHEST = timedelta(days=1096)
_PARTS = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYSETPOS"})
_SHAPE = re.compile(r"[A-Z0-9=;,+:-]{1,200}")
#: After so many years the calendar is the same, weekdays included.
_CYCLE = 400
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
    times = _written_out(found, rule, parts, local, _until(parts, local + _FURTHEST, there))
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


def _written_out(
    found: Findings, rule: str, parts: vRecur, local: datetime, until: datetime
) -> list[datetime]:
    times = list(islice(_times(rule, local, until), MOST_TIMES + 1))
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


def _times(rule: str, local: datetime, until: datetime) -> Iterator[datetime]:
    """What the rule brings, from ``local`` to ``until``.

    The library looks for a day that fits until the calendar ends. Reckoned in the last cycle that holds them all, a
    rule that never fits comes there soon.
    """
    later = _CYCLE * ((MAXYEAR - max(until, local).year) // _CYCLE)
    last = until.replace(year=until.year + later)
    bare = ";".join(p for p in rule.split(";") if not p.startswith(("UNTIL=", "COUNT=")))
    bounded = f"{bare};UNTIL={last:%Y%m%dT%H%M%S}"
    for at in rrulestr(bounded, dtstart=local.replace(year=local.year + later)):
        yield at.replace(year=at.year - later)
