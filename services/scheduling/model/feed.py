"""Sessions and windows as iCalendar (RFC 5545): stable ids, sequence numbers, cancellations, Japan's zone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from icalendar import Calendar, Event

from chassis.clock import JAPAN
from services.scheduling.model.maintenance import State as WindowState
from services.scheduling.model.maintenance import Window
from services.scheduling.model.session import Audience, Precision, Session, State

_DOMAIN = "machipo.example"
_SYSTEMS = {
    "portal": "マチポ",
    "application": "申込み",
    "identity": "ログイン",
    "cloudsign": "クラウドサイン",
    "mynaportal": "マイナポータル",
}


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed: for whom, and whether maintenance is in it."""

    name: str
    audiences: frozenset[Audience]
    windows: bool


FEEDS = {
    "all": Feed("自治体マイナポイント", frozenset(Audience), windows=True),
    "municipality": Feed(
        "自治体マイナポイント（自治体向け）",
        frozenset(Audience) - {Audience.PROVIDER},
        windows=True,
    ),
    "provider": Feed(
        "自治体マイナポイント（決済事業者向け）",
        frozenset(Audience) - {Audience.MUNICIPALITY},
        windows=True,
    ),
    "maintenance": Feed("自治体マイナポイント（メンテナンス）", frozenset(), windows=True),
}


def calendar_of(feed: Feed, sessions: Iterable[Session], windows: Iterable[Window]) -> bytes:
    """The feed as a file."""
    made = Calendar()
    made.add("prodid", "-//Machipo//scheduling//JA")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", feed.name)
    made.add("x-wr-timezone", "Asia/Tokyo")
    made.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    for session in sessions:
        if session.programme.audience in feed.audiences:
            made.add_component(_session(session))
    for window in windows if feed.windows else ():
        made.add_component(_window(window))
    made.add_missing_timezones()
    content: bytes = made.to_ical()
    return content


def _session(session: Session) -> Event:
    plan, when = session.programme, session.programme.when
    said_at = session.said_at or session.state_since
    event = _event("session", session.id, session.sequence, said_at)
    number = f"第{plan.number}回 " if plan.number else ""
    event.add("summary", f"{number}{plan.title}")
    if when.starts_at and when.ends_at:
        event.add("dtstart", when.starts_at.astimezone(JAPAN))
        event.add("dtend", when.ends_at.astimezone(JAPAN))
    else:
        _days(event, when.first_on, when.last_on)
    if plan.place or plan.link:
        event.add("location", plan.place or "オンライン")
    month = "日は決まっていません。" if when.precision is Precision.MONTH else ""
    if plan.summary or month:
        event.add("description", f"{month}{plan.summary}")
    event.add("categories", [plan.series])
    # Only the month is known: it may still be any of these days.
    unsure = when.precision is Precision.MONTH and session.state is not State.HELD
    sure = "TENTATIVE" if unsure else "CONFIRMED"
    event.add("status", "CANCELLED" if session.state is State.CANCELLED else sure)
    event.add("transp", "TRANSPARENT" if when.starts_at is None else "OPAQUE")
    return event


def _window(window: Window) -> Event:
    plan = window.plan
    event = _event("maintenance", window.id, window.revision - 1, window.state_since)
    system = _SYSTEMS.get(plan.system, "決済サービス")
    event.add("summary", f"システムメンテナンス（{system}）")
    event.add("dtstart", plan.starts_at.astimezone(JAPAN))
    event.add("dtend", plan.ends_at.astimezone(JAPAN))
    unsure = "終わる時刻は変わることがあります。" if plan.end_is_estimate else ""
    event.add("description", f"{plan.impact}{unsure}")
    event.add("categories", ["maintenance"])
    gone = window.state is WindowState.CANCELLED
    event.add("status", "CANCELLED" if gone else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    return event


def _event(kind: str, key: UUID, sequence: int, at: datetime) -> Event:
    event = Event()
    event.add("uid", f"{kind}-{key}@{_DOMAIN}")
    event.add("sequence", sequence)
    event.add("dtstamp", at)
    event.add("last-modified", at)
    return event


def _days(event: Event, first: date, last: date) -> None:
    """Whole days; iCalendar names the first day after."""
    event.add("dtstart", first)
    event.add("dtend", last + timedelta(days=1))
