"""Calendars: feeds an independent reader understands, hours of the desk, terms in working days."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import jpholiday
import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from chassis.clock import JAPAN, now, today
from chassis.database import Pool
from contracts.principal import Role
from services.scheduling import demo
from services.scheduling.model import opening
from tests.scheduling.asking import House
from tests.scheduling.planned import meeting, published
from tests.scheduling.test_maintenance import body as plan_body

_ENDS = ("starts_at", "ends_at")


async def feed(house: House, name: str) -> dict[str, Any]:
    got = await house.anybody().get(f"/calendars/{name}.ics")
    assert got.status == 200
    assert got.headers["Content-Type"].startswith("text/calendar")
    read = Calendar.from_ical(got.content)
    assert not read.errors and read["VERSION"] == "2.0"
    zones = {str(z["TZID"]) for z in read.walk("VTIMEZONE")}
    assert zones <= {"Asia/Tokyo"}
    return {str(e["UID"]): e for e in read.walk("VEVENT")}


@dataclass
class Diary:
    """A calendar program that imports feeds as RFC 5546 says: the higher number counts, then the later stamp."""

    entries: dict[str, Any] = field(default_factory=dict)

    def take(self, feed: dict[str, Any]) -> None:
        """Import a feed; what it does not name any more stays."""
        for uid, event in feed.items():
            known = self.entries.get(uid)
            if known is None or _newer(event) > _newer(known):
                self.entries[uid] = event

    def shows(self, uid: str) -> datetime | None:
        """When an entry takes place; None where it does not."""
        event = self.entries[uid]
        return None if event["STATUS"] == "CANCELLED" else event["DTSTART"].dt


def _newer(event: Any) -> tuple[int, datetime]:
    return int(event["SEQUENCE"]), event["DTSTAMP"].dt


async def test_a_feed_moves_and_cancels_what_a_calendar_has_imported(house: House) -> None:
    desk, diary = house.secretariat(), Diary()
    made = await published(desk)
    night = plan_body(now().replace(microsecond=0) + timedelta(days=9))
    window = (await desk.post("/maintenance", night)).json
    uids = [f"session-{made['id']}@machipo.example", f"maintenance-{window['id']}@machipo.example"]
    start, begins = (datetime.fromisoformat(found["starts_at"]) for found in (made, window))
    first = await feed(house, "all")
    diary.take(first)
    assert [diary.shows(uid) for uid in uids] == [start, begins]
    zones = {str(diary.entries[uid]["DTSTART"].dt.tzinfo) for uid in uids}
    assert zones == {"Asia/Tokyo"}

    day = timedelta(days=1)
    paths = f"/programme/sessions/{made['id']}", f"/maintenance/{window['id']}"
    later = {n: (datetime.fromisoformat(made[n]) + day).isoformat() for n in _ENDS}
    moved = await desk.put(paths[0], meeting(**later), etag=made["version"])
    night |= {n: (datetime.fromisoformat(night[n]) + day).isoformat() for n in _ENDS}
    put_off = await desk.put(paths[1], night, etag=window["version"])
    second = await feed(house, "all")
    diary.take(second)
    assert [diary.shows(uid) for uid in uids] == [start + day, begins + day]

    for path, seen in zip(paths, (moved, put_off), strict=True):
        gone = await desk.post(f"{path}/cancel", {"note": ""}, etag=seen.json["version"])
        assert gone.status == 200, gone.content
    diary.take(await feed(house, "all"))
    assert [diary.shows(uid) for uid in uids] == [None, None]
    # A program that reads an old copy late does not go back.
    for old in (second, first):
        diary.take(old)
    assert [diary.shows(uid) for uid in uids] == [None, None]


async def test_each_feed_holds_what_its_readers_need(pool: Pool, house: House) -> None:
    await demo.fill(pool, now=now())
    desk = house.secretariat()
    await published(desk, audience="provider", series="briefing_provider", number=None)
    providers, towns = await feed(house, "provider"), await feed(house, "municipality")
    windows = await feed(house, "maintenance")
    assert set(windows) < set(providers) and all(u.startswith("maintenance-") for u in windows)
    assert set(providers) != set(towns)
    assert len(windows) == 19


async def test_there_is_no_feed_of_another_name(house: House) -> None:
    assert (await house.anybody().get("/calendars/secret.ics")).status == 404


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        ("2023-01-02", "年末年始"),
        ("2026-09-22", "祝日（国民の休日）"),
        ("2024-02-12", "祝日（建国記念の日 振替休日）"),
        ("2023-12-29", "年末年始"),
        ("2023-12-28", ""),
        ("2026-11-28", "土日"),
    ],
)
def test_the_desk_is_closed_on_days_everybody_knows(day: str, reason: str) -> None:
    assert opening.closed_because(date.fromisoformat(day)) == reason


@given(st.dates(date(2020, 1, 1), date(2030, 12, 1)), st.integers(1, 30))
def test_a_term_ends_on_a_working_day_and_holds_as_many_as_it_says(day: date, term: int) -> None:
    due = opening.due_on(day, term, {})
    between = [day + timedelta(days=n) for n in range(1, (due - day).days + 1)]
    working = [
        d
        for d in between
        if d.weekday() < 5
        and not jpholiday.is_holiday(d)
        and not ((d.month, d.day) >= (12, 29) or (d.month, d.day) <= (1, 3))
    ]
    assert len(working) == term and working[-1] == due


async def test_an_exception_closes_a_day_and_moves_what_is_due(house: House) -> None:
    desk = house.secretariat()
    day = today() + timedelta(days=1)
    while opening.closed_because(day):
        day += timedelta(days=1)
    path = f"/calendar/exceptions/{day}"
    before = (await house.anybody().get(f"/calendar/due?since={today()}&working_days=3")).json
    closed = await desk.put(path, {"reason": "システム入れ替えのため"})
    assert closed.status == 200 and closed.json["opens"] is None, closed.content
    after = (await house.anybody().get(f"/calendar/due?since={today()}&working_days=3")).json
    assert after["due_on"] > before["due_on"]
    seen = (await house.anybody().get(f"/calendar?since={day}&days=1")).json["days"][0]
    assert (seen["reason"], seen["exceptional"]) == ("システム入れ替えのため", True)
    short = await desk.put(path, {"opens": "10:00", "closes": "15:00", "reason": "短縮"})
    assert short.json["closes"] == "15:00"
    assert (await desk.ask("DELETE", path)).status == 200
    assert (await desk.ask("DELETE", path)).status == 404
    for wrong in (
        {"opens": "10:00", "reason": "x"},
        {"opens": "15:00", "closes": "10:00", "reason": "x"},
        {"reason": "<b>x</b>"},
        {"opens": "25:00", "closes": "26:00", "reason": "x"},
    ):
        assert (await desk.put(path, wrong)).status == 422
    assert (await house.secretariat(Role.VIEWER).put(path, {"reason": "x"})).status == 403


def test_the_next_opening_is_after_the_turn_of_the_year() -> None:
    evening = datetime(2023, 12, 28, 18, 30, tzinfo=JAPAN)
    assert opening.next_opening(evening, {}) == datetime(2024, 1, 4, 9, tzinfo=JAPAN)
    assert not opening.is_open(evening, {})
    assert opening.is_open(evening - timedelta(hours=1), {})
