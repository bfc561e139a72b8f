"""What is left of a budget, drawn from its first day to today, with where the present pace leads."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.portal.burndown import Course, burndown, course_of

DAY = date(2026, 11, 27)


def _course(spent: int, days: int, ahead: int, funded: int = 30_000_000) -> Course:
    first = DAY - timedelta(days=days)
    told = [(first + timedelta(days=n), funded - spent * n) for n in range(days + 1)]
    return course_of(told, since=first, today=DAY, until=DAY + timedelta(days=ahead), funded=funded)


@pytest.mark.parametrize(
    ("course", "says"),
    [
        (_course(100_000, 20, 30), "締切に約2,500万円残ります"),
        (_course(1_000_000, 20, 30), "12月7日ごろ予算がなくなる見込みです"),
        (_course(0, 20, 30), "ほとんど減っていません。3,000万円残っています"),
        (_course(100_000, 20, -1), "受付は終わりました。2,800万円残っています"),
        (_course(1_500_000, 20, 30), "予算はすべて使いみちが決まっています"),
    ],
)
def test_the_sentence_says_what_the_line_shows(course: Course, says: str) -> None:
    assert says in course.finding


def test_a_day_without_movement_leaves_what_there_was() -> None:
    told = [(DAY - timedelta(days=3), 900), (DAY - timedelta(days=1), 500)]
    course = course_of(told, since=DAY - timedelta(days=5), today=DAY, until=DAY, funded=1_000)
    assert [yen for _, yen in course.days] == [1_000, 1_000, 900, 900, 500, 500]


@given(
    lefts=st.lists(st.integers(0, 10**9), min_size=1, max_size=40),
    ahead=st.integers(-50, 400),
    wide=st.sampled_from([320, 620]),
)
def test_every_point_lies_on_the_page(lefts: list[int], ahead: int, wide: int) -> None:
    told = [(DAY - timedelta(days=len(lefts) - 1 - n), yen) for n, yen in enumerate(lefts)]
    until = DAY + timedelta(days=ahead)
    course = course_of(told, since=told[0][0], today=DAY, until=until, funded=max(lefts))
    chart = burndown(course, wide)
    for points in (chart.line, chart.area, chart.forecast):
        for point in points.split():
            x, y = (float(part) for part in point.split(","))
            assert 0 <= x <= wide and 0 <= y <= chart.high
    assert len(chart.line.split()) == len(lefts)
    assert course.finding
