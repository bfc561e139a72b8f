"""Whether a measure may be for somebody: the rule that decides is named, and nothing is promised."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from contracts.registry import Eligibility
from services.registry.model.likely import Answers, Verdict, judged
from services.registry.model.search.ages import ages_of, years_between

DAY = date(2026, 6, 15)
_days = st.dates(date(1930, 1, 1), date(2026, 6, 1))
_years = st.none() | st.integers(0, 99)


def test_the_rule_that_speaks_against_it_is_named() -> None:
    rule = Eligibility(areas=("172031",), born_from=date(2005, 4, 2), statements=("同居です",))
    ask = Answers(lives_there=True, born_on=date(2010, 1, 1), agrees=True)
    assert judged(rule, ask, DAY) == (Verdict.LIKELY, None)
    assert judged(rule, Answers(lives_there=False), DAY) == (Verdict.UNLIKELY, "area")
    born_before = Answers(lives_there=True, born_on=date(2005, 4, 1), agrees=True)
    assert judged(rule, born_before, DAY) == (Verdict.UNLIKELY, "birth")
    assert judged(rule, Answers(lives_there=True), DAY) == (Verdict.UNSURE, "birth")
    assert judged(Eligibility(), Answers(), DAY) == (Verdict.LIKELY, None)


@given(born=_days, least=_years, most=_years, on=st.none() | _days)
def test_years_on_a_day_say_the_same_as_counting_them(
    born: date, least: int | None, most: int | None, on: date | None
) -> None:
    rule = Eligibility(years_from=least, years_until=most, years_on=on)
    years = years_between(born, on or DAY)
    # Before the day of birth nobody has any years, and rules about years begin with 0.
    expected = (least is None or years >= least) and (most is None or years <= most)
    verdict, _ = judged(rule, Answers(born_on=born), DAY)
    assert (verdict is Verdict.LIKELY) == expected


@given(born=_days, first=_days, last=_days)
def test_whoever_may_receive_is_in_a_group_of_the_measure(
    born: date, first: date, last: date
) -> None:
    rule = Eligibility(born_from=first, born_until=last)
    if judged(rule, Answers(born_on=born), DAY)[0] is Verdict.LIKELY:
        least, most = ages_of(rule).range(DAY)
        assert least <= years_between(born, DAY) <= most
