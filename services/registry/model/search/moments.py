"""What time changes: states and ages as bits, computed anew only when an instant or a day has passed."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from services.registry.model.search.asked import AgeGroup, State
from services.registry.model.search.bits import bits_of
from services.registry.model.search.public_measure import PublicMeasure

Bits = dict[str, int]
_NEVER = datetime.min.replace(tzinfo=UTC)


class Moments:
    """States and age groups of numbered measures, good for a span of time."""

    def __init__(self, measures: Sequence[PublicMeasure]) -> None:
        #: The index's own list, which grows.
        self._measures = measures
        self._states: Bits | None = None
        self._from = self._until = _NEVER
        self._ages: dict[date, Bits] = {}

    def changed(self) -> None:
        """A measure is another one now."""
        self._states = None
        self._ages.clear()

    def states(self, now: datetime) -> Bits:
        """The measures in each state at an instant."""
        if self._states is None or not self._from <= now < self._until:
            self._states = self._sorted_by_state(now)
        return self._states

    def _sorted_by_state(self, now: datetime) -> Bits:
        found: dict[State, list[int]] = {state: [] for state in State}
        last, following = _NEVER, None
        for number, measure in enumerate(self._measures):
            for state in measure.states(now):
                found[state].append(number)
            for turn in measure.turns():
                if turn <= now:
                    last = max(last, turn)
                elif following is None or turn < following:
                    following = turn
        self._from = last
        self._until = following or datetime.max.replace(tzinfo=UTC)
        size = len(self._measures)
        return {str(state): bits_of(numbers, size) for state, numbers in found.items()}

    def ages(self, day: date) -> Bits:
        """The measures for each age group on a day."""
        known = self._ages.get(day)
        if known is None:
            found: dict[str, list[int]] = {str(group): [] for group in AgeGroup}
            for number, measure in enumerate(self._measures):
                for group in measure.age_groups(day):
                    found[str(group)].append(number)
            size = len(self._measures)
            self._ages.clear()
            known = self._ages[day] = {g: bits_of(n, size) for g, n in found.items()}
        return known
