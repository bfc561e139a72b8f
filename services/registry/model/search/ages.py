"""Whom a measure is for, by age on a day."""

from dataclasses import dataclass
from datetime import date, timedelta

from contracts.registry import Eligibility
from services.registry.model.search.asked import YEARS

#: Nobody is older.
_OLDEST = 150


@dataclass(frozen=True, slots=True)
class Ages:
    """The first and the last day on which somebody may be born, and limits that hold on the day itself."""

    born_from: date | None
    born_until: date | None
    years_from: int | None
    years_until: int | None

    def groups(self, day: date) -> frozenset[str]:
        """The groups somebody of whom may receive on a day."""
        least, most = self.range(day)
        return frozenset(g for g, (low, high) in YEARS.items() if low <= most and least <= high)

    def range(self, day: date) -> tuple[int, int]:
        """The youngest and the oldest who may receive, in completed years."""
        least = [self.years_from or 0]
        most = [_OLDEST if self.years_until is None else self.years_until]
        if self.born_until is not None:
            least.append(years_between(self.born_until, day))
        if self.born_from is not None:
            most.append(years_between(self.born_from, day))
        return max(least), min(most)


def ages_of(rule: Eligibility) -> Ages:
    """The ages of a rule; years that are counted on a fixed day are days of birth."""
    if rule.years_on is None:
        return Ages(rule.born_from, rule.born_until, rule.years_from, rule.years_until)
    latest, earliest = [rule.born_until], [rule.born_from]
    if rule.years_from is not None:
        latest.append(years_before(rule.years_on, rule.years_from))
    if rule.years_until is not None:
        earliest.append(years_before(rule.years_on, rule.years_until + 1) + timedelta(days=1))
    return Ages(
        max((d for d in earliest if d is not None), default=None),
        min((d for d in latest if d is not None), default=None),
        None,
        None,
    )


def years_before(on: date, years: int) -> date:
    """The day of birth of somebody who completes ``years`` on a day."""
    year = max(on.year - years, 1)
    try:
        return on.replace(year=year)
    except ValueError:  # the 29th of February
        return on.replace(year=year, day=28)


def years_between(born: date, day: date) -> int:
    """Completed years on a day."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
