"""Two mail servers: how much goes by the second, from what was measured of both."""

from dataclasses import dataclass
from enum import StrEnum

#: Points of traffic moved at a time.
STEP = 10
#: The first is worse if it is so much slower, or so much more often fails; better only well below that, so that
#: two that are nearly alike do not make the traffic swing.
_SLOWER, _AS_QUICK = 1.3, 1.1
_FAILS_MORE, _FAILS_ALIKE = 0.02, 0.005
#: Below so many tries nothing can be told; a way with no traffic is probed by the step that always stays with it.
_ENOUGH = 20
#: A way that fails so often is left at once, but for what shows whether it is well again.
_BROKEN = 0.5
#: What always goes by the other way, so that it is known how it is.
PROBE = 2


class Route(StrEnum):
    """A way out."""

    PRIMARY = "primary"
    SECONDARY = "secondary"

    @property
    def other(self) -> "Route":
        """The other one."""
        return Route.PRIMARY if self is Route.SECONDARY else Route.SECONDARY


@dataclass(frozen=True, slots=True)
class Measured:
    """What was seen of one way in the last minutes."""

    tries: int = 0
    failures: int = 0
    seconds: float = 0.0

    @property
    def failing(self) -> float:
        """The part of tries that failed through no fault of the addressee."""
        return self.failures / self.tries if self.tries else 0.0

    @property
    def pace(self) -> float:
        """Seconds a try takes."""
        return self.seconds / self.tries if self.tries else 0.0


@dataclass(frozen=True, slots=True)
class Share:
    """How many of a hundred mails go by the second way, and why."""

    percent: int
    why: str


def next_share(percent: int, primary: Measured, secondary: Measured) -> Share:
    """The share to go on with: the first way is home; the second takes over in steps while the first is worse."""
    if primary.tries < _ENOUGH or secondary.tries < _ENOUGH // 10:
        return Share(_within(percent), "too few tries")
    if primary.failing >= _BROKEN > secondary.failing:
        return Share(100 - PROBE, "the first fails")
    if secondary.failing >= _BROKEN:
        return Share(PROBE, "the second fails")
    if _is_worse(primary, secondary, _SLOWER, _FAILS_MORE):
        return Share(_within(percent + STEP), "the first is slower or fails more")
    if not _is_worse(primary, secondary, _AS_QUICK, _FAILS_ALIKE):
        return Share(_within(percent - STEP), "the first is as good")
    return Share(_within(percent), "in between")


def route_of(number: int, percent: int) -> Route:
    """The way of the ``number``-th round: spread evenly, not in blocks."""
    return Route.SECONDARY if (number * 37) % 100 < percent else Route.PRIMARY


def _is_worse(one: Measured, other: Measured, slower: float, fails_more: float) -> bool:
    return one.failing > other.failing + fails_more or one.pace > other.pace * slower


def _within(percent: int) -> int:
    return max(PROBE, min(100 - PROBE, percent))
