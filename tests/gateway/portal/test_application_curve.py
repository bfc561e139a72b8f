"""How many have applied is drawn over the days of the budget, and said in a sentence."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.portal.application_curve import applied_by_day, curve, finding
from gateway.portal.burndown import Course, course_of

DAY = date(2026, 11, 27)


def _course(days: int) -> Course:
    first = DAY - timedelta(days=days)
    return course_of([], since=first, today=DAY, until=DAY + timedelta(days=9), funded=1_000)


def test_a_day_on_which_nobody_applies_has_as_many_as_the_day_before() -> None:
    told = [(DAY - timedelta(days=3), 2), (DAY - timedelta(days=1), 5)]
    assert applied_by_day(told, _course(4)) == (0, 2, 2, 5, 5)


def test_the_sentence_says_how_many_and_how_many_lately() -> None:
    assert finding(()) == finding((0, 0)) == "申込みはまだありません。"
    assert finding((1, 3)) == "これまでに3件、この7日間に3件の申込みがありました。"
    assert finding((1_000, *range(1_001, 1_008))).startswith("これまでに1,007件、この7日間に7件")


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=60), st.sampled_from([320, 620]))
def test_every_point_lies_on_the_paper_and_none_goes_down(steps: list[int], wide: int) -> None:
    applied = [sum(steps[: number + 1]) for number in range(len(steps))]
    drawn = curve(applied, _course(len(steps) - 1), wide)
    points = [tuple(map(float, point.split(","))) for point in drawn.line.split()]
    assert len(points) == len(steps)
    assert all(64 <= x <= wide - 12 and 12 <= y <= drawn.bottom for x, y in points)
    assert [y for _, y in points] == sorted((y for _, y in points), reverse=True)


def test_the_paper_says_its_days_its_counts_and_where_today_is() -> None:
    drawn = curve((0, 2, 2, 5, 10), _course(4), 620)
    assert (drawn.first, drawn.last) == ("11/23", "12/6")
    # Four of thirteen days are over.
    assert drawn.today == round(64 + (620 - 64 - 12) * 4 / 13, 1)
    assert drawn.line.split()[-1] == f"{drawn.today},12.0"
    assert drawn.line.split()[0] == f"64.0,{float(drawn.bottom)}"
    assert drawn.grid == ((float(drawn.bottom), "0件"), (86.0, "5件"), (12.0, "10件"))
