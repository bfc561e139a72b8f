"""The plain twin of the index: looks at every measure, and is right because it is so simple."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from chassis.clock import day_of
from services.registry.model.search.asked import CURRENT, FACETS, Search, Sort
from services.registry.model.search.public_measure import PublicMeasure

#: What puts a measure into its place: two figures, and its id between equals.
Key = tuple[int, int, str]


def key_of(measure: PublicMeasure, sort: Sort, words: tuple[str, ...] = ()) -> Key:
    """The place of a measure in an order."""
    own = str(measure.measure_id)
    until = int(measure.apply_until.timestamp())
    if sort is Sort.AMOUNT:
        return -measure.most_yen, until, own
    if sort is Sort.NEWEST:
        return -int(measure.published_at.timestamp()), until, own
    if sort is Sort.RELEVANCE:
        return 0 if all(word in measure.title for word in words) else 1, until, own
    return 0, until, own


def values_of(measure: PublicMeasure, facet: str, now: datetime) -> frozenset[str]:
    """The values of a facet a measure has at an instant."""
    if facet == "state":
        return measure.states(now)
    if facet == "age":
        return measure.age_groups(day_of(now))
    return measure.facets[facet]


def matches(
    search: Search, measure: PublicMeasure, now: datetime, *, without: str | None = None
) -> bool:
    """Whether a measure is what somebody looks for; ``without`` leaves one facet out."""
    text = measure.text
    if not all(word in text for word in search.words):
        return False
    if search.no_application and not measure.needs_no_application:
        return False
    if without != "amount" and not _amount_fits(search, measure.most_yen):
        return False
    return all(
        not search.chosen(facet) or search.chosen(facet) & values_of(measure, facet, now)
        for facet in FACETS
        if facet not in (without, "amount")
    )


def _amount_fits(search: Search, yen: int) -> bool:
    least = search.amount_from if search.amount_from is not None else yen
    most = search.amount_to if search.amount_to is not None else yen
    return least <= yen <= most


def find(
    measures: Iterable[PublicMeasure],
    search: Search,
    now: datetime,
    *,
    sort: Sort = Sort.DEADLINE,
    after: Key | None = None,
    limit: int | None = None,
) -> tuple[int, list[PublicMeasure]]:
    """How many match, and those on the page that begins after a key."""
    found = [measure for measure in measures if matches(search, measure, now)]
    keyed = sorted(((key_of(m, sort, search.words), m) for m in found), key=lambda pair: pair[0])
    page = [m for key, m in keyed if after is None or key > after]
    return len(found), page[:limit]


def counts(
    measures: Iterable[PublicMeasure], search: Search, now: datetime
) -> dict[str, dict[str, int]]:
    """How many each value of each facet would leave, under everything else that was chosen."""
    everything = list(measures)
    return {facet: _count(everything, search, facet, now) for facet in FACETS}


def _count(
    measures: list[PublicMeasure], search: Search, facet: str, now: datetime
) -> dict[str, int]:
    if facet == "municipality" and not search.prefecture:
        return {}
    # Municipalities are counted inside the prefecture, also the ones that were not chosen.
    asked = replace(search, municipality=frozenset()) if facet == "prefecture" else search
    found: Counter[str] = Counter()
    for measure in measures:
        if matches(asked, measure, now, without=facet):
            found.update(values_of(measure, facet, now))
    return dict(found)


__all__ = ["CURRENT", "Key", "counts", "find", "key_of", "matches", "values_of"]
