"""When somebody answers the phone."""

from datetime import date, datetime, timedelta

import pytest

from chassis.clock import JAPAN
from gateway.portal import hours


@pytest.mark.parametrize(
    ("at", "open_"),
    [
        ("2023-11-30 09:00", True),
        ("2023-11-30 17:59", True),
        ("2023-11-30 18:00", False),
        ("2023-11-30 08:59", False),
        ("2023-12-02 12:00", False),  # Saturday
        ("2023-11-23 12:00", False),  # 勤労感謝の日
        ("2023-12-28 12:00", True),
        ("2023-12-29 12:00", False),
        ("2024-01-03 12:00", False),
        ("2024-01-04 12:00", True),
    ],
)
def test_the_desk_answers_on_weekdays_that_are_no_holidays(at: str, open_: bool) -> None:
    instant = datetime.fromisoformat(at).replace(tzinfo=JAPAN)
    assert hours.open_now(instant)[0] is open_


def test_after_the_last_day_of_the_year_the_next_opening_is_in_january() -> None:
    evening = datetime(2023, 12, 28, 18, 30, tzinfo=JAPAN)
    assert hours.open_now(evening) == (False, "次は1月4日（木）9:00から")


def test_before_nine_the_next_opening_is_the_same_day() -> None:
    assert (
        hours.open_now(datetime(2023, 11, 30, 7, tzinfo=JAPAN))[1] == "次は11月30日（木）9:00から"
    )


def test_a_week_says_why_a_day_is_closed() -> None:
    told = [d.reason for d in hours.week(date(2023, 11, 23))]
    assert told == ["祝日（勤労感謝の日）", "", "土日", "土日", "", "", ""]


def _differing(day: str, opens: str | None, closes: str | None) -> hours.Differing:
    found = hours.DayHours.told(date.fromisoformat(day), opens, closes, "創立記念日")
    return {found.day: found}


@pytest.mark.parametrize(
    ("at", "differing", "said"),
    [
        ("2023-11-30 12:00", ("2023-11-30", None, None), (False, "次は12月1日（金）9:00から")),
        (
            "2023-11-30 12:00",
            ("2023-11-30", "09:00", "15:00"),
            (True, "ただいま受付中（今日は15:00まで）"),
        ),
        (
            "2023-11-30 15:00",
            ("2023-11-30", "09:00", "15:00"),
            (False, "次は12月1日（金）9:00から"),
        ),
        (
            "2023-12-02 11:00",
            ("2023-12-02", "10:30", "16:00"),
            (True, "ただいま受付中（今日は16:00まで）"),
        ),
        (
            "2023-12-01 18:00",
            ("2023-12-02", "10:30", "16:00"),
            (False, "次は12月2日（土）10:30から"),
        ),
        ("2023-12-01 18:00", ("2023-12-04", None, None), (False, "次は12月5日（火）9:00から")),
        ("2023-12-01 12:00", ("2023-12-04", None, None), (True, "ただいま受付中")),
    ],
)
def test_a_day_that_differs_counts_as_scheduling_says_it(
    at: str, differing: tuple[str, str | None, str | None], said: tuple[bool, str]
) -> None:
    instant = datetime.fromisoformat(at).replace(tzinfo=JAPAN)
    assert hours.open_now(instant, _differing(*differing)) == said


def test_a_week_shows_a_day_that_differs() -> None:
    told = hours.week(date(2023, 11, 30), _differing("2023-12-01", None, None))
    assert [d.reason for d in told[:2]] == ["", "創立記念日"]


def test_a_desk_that_does_not_open_in_sight_names_no_day() -> None:
    at = datetime(2023, 11, 30, 12, tzinfo=JAPAN)
    days = (at.date() + timedelta(days=n) for n in range(70))
    closed = {day: hours.DayHours(day, None, None, "改修のため") for day in days}
    assert hours.open_now(at, closed) == (False, "ただいま受付時間外")


@pytest.mark.parametrize(("opens", "closes"), [("09:00", None), (None, "18:00"), ("9時", "18:00")])
def test_hours_that_make_no_sense_are_not_believed(opens: str | None, closes: str | None) -> None:
    with pytest.raises(ValueError, match=r"hours|Invalid"):
        hours.DayHours.told(date(2023, 11, 30), opens, closes, "")
