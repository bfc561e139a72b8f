"""The table of a grant order: every one of its 196 cells, and what no way through it can do."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.benefits.model.saga import (
    FINAL,
    PAID,
    RELEASED,
    TABLE,
    Input,
    Money,
    OrderState,
    Verdict,
    _row,
    cell,
)

_S, _I = OrderState, Input

#: The columns: each input by a short name.
COLUMNS = {
    "ENQ": _I.ENQUEUE,
    "SND": _I.SEND_STARTED,
    "ACC": _I.ACCEPTED,
    "GRA": _I.GRANTED,
    "REJ": _I.REJECTED,
    "UNK": _I.TRANSPORT_UNKNOWN,
    "NOT": _I.PROVABLY_NOT_SENT,
    "iGR": _I.INQUIRY_GRANTED,
    "iRE": _I.INQUIRY_REJECTED,
    "iNF": _I.INQUIRY_NOT_FOUND,
    "CAN": _I.CANCEL,
    "DON": _I.REVERSAL_DONE,
    "REF": _I.REVERSAL_REFUSED,
    "WRI": _I.WRITE_OFF_APPROVED,
}
#: The rows, and what an order becomes by its short name.
ROWS = {
    "res": _S.RESERVED,
    "que": _S.QUEUED,
    "sen": _S.SENT,
    "acc": _S.ACCEPTED,
    "gra": _S.GRANTED,
    "rej": _S.REJECTED,
    "unk": _S.UNKNOWN,
    "crq": _S.CANCEL_REQUESTED,
    "can": _S.CANCELLED,
    "lat": _S.TOO_LATE,
    "rsn": _S.REVERSAL_SENT,
    "rev": _S.REVERSED,
    "rfa": _S.REVERSAL_FAILED,
    "wri": _S.WRITTEN_OFF,
}
# "." ignored, "!" a conflict, "$" a conflict with money in suspense; else what the order becomes:
# "+" with a post of its reservation, "-" with its release, "<" with what was owed taken back.
GRID = """
     ENQ  SND  ACC  GRA  REJ  UNK  NOT  iGR  iRE  iNF  CAN  DON  REF  WRI
res  que  !    !    !    !    !    !    !    !    .    can- !    !    !
que  .    sen  !    !    !    !    .    !    !    .    can- !    !    !
sen  .    .    acc  gra+ rej- unk  que  gra+ rej- .    crq  !    !    !
acc  .    .    .    gra+ rej- .    .    gra+ rej- !    crq  !    !    !
gra  .    .    .    .    !    .    .    .    !    !    lat  !    !    !
rej  .    .    .    $    .    .    .    $    .    .    .    !    !    !
unk  .    sen  acc  gra+ rej- .    .    gra+ rej- unk  crq  !    !    !
crq  .    .    .    lat+ can- .    can- lat+ can- can- .    !    !    !
can  .    .    .    $    .    .    .    $    .    .    .    !    !    !
lat  .    rsn  .    .    !    .    .    .    !    !    .    !    !    !
rsn  .    rsn  .    .    !    .    lat  .    !    !    .    rev< rfa  !
rev  .    .    .    .    !    .    .    .    !    !    .    .    !    !
rfa  .    .    .    .    !    .    .    .    !    !    lat  !    .    wri
wri  .    .    .    .    !    .    .    .    !    !    .    !    .    .
"""
MARKS = {
    ".": (Verdict.IGNORE, Money.NOTHING),
    "!": (Verdict.CONFLICT, Money.NOTHING),
    "$": (Verdict.CONFLICT, Money.SUSPEND),
}
MOVES = {"": Money.NOTHING, "+": Money.POST, "-": Money.VOID, "<": Money.REVERSE}

Wanted = tuple[OrderState, Input, Verdict, OrderState | None, Money]


def _cells() -> list[Wanted]:
    head, *lines = GRID.strip().splitlines()
    inputs = [COLUMNS[name] for name in head.split()]
    return [
        _wanted(ROWS[line.split()[0]], heard, mark)
        for line in lines
        for heard, mark in zip(inputs, line.split()[1:], strict=True)
    ]


def _wanted(state: OrderState, heard: Input, mark: str) -> Wanted:
    if mark in MARKS:
        return state, heard, MARKS[mark][0], None, MARKS[mark][1]
    return state, heard, Verdict.APPLY, ROWS[mark[:3]], MOVES[mark[3:]]


def test_the_grid_has_fourteen_states_by_fourteen_inputs_each_once() -> None:
    cells = {(state, heard) for state, heard, *_ in _cells()}
    assert len(_cells()) == len(cells) == len(OrderState) * len(Input) == 196


@pytest.mark.parametrize("wanted", _cells(), ids=lambda w: f"{w[0]} {w[1]}")
def test_a_cell_says_what_the_grid_says(wanted: Wanted) -> None:
    state, heard, verdict, becomes, money = wanted
    found = cell(state, heard)
    assert (found.verdict, found.becomes, found.money) == (verdict, becomes, money)


def test_a_row_with_a_missing_or_doubled_cell_is_refused() -> None:
    every = tuple(Input)
    with pytest.raises(ValueError, match="missing or doubled"):
        _row({}, ignored=every[1:], conflicts=())
    with pytest.raises(ValueError, match="missing or doubled"):
        _row({}, ignored=every, conflicts=every[:1])
    assert len(_row({}, ignored=every[2:], conflicts=every[:1], suspended=every[1:2])) == 14


def test_every_state_can_be_reached_and_final_ones_are_left_by_a_cancel_at_most() -> None:
    reached, frontier = {_S.RESERVED}, [_S.RESERVED]
    while frontier:
        nexts = {c.becomes for c in TABLE[frontier.pop()].values() if c.becomes} - reached
        reached |= nexts
        frontier += nexts
    assert reached == set(OrderState)
    for state in FINAL:
        left = {heard for heard, c in TABLE[state].items() if c.verdict is Verdict.APPLY}
        assert left <= {_I.CANCEL}


@settings(max_examples=1500, deadline=None)
@given(st.lists(st.sampled_from(Input), max_size=40))
def test_no_sequence_of_inputs_pays_twice_or_both_pays_and_releases(heard: list[Input]) -> None:
    state, moved = _S.RESERVED, Counter[Money]()
    for one in heard:
        found = cell(state, one)
        moved[found.money] += 1
        state = found.becomes or state
        if found.money is Money.SUSPEND:
            assert state in RELEASED
    assert moved[Money.POST] == (state in PAID)
    assert moved[Money.VOID] == (state in RELEASED)
    assert moved[Money.REVERSE] == (state is _S.REVERSED)
    assert moved[Money.POST] + moved[Money.VOID] <= 1


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from(Input), max_size=20), st.sampled_from(Input))
def test_the_same_answer_heard_again_moves_neither_order_nor_money(
    heard: list[Input], twice: Input
) -> None:
    answers = {_I.ACCEPTED, _I.GRANTED, _I.REJECTED, _I.INQUIRY_GRANTED, _I.INQUIRY_REJECTED}
    state = _S.RESERVED
    for one in heard:
        state = cell(state, one).becomes or state
    first = cell(state, twice)
    if twice in answers and first.verdict is Verdict.APPLY and first.becomes is not None:
        again = cell(first.becomes, twice)
        assert (again.verdict, again.money) == (Verdict.IGNORE, Money.NOTHING)
