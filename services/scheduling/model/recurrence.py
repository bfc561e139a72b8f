"""Windows that come back: a rule of iCalendar that ends, written out as instants."""

import re
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.rrule import rrulestr
from icalendar import vRecur

from services.scheduling.model.findings import Findings

MOST_TIMES = 36
_FURTHEST = timedelta(days=1096)
_PARTS = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYSETPOS"})
_SHAPE = re.compile(r"[A-Z0-9=;,+:-]{1,200}")


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
    local = first.astimezone(zone_of(found, zone)).replace(tzinfo=None)
    parts = _parts(found, rule)
    found.settle()
    times = _written_out(found, rule, parts, local)
    found.settle()
    return [t.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) for t in times]


def _parts(found: Findings, rule: str) -> vRecur:
    parts = vRecur()
    try:
        parts = vRecur.from_ical(rule) if _SHAPE.fullmatch(rule) else parts
    except (ValueError, KeyError):
        parts = vRecur()
    if not parts or set(parts) - _PARTS or parts.get("FREQ", [""])[0] not in ("WEEKLY", "MONTHLY"):
        detail = "くり返しは FREQ=MONTHLY;BYDAY=3TU;COUNT=6 のような形で入れてください。"
        found.wrong("rule", "rule_shape", detail)
    elif "COUNT" not in parts and "UNTIL" not in parts:
        detail = "くり返しには終わり（COUNT か UNTIL）を入れてください。"
        found.wrong("rule", "rule_endless", detail)
    return parts


def _written_out(found: Findings, rule: str, parts: vRecur, local: datetime) -> list[datetime]:
    last = local + _FURTHEST
    bare = ";".join(p for p in rule.split(";") if not p.startswith(("UNTIL=", "COUNT=")))
    until = _until(parts, last)
    # An end for the search itself: a rule that never fits must not be tried until the year 9999.
    bounded = f"{bare};UNTIL={until:%Y%m%dT%H%M%S}"
    try:
        times = list(islice(rrulestr(bounded, dtstart=local), MOST_TIMES + 1))
    except (ValueError, OverflowError):
        found.wrong("rule", "rule_shape", "くり返しの書き方を確かめてください。")
        return []
    count = int(parts["COUNT"][0]) if "COUNT" in parts else None
    times = times if count is None else times[:count]
    if not times or times[0] != local:
        found.wrong("rule", "rule_misses_start", "最初の日時が、くり返しの決まりに合っていません。")
    elif len(times) > MOST_TIMES or (count or 0) > len(times):
        detail = f"くり返しは{MOST_TIMES}回まで、3年以内にしてください。"
        found.wrong("rule", "rule_too_long", detail)
    return times


def _until(parts: vRecur, last: datetime) -> datetime:
    if "UNTIL" not in parts:
        return last
    value = parts["UNTIL"][0]
    if not isinstance(value, datetime):
        # A day alone means that day to its end.
        value = last.replace(year=value.year, month=value.month, day=value.day, hour=23, minute=59)
    return min(value.replace(tzinfo=None), last)
