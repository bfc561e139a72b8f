"""What a line of a statement means beside an order: each class, and what follows from it."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.benefits.model.reconciliation import (
    Finding,
    Line,
    MatchClass,
    Ours,
    Remedy,
    compare,
    is_missing,
)
from services.benefits.model.saga import PAID, RELEASED, OrderState

DAY = date(2026, 11, 20)
LINE = Line(amount=3000, resident_ref="r-1", granted_on=DAY, transaction_id="t-1")
OURS = Ours(OrderState.GRANTED, 3000, "r-1", DAY, "t-1")


def test_a_line_like_the_order_matches() -> None:
    assert compare(OURS, LINE) == Finding(MatchClass.MATCHED, Remedy.AGREE)


def test_a_line_nobody_ordered_is_a_case() -> None:
    assert compare(None, LINE) == Finding(MatchClass.MISSING_HERE, Remedy.CASE)


@pytest.mark.parametrize("amount", [2999, 3001, 1, 6000])
def test_another_amount_is_a_case(amount: int) -> None:
    found = compare(OURS, replace(LINE, amount=amount))
    assert found == Finding(MatchClass.AMOUNT, Remedy.CASE)


def test_a_line_for_another_person_is_a_case_before_anything_else() -> None:
    found = compare(OURS, replace(LINE, resident_ref="r-2", amount=1, transaction_id="t-2"))
    assert found == Finding(MatchClass.WRONG_PERSON, Remedy.CASE)


def test_a_second_transaction_for_one_order_is_a_double() -> None:
    found = compare(OURS, replace(LINE, transaction_id="t-2"))
    assert found == Finding(MatchClass.DOUBLE, Remedy.CASE)


@pytest.mark.parametrize("day", [date(2026, 11, 19), date(2026, 11, 21)])
def test_a_neighbouring_day_is_a_shift_and_agrees(day: date) -> None:
    found = compare(OURS, replace(LINE, granted_on=day))
    assert found == Finding(MatchClass.DATE_SHIFT, Remedy.AGREE)


@pytest.mark.parametrize(
    "state",
    [OrderState.SENT, OrderState.ACCEPTED, OrderState.UNKNOWN, OrderState.CANCEL_REQUESTED],
)
def test_a_line_for_an_order_without_an_answer_grants_it(state: OrderState) -> None:
    ours = Ours(state, 3000, "r-1", None, None)
    assert compare(ours, LINE) == Finding(MatchClass.MISSING_HERE, Remedy.GRANT)


@pytest.mark.parametrize("state", [OrderState.RESERVED, OrderState.QUEUED])
def test_a_line_for_an_order_that_never_left_is_a_case(state: OrderState) -> None:
    ours = Ours(state, 3000, "r-1", None, None)
    assert compare(ours, LINE) == Finding(MatchClass.MISSING_HERE, Remedy.CASE)


@pytest.mark.parametrize("state", sorted(RELEASED))
@pytest.mark.parametrize(("free", "remedy"), [(True, Remedy.ADOPT), (False, Remedy.CASE)])
def test_a_line_for_a_released_order_is_taken_on_only_if_nothing_took_its_place(
    state: OrderState, free: bool, remedy: Remedy
) -> None:
    ours = Ours(state, 3000, "r-1", None, None, free)
    assert compare(ours, LINE) == Finding(MatchClass.MISSING_HERE, remedy)


def test_a_grant_is_missing_there_once_the_next_days_statement_has_no_line_either() -> None:
    assert not is_missing(DAY, DAY)
    assert is_missing(DAY, date(2026, 11, 21))


@given(
    st.sampled_from(OrderState),
    st.integers(1, 3),
    st.sampled_from(["r-1", "r-2"]),
    st.sampled_from([None, "t-1", "t-2"]),
    st.booleans(),
)
def test_nothing_closes_by_rule_unless_person_and_amount_agree(
    state: OrderState, amount: int, person: str, transaction: str | None, free: bool
) -> None:
    granted_on = DAY if state in PAID else None
    found = compare(
        Ours(state, amount, person, granted_on, transaction, free), replace(LINE, amount=2)
    )
    if found.remedy is not Remedy.CASE:
        assert (amount, person) == (2, "r-1")
        assert transaction != "t-2"
