"""Which mail server takes how much: simulated, without one."""

import random
from collections.abc import Callable
from itertools import pairwise

import pytest

from services.notifications.model.lanes import Lanes
from services.notifications.model.routes import PROBE, Measured, Route, next_share, route_of

#: Seconds a mail takes and how often it fails, by minute of the simulation.
Server = Callable[[int], tuple[float, float]]


def steady(seconds: float, failing: float = 0.0) -> Server:
    return lambda _minute: (seconds, failing)


def simulated(first: Server, second: Server, minutes: int, seed: int = 1) -> list[int]:
    """The share of the second server after each decision; 1,000 mails between two."""
    chance, percent, shares = random.Random(seed), PROBE, []
    for minute in range(minutes):
        seen = {route: [0, 0, 0.0] for route in Route}
        for number in range(1000):
            route = route_of(number, percent)
            seconds, failing = (first if route is Route.PRIMARY else second)(minute)
            counts = seen[route]
            counts[0] += 1
            counts[1] += chance.random() < failing
            counts[2] += seconds * chance.uniform(0.8, 1.2)
        measured = [Measured(int(t), int(f), s) for t, f, s in seen.values()]
        percent = next_share(percent, *measured).percent
        shares.append(percent)
    return shares


def test_a_slow_first_server_loses_its_traffic_step_by_step() -> None:
    shares = simulated(steady(2.0), steady(0.5), 12)
    assert shares == sorted(shares) and shares[-1] == 100 - PROBE
    assert max(b - a for a, b in pairwise(shares)) <= 10


def test_a_first_server_that_fails_is_left_at_once() -> None:
    assert simulated(steady(0.5, failing=0.9), steady(0.5), 1) == [100 - PROBE]


def test_traffic_comes_home_when_the_first_server_is_well_again() -> None:
    shares = simulated(lambda minute: (3.0 if minute < 12 else 0.5, 0.0), steady(0.5), 40)
    assert shares[11] == 100 - PROBE and shares[-1] == PROBE


def test_two_servers_that_are_alike_do_not_make_the_traffic_swing() -> None:
    for seed in range(5):
        assert set(simulated(steady(0.5), steady(0.5), 30, seed)) == {PROBE}
    for seed in range(5):
        # Between "worse" and "as good" nothing moves at all.
        assert set(simulated(steady(0.6), steady(0.5), 30, seed)) == {PROBE}


def test_a_second_server_that_fails_gets_no_more_than_what_shows_it() -> None:
    assert simulated(steady(3.0), steady(0.5, failing=1.0), 10)[-1] == PROBE


def test_too_few_tries_decide_nothing() -> None:
    assert next_share(40, Measured(5, 5, 9.0), Measured(1000)).percent == 40


@pytest.mark.parametrize("percent", [0, 2, 10, 50, 98, 100])
def test_rounds_are_spread_evenly(percent: int) -> None:
    taken = [route_of(number, percent) for number in range(1000)]
    assert taken.count(Route.SECONDARY) == percent * 10


# ------------------------------------------------------------------ lanes


def test_no_domain_takes_more_than_half_of_the_lanes() -> None:
    lanes = Lanes(4)
    lanes.enter("aoba.example")
    assert lanes.crowded() == []
    lanes.enter("aoba.example")
    assert lanes.crowded() == ["aoba.example"]
    lanes.leave("aoba.example")
    assert lanes.crowded() == []


def test_a_slow_domain_has_one_lane_until_it_is_quick_again() -> None:
    lanes = Lanes(8)
    for _ in range(5):
        lanes.took("slow.example", 5.0)
    lanes.enter("slow.example")
    assert lanes.crowded() == ["slow.example"]
    lanes.took("slow.example", 1.0)
    assert lanes.crowded() == ["slow.example"]
    for _ in range(10):
        lanes.took("slow.example", 0.1)
    assert lanes.crowded() == []
