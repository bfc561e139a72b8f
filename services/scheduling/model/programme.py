"""Reads what was typed about a session."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeVar

from chassis.clock import JAPAN, day_of
from services.scheduling.model.findings import Findings
from services.scheduling.model.session import Audience, Precision, Programme, Series, When

_EARLIEST, _LATEST = date(2016, 4, 1), date(2100, 1, 1)
_LONGEST_DAYS = 31
E = TypeVar("E", Series, Audience, Precision)


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed, as it came."""

    series: str
    title: str
    audience: str
    precision: str
    first_on: date
    fiscal_year: int
    last_on: date | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    number: int | None = None
    summary: str = ""
    place: str = ""
    link: str = ""
    video: str = ""
    capacity: int | None = None
    sign_up_from: datetime | None = None
    sign_up_until: datetime | None = None


def programme_of(typed: Typed) -> Programme:
    """The programme that was typed, if it can take place."""
    found = Findings()
    series = _word(found, "series", typed.series, Series, "会の種類")
    audience = _word(found, "audience", typed.audience, Audience, "参加できる方")
    precision = _word(found, "precision", typed.precision, Precision, "日付の書き方")
    texts = {
        "title": found.line("title", typed.title, "会の名前"),
        "summary": found.text("summary", typed.summary, "内容", needed=False),
        "place": found.line("place", typed.place, "場所", needed=False),
        "link": found.web_address("link", typed.link, "オンラインのアドレス"),
        "video": found.web_address("video", typed.video, "動画のアドレス"),
    }
    when = _when(found, typed, precision or Precision.DAY)
    over_at = when.ends_at or datetime.combine(when.last_on + timedelta(days=1), time(), JAPAN)
    until = _sign_up(found, typed, when, over_at)
    found.settle()
    assert series and audience
    return Programme(
        series=series,
        number=typed.number,
        fiscal_year=typed.fiscal_year,
        audience=audience,
        when=when,
        capacity=typed.capacity,
        sign_up_from=typed.sign_up_from,
        sign_up_until=until,
        over_at=over_at,
        **texts,
    )


def _word(found: Findings, field: str, typed: str, words: type[E], label: str) -> E | None:
    try:
        return words(typed)
    except ValueError:
        found.wrong(field, "choice_unknown", f"{label}を、選べるものの中から選んでください。")
        return None


def _when(found: Findings, typed: Typed, precision: Precision) -> When:
    first, last = typed.first_on, typed.last_on or typed.first_on
    if not _EARLIEST <= first <= _LATEST or not _EARLIEST <= last <= _LATEST:
        found.wrong(
            "first_on", "day_refused", "開催日は、2016年4月から2099年までの日にしてください。"
        )
        return When(precision, _EARLIEST, _EARLIEST)
    if precision is Precision.MONTH:
        days = monthrange(first.year, first.month)[1]
        return When(precision, first.replace(day=1), first.replace(day=days))
    if precision is Precision.TIME:
        return _timed(found, typed)
    if last < first:
        found.wrong(
            "last_on", "ends_before_start", "終わりの日は、始まりの日より後にしてください。"
        )
    elif (last - first).days > _LONGEST_DAYS:
        found.wrong("last_on", "too_long", "1つの会は31日以内にしてください。")
    return When(precision, first, last if precision is Precision.RANGE else first)


def _timed(found: Findings, typed: Typed) -> When:
    start, end = typed.starts_at, typed.ends_at
    day = When(Precision.DAY, typed.first_on, typed.first_on)
    if start is None or end is None:
        found.wrong("starts_at", "missing", "始まりと終わりの時刻を入れてください。")
        return day
    if end <= start:
        found.wrong("ends_at", "ends_before_start", "終わりは、始まりより後にしてください。")
        return day
    if end - start > timedelta(days=_LONGEST_DAYS):
        found.wrong("ends_at", "too_long", "1つの会は31日以内にしてください。")
    if not _EARLIEST <= start.date() <= _LATEST:
        found.wrong(
            "starts_at", "day_refused", "開催日は、2016年4月から2099年までの日にしてください。"
        )
        return day
    return When(Precision.TIME, day_of(start), day_of(end), start, end)


def _sign_up(found: Findings, typed: Typed, when: When, over_at: datetime) -> datetime | None:
    """Until when one may sign up: what was typed, or the beginning of the session."""
    if typed.sign_up_from is None:
        if typed.sign_up_until is not None or typed.capacity is not None:
            detail = "定員か締切を決めるときは、受付を始める日時も入れてください。"
            found.wrong("sign_up_from", "missing", detail)
        return None
    begin = when.starts_at or datetime.combine(when.first_on, time(), JAPAN)
    until = typed.sign_up_until or begin
    if until > over_at:
        found.wrong("sign_up_until", "too_late", "受付の締切は、会が終わる前にしてください。")
    if until <= typed.sign_up_from:
        found.wrong("sign_up_from", "ends_before_start", "受付は、締切より前に始めてください。")
    return until
