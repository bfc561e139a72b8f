"""Judges the days and times of a measure; every time is one in Japan."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TypedDict

from chassis.clock import JAPAN, day_of
from services.registry.model import reading
from services.registry.model.findings import Findings
from services.registry.model.fiscal_year import fiscal_year
from services.registry.model.measure.form import DatesSection

EARLIEST = date(2016, 4, 1)
#: Longer plans are typing errors in a year.
FURTHEST_DAYS = 366 * 3
_TIME = ("time_shape", "時刻を、9:00 や 17時30分 のように入れてください。")
#: People write the last minute of a day and mean the whole day.
_WHOLE_DAY = {"", "24:00", "23:59"}


class Dates(TypedDict):
    """The fields of an entry that speak of time."""

    apply_from: datetime
    apply_until: datetime
    take_part_from: date | None
    take_part_until: date | None
    allocate_by: date
    grant_timing: str


@dataclass(frozen=True, slots=True)
class Typed:
    """A day and a time as typed, under the names of their fields."""

    field: str
    day: str
    time: str
    label: str


def begins(typed: Typed, found: Findings, *, needed: bool = True) -> datetime | None:
    """The instant something begins: the first of the day where no time is typed."""
    day = found.day(f"{typed.field}_on", typed.day, f"{typed.label}の日", needed=needed)
    clock = _clock(typed, found) if reading.plain(typed.time) else "0:00"
    return _at(day, clock) if day and clock else None


def ends(typed: Typed, found: Findings, *, needed: bool = True) -> datetime | None:
    """The first instant at which something is over: after the whole day where no time is typed."""
    day = found.day(f"{typed.field}_on", typed.day, f"{typed.label}の日", needed=needed)
    if reading.plain(typed.time) in _WHOLE_DAY:
        return _at(day + timedelta(days=1), "0:00") if day else None
    clock = _clock(typed, found)
    return _at(day, clock) if day and clock else None


def dates(section: DatesSection, found: Findings, *, year: int | None, today: date) -> Dates | None:
    """The days of a measure, if nothing had to be noted."""
    before = len(found.errors)
    first = begins(
        Typed("apply_from", section.apply_from_on, section.apply_from_time, "申込みの開始"), found
    )
    over = ends(
        Typed("apply_until", section.apply_until_on, section.apply_until_time, "申込みの締切"),
        found,
    )
    start = found.day("take_part_from", section.take_part_from, "参加期間の初日")
    end = found.day("take_part_until", section.take_part_until, "参加期間の最終日")
    by = found.day("allocate_by", section.allocate_by, "受け取り先を決める期限", needed=True)
    timing = found.text(
        "grant_timing", section.grant_timing, "付与の時期", longest=100, needed=False
    )
    if first and over:
        _period(found, first, over, year=year, today=today)
    if over and by:
        _allocation(found, over, by)
    if start and end and start > end:
        detail = "参加期間の最終日は、初日以後の日にしてください。"
        found.wrong("take_part_until", "dates_crossed", detail)
    if first is None or over is None or by is None or len(found.errors) > before:
        return None
    return Dates(
        apply_from=first,
        apply_until=over,
        take_part_from=start,
        take_part_until=end,
        allocate_by=by,
        grant_timing=timing,
    )


def last_day(apply_until: datetime) -> date:
    """The last day on which somebody can apply."""
    return day_of(apply_until - timedelta(microseconds=1))


def start_of(day: date) -> datetime:
    """The first instant of a day in Japan."""
    return _at(day, "0:00")


def _period(
    found: Findings, first: datetime, over: datetime, *, year: int | None, today: date
) -> None:
    opens, closes = day_of(first), last_day(over)
    if first >= over:
        detail = "申込みの締切は、開始よりあとにしてください。"
        found.wrong("apply_until_on", "dates_crossed", detail)
        return
    if opens < EARLIEST or (opens - today).days > FURTHEST_DAYS:
        detail = "申込みの開始の日は、2016年4月から3年後までの日にしてください。"
        found.wrong("apply_from_on", "day_out_of_range", detail)
    if (closes - opens).days > FURTHEST_DAYS:
        detail = "申込みの期間は、3年以内にしてください。"
        found.wrong("apply_until_on", "period_too_long", detail)
    if year is not None and not fiscal_year(opens) <= year <= fiscal_year(closes):
        detail = f"申込みの期間が、{year}年度にかかっていません。年度か日を直してください。"
        found.wrong("apply_from_on", "other_fiscal_year", detail)


def _allocation(found: Findings, over: datetime, by: date) -> None:
    if by < last_day(over):
        detail = "受け取り先を決める期限は、申込みの最終日以後の日にしてください。"
        found.wrong("allocate_by", "dates_crossed", detail)
    if (by - last_day(over)).days > FURTHEST_DAYS:
        detail = "受け取り先を決める期限は、申込みの締切から3年以内にしてください。"
        found.wrong("allocate_by", "day_out_of_range", detail)


def _clock(typed: Typed, found: Findings) -> str | None:
    field = f"{typed.field}_time"
    return found.read(field, typed.time, f"{typed.label}の時刻", reading.clock_time, _TIME)


def _at(day: date, clock: str) -> datetime:
    hour, minute = clock.split(":")
    return datetime.combine(day, time(int(hour), int(minute)), JAPAN).astimezone(UTC)
