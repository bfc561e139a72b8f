"""When somebody answers the phone."""

from datetime import date, datetime

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
    assert hours.is_open(instant) is open_


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
