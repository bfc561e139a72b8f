"""Doors that open more slowly to those who guess, and never close to their owner."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.identity.model.tries import (
    PAIR_CAP,
    SHARED_CAP,
    Tries,
    admitted,
    key_of,
    network_of,
)

BEGIN = datetime(2023, 12, 1, tzinfo=UTC)


class Door:
    """The counters of one account, as the store keeps them."""

    def __init__(self) -> None:
        self.kept: dict[bytes, Tries] = {}

    def knock(self, network: str, at: datetime, *, known: bool = False) -> timedelta | None:
        """How long this network has to wait; None if its password is compared now (and wrong)."""
        own = key_of("known" if known else "pair", network)
        shared = [] if known else [key_of("account"), key_of("network", network)]
        tries = [self.kept.get(k, Tries(k, 0, at)) for k in (own, *shared)]
        after, wait = admitted(tries[0], tries[1:], at, known=known)
        self.kept |= {t.key: t for t in after}
        return wait


def test_four_failures_cost_nothing_and_then_pauses_double() -> None:
    door, at, pauses = Door(), BEGIN, []
    for _ in range(10):
        wait = door.knock("a", at)
        while wait:
            at += wait
            wait = door.knock("a", at)
        pauses.append(at)
    gaps = [(b - a).total_seconds() for a, b in pairwise(pauses)]
    assert gaps == [0, 0, 0, 0, 1, 2, 4, 8, 16]


def test_tries_at_once_are_counted_one_after_the_other() -> None:
    door = Door()
    let_in = [door.knock("a", BEGIN) is None for _ in range(50)]
    assert let_in.count(True) == 5


def test_a_clock_that_is_a_little_behind_costs_nothing() -> None:
    door = Door()
    waits = [door.knock("a", BEGIN - timedelta(milliseconds=n)) for n in range(5)]
    assert waits == [None] * 5


def test_ten_thousand_tries_over_many_networks_keep_the_owner_out_for_half_a_minute_at_most() -> (
    None
):
    door, at = Door(), BEGIN
    for number in range(10_000):
        door.knock(f"attacker {number % 700}", at)
        at += timedelta(milliseconds=20)
    wait = door.knock("the owner's phone", at)
    assert wait is None or wait <= SHARED_CAP
    # The attackers go on knocking while the owner waits, and cannot take the turn away.
    until = at + (wait or timedelta())
    while at < until:
        door.knock(f"attacker {at.microsecond % 700}", at)
        at += timedelta(milliseconds=20)
    assert door.knock("the owner's phone", until) is None


def test_strangers_never_slow_down_a_place_that_is_known() -> None:
    door = Door()
    for number in range(1000):
        door.knock(f"attacker {number}", BEGIN)
        door.knock("the office", BEGIN)
    assert door.knock("the office", BEGIN, known=True) is None


def test_a_stranger_in_the_office_does_not_block_a_colleague_for_long() -> None:
    door, at = Door(), BEGIN
    own, network = key_of("pair", "colleague"), key_of("network", "office")
    for _ in range(500):
        door.knock("office", at)
        at += timedelta(seconds=1)
    _, wait = admitted(Tries(own, 0, at), [door.kept[network]], at, known=False)
    assert wait is None or wait <= SHARED_CAP


def test_one_network_at_one_account_waits_up_to_a_quarter_of_an_hour() -> None:
    door, at, compared = Door(), BEGIN, 0
    while at < BEGIN + timedelta(days=1):
        wait = door.knock("a", at)
        compared += wait is None
        at += wait or timedelta(milliseconds=1)
    assert compared <= 4 + 11 + timedelta(days=1) // PAIR_CAP
    assert compared > 90


def test_failures_long_past_are_forgotten() -> None:
    door = Door()
    for _ in range(30):
        door.knock("a", BEGIN)
    later = BEGIN + timedelta(hours=25)
    assert [door.knock("a", later) for _ in range(5)] == [None] * 5


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.floats(0, 40, allow_nan=False)), min_size=1, max_size=120
    )
)
def test_whoever_waits_as_told_gets_a_turn(knocks: list[tuple[int, float]]) -> None:
    door, at = Door(), BEGIN
    for network, seconds in knocks:
        door.knock(f"network {network}", at)
        at += timedelta(seconds=seconds)
    patient = "somebody new"
    waited = timedelta()
    while wait := door.knock(patient, at):
        assert wait <= SHARED_CAP
        # Others knock all the time.
        for n in range(6):
            door.knock(f"network {n}", at)
        at += wait
        waited += wait
    assert waited <= SHARED_CAP


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.7", "203.0.113.200", True),
        ("203.0.113.7", "203.0.114.7", False),
        ("2001:db8:1:2::5", "2001:db8:1:2ff::9", False),
        ("2001:db8:1:200::5", "2001:db8:1:2ff::9", True),
        ("::ffff:203.0.113.7", "203.0.113.9", True),
        ("nonsense", "also nonsense", True),
    ],
)
def test_neighbours_share_a_network(one: str, other: str, same: bool) -> None:
    assert (network_of(one) == network_of(other)) is same
