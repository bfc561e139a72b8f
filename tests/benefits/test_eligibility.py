"""Rules of a measure: each says yes, no or that somebody has to look, and says why."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.benefits.model.application import State, first_state
from services.benefits.model.eligibility import (
    Claim,
    Finding,
    OnList,
    Reason,
    Says,
    amount_of,
    judge,
    years_on,
)
from tests.benefits.offering import entry_of

BORN = date(2010, 4, 2)
DAY = date(2026, 11, 27)


def _claim(**more: Any) -> Claim:
    given: dict[str, Any] = {"municipality_code": "172031", "birth_on": BORN}
    return Claim(**given | more)


CASES: list[tuple[dict[str, Any], Claim, str, str | None]] = [
    ({}, _claim(municipality_code="131016"), "yes", None),
    ({"areas": ["172031"]}, _claim(), "yes", None),
    ({"areas": ["17"]}, _claim(), "yes", None),
    ({"areas": ["131016", "17"]}, _claim(), "yes", None),
    ({"areas": ["131016"]}, _claim(), "no", "not_resident"),
    ({"areas": ["1720"]}, _claim(), "no", "not_resident"),
    ({"born_from": "2010-04-02"}, _claim(), "yes", None),
    ({"born_from": "2010-04-03"}, _claim(), "no", "out_of_age_range"),
    ({"born_until": "2010-04-02"}, _claim(), "yes", None),
    ({"born_until": "2010-04-01"}, _claim(), "no", "out_of_age_range"),
    ({"years_until": 16}, _claim(), "yes", None),
    ({"years_until": 15}, _claim(), "no", "out_of_age_range"),
    ({"years_from": 16}, _claim(), "yes", None),
    ({"years_from": 17}, _claim(), "no", "out_of_age_range"),
    ({"years_from": 0, "years_until": 0}, _claim(birth_on=date(2026, 1, 1)), "yes", None),
    ({"years_until": 15, "years_on": "2026-04-01"}, _claim(), "yes", None),
    ({"years_until": 15, "years_on": "2026-04-02"}, _claim(), "no", "out_of_age_range"),
    ({"target_list": True}, _claim(), "no", "not_on_target_list"),
    ({"target_list": True}, _claim(target=OnList("1")), "yes", None),
    ({"statements": ["a", "b"]}, _claim(statements=frozenset({0})), "no", "statement_missing"),
    ({"statements": ["a", "b"]}, _claim(statements=frozenset({0, 1})), "yes", None),
    ({"attendance": True}, _claim(), "open", None),
    ({"attendance": True}, _claim(attended=True), "yes", None),
    ({"evidence": [{"code": "x", "label": "x"}]}, _claim(), "open", None),
    ({"evidence": [{"code": "x", "label": "x"}]}, _claim(evidence=frozenset("x")), "open", None),
    ({"evidence": [{"code": "x", "label": "x", "needed": False}]}, _claim(), "yes", None),
    (
        {"areas": ["131016"], "attendance": True, "years_until": 1},
        _claim(),
        "no",
        "not_resident",
    ),
]


@pytest.mark.parametrize(("rules", "claim", "says", "reason"), CASES)
def test_each_rule_says_what_it_should(
    rules: dict[str, Any], claim: Claim, says: str, reason: str | None
) -> None:
    verdict = judge(entry_of(eligibility=rules), claim, DAY)
    assert (verdict.says, verdict.reason) == (says, reason)


@pytest.mark.parametrize(
    ("method", "rules", "state"),
    [
        ("automatic", {}, State.APPROVED),
        ("automatic", {"attendance": True}, State.AWAITING_PARTICIPATION),
        ("automatic", {"evidence": [{"code": "x", "label": "x"}]}, State.IN_REVIEW),
        ("post", {}, State.IN_REVIEW),
        ("post", {"attendance": True}, State.AWAITING_PARTICIPATION),
        ("counter", {}, State.IN_REVIEW),
        ("pre", {}, State.IN_REVIEW),
        ("pre", {"target_list": True}, State.APPROVED),
        ("pre", {"areas": ["131016"]}, State.REJECTED),
    ],
)
def test_the_review_method_says_who_decides(
    method: str, rules: dict[str, Any], state: State
) -> None:
    entry = entry_of(review_method=method, eligibility=rules)
    claim = _claim(target=OnList("1") if rules.get("target_list") else None)
    assert first_state(judge(entry, claim, DAY)) is state


STEPS = {
    "grant_type": "fixed",
    "steps": [
        {"children_from": 1, "amount_yen": 5_000},
        {"children_from": 2, "amount_yen": 8_000},
        {"children_from": 4, "amount_yen": 12_000},
    ],
}


@pytest.mark.parametrize(
    ("amount", "claim", "yen"),
    [
        ({"grant_type": "fixed", "amount_yen": 3_000}, _claim(), 3_000),
        (
            {"grant_type": "fixed", "amount_yen": 3_000},
            _claim(target=OnList("1", amount_yen=700)),
            700,
        ),
        (
            {"grant_type": "charge_rate", "rate_percent": 30, "cap_per_entitlement_yen": 4_500},
            _claim(),
            4_500,
        ),
        (STEPS, _claim(), 0),
        (STEPS, _claim(children=1), 5_000),
        (STEPS, _claim(children=3), 8_000),
        (STEPS, _claim(children=9), 12_000),
        (STEPS, _claim(children=1, target=OnList("1", children=2)), 8_000),
    ],
)
def test_an_application_reserves_what_it_is_worth(
    amount: dict[str, Any], claim: Claim, yen: int
) -> None:
    assert amount_of(entry_of(amount=amount).amount, claim) == yen


_PAPER = {"code": "rent", "label": "賃貸借契約書"}
_YES, _NO, _OPEN = Says.YES, Says.NO, Says.OPEN


@pytest.mark.parametrize(
    ("entry", "claim", "finding"),
    [
        ({"areas": ["17"]}, _claim(), Finding("areas", _YES, told="172031")),
        (
            {"areas": ["13"]},
            _claim(),
            Finding("areas", _NO, Reason.NOT_RESIDENT, "172031"),
        ),
        ({"born_until": "2010-04-02"}, _claim(), Finding("born", _YES, told="2010-04-02")),
        (
            {"born_from": "2010-04-03"},
            _claim(),
            Finding("born", _NO, Reason.OUT_OF_AGE_RANGE, "2010-04-02"),
        ),
        ({"years_from": 16}, _claim(), Finding("years", _YES, told="16")),
        ({"years_until": 0}, _claim(birth_on=DAY), Finding("years", _YES, told="0")),
        (
            {"years_until": 15},
            _claim(),
            Finding("years", _NO, Reason.OUT_OF_AGE_RANGE, "16"),
        ),
        (
            {"target_list": True},
            _claim(target=OnList("A-7")),
            Finding("target_list", _YES, told="A-7"),
        ),
        (
            {"target_list": True},
            _claim(),
            Finding("target_list", _NO, Reason.NOT_ON_TARGET_LIST),
        ),
        (
            {"statements": ["a", "b", "c"]},
            _claim(statements=frozenset({1})),
            Finding("statements", _NO, Reason.STATEMENT_MISSING, "0,2"),
        ),
        (
            {"evidence": [_PAPER]},
            _claim(evidence=frozenset({"rent"})),
            Finding("evidence.rent", _OPEN, told="賃貸借契約書"),
        ),
        (
            {"evidence": [_PAPER]},
            _claim(),
            Finding("evidence.rent", _OPEN, Reason.EVIDENCE_MISSING, "賃貸借契約書"),
        ),
        ({"attendance": True}, _claim(), Finding("attendance", _OPEN)),
        ({"attendance": True}, _claim(attended=True), Finding("attendance", _YES)),
    ],
)
def test_a_finding_names_its_rule_its_reason_and_what_it_was_told(
    entry: dict[str, Any], claim: Claim, finding: Finding
) -> None:
    assert judge(entry_of(eligibility=entry), claim, DAY).findings == (finding,)


@pytest.mark.parametrize(
    ("claim", "finding"),
    [
        (_claim(), Finding("children", _NO, Reason.OTHER, "None")),
        (_claim(children=0), Finding("children", _NO, Reason.OTHER, "0")),
        (_claim(children=1), Finding("children", _OPEN, told="1")),
        (_claim(children=9, target=OnList("1", children=1)), Finding("children", _YES, told="1")),
    ],
)
def test_a_finding_of_children_says_who_counted_how_many(claim: Claim, finding: Finding) -> None:
    entry = entry_of(amount=STEPS, eligibility={})
    assert judge(entry, claim, DAY).findings == (finding,)


@pytest.mark.parametrize("method", ["post", "counter", "pre"])
def test_a_finding_of_the_review_says_which_it_is(method: str) -> None:
    verdict = judge(entry_of(review_method=method, eligibility={}), _claim(), DAY)
    assert verdict.findings == (Finding("review", _OPEN, told=method),)


def test_children_nobody_else_counted_are_looked_at() -> None:
    entry = entry_of(amount=STEPS, eligibility={})
    assert judge(entry, _claim(), DAY).says is Says.NO
    assert judge(entry, _claim(children=0), DAY).says is Says.NO
    assert judge(entry, _claim(children=2), DAY).says is Says.OPEN
    assert judge(entry, _claim(target=OnList("1", children=2)), DAY).says is Says.YES


@given(
    born=st.dates(date(1900, 1, 1), date(2026, 1, 1)),
    day=st.dates(date(2026, 1, 1), date(2030, 1, 1)),
)
def test_a_year_is_complete_on_the_birthday_and_not_before(born: date, day: date) -> None:
    years = years_on(born, day)
    assert years >= 0
    assert day.year - born.year - years in (0, 1)
    had_birthday = (day.month, day.day) >= (born.month, born.day)
    assert (day.year - born.year == years) is had_birthday


@given(
    code=st.sampled_from(["172031", "131016", "011002"]),
    born=st.dates(date(1900, 1, 1), date(2026, 11, 27)),
    attended=st.booleans(),
    statements=st.frozensets(st.integers(0, 2)),
)
def test_judging_again_comes_to_the_same_and_no_is_no(
    code: str, born: date, attended: bool, statements: frozenset[int]
) -> None:
    rules = {"areas": ["17"], "years_until": 18, "attendance": True, "statements": ["a", "b"]}
    entry = entry_of(eligibility=rules)
    claim = _claim(municipality_code=code, birth_on=born, attended=attended, statements=statements)
    verdict = judge(entry, claim, DAY)
    assert verdict == judge(entry, claim, DAY)
    fits = code[:2] == "17" and years_on(born, DAY) <= 18 and {0, 1} <= statements
    assert (verdict.says is Says.NO) is not fits
    assert (verdict.says is Says.YES) is (fits and attended)
