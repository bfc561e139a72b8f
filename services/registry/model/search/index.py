"""The index: public measures found in microseconds. Its plain twin, ``plain``, gives the same answers."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.clock import day_of
from services.registry.model.search.asked import FACETS, Search, Sort
from services.registry.model.search.bits import bits_of, numbers_in
from services.registry.model.search.grams import Grams
from services.registry.model.search.moments import Moments
from services.registry.model.search.order import Order
from services.registry.model.search.plain import Key, key_of
from services.registry.model.search.public_measure import PublicMeasure

_FIXED = tuple(facet for facet in FACETS if facet not in ("state", "age"))
_SORTS = (Sort.DEADLINE, Sort.AMOUNT, Sort.NEWEST)


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, before a page of it is cut."""

    #: All that match, as bits.
    hits: int
    #: For each facet, what everything but that facet leaves.
    under: Mapping[str, int]
    bits: Mapping[str, Mapping[str, int]]

    @property
    def total(self) -> int:
        """How many match."""
        return self.hits.bit_count()

    def counts(self, facet: str) -> dict[str, int]:
        """How many each value of a facet would leave."""
        under = self.under[facet]
        if not under:
            return {}
        counted = ((value, (under & own).bit_count()) for value, own in self.bits[facet].items())
        return {value: count for value, count in counted if count}


class Index:
    """Measures by number, with the bits of everything they are found by."""

    def __init__(self) -> None:
        self._measures: list[PublicMeasure] = []
        self._numbers: dict[UUID, int] = {}
        #: What codes of municipalities and services are called.
        self.names: dict[str, str] = {}
        self._grams = Grams()
        self._facets: dict[str, dict[str, int]] = {facet: {} for facet in _FIXED}
        #: The municipalities of each prefecture, so that no other is counted.
        self._within: dict[str, set[str]] = {}
        self._amounts: dict[int, int] = {}
        self._no_application = 0
        self._orders = {sort: Order() for sort in _SORTS}
        self._moments = Moments(self._measures)

    def __len__(self) -> int:
        return len(self._measures)

    def __iter__(self) -> Iterator[PublicMeasure]:
        return iter(self._measures)

    def get(self, measure_id: UUID) -> PublicMeasure | None:
        """One measure."""
        number = self._numbers.get(measure_id)
        return None if number is None else self._measures[number]

    @classmethod
    def of(cls, measures: Iterable[PublicMeasure]) -> "Index":
        """An index of many measures, each once; the same as putting one after the other, and quicker."""
        index = cls()
        for number, measure in enumerate(measures):
            index._numbers[measure.measure_id] = number
            index._measures.append(measure)
            index._mark(number, measure)
        index._grams.fill([measure.text for measure in index._measures])
        return index

    def put(self, measure: PublicMeasure) -> None:
        """A new measure, or a measure as it is now."""
        number = self._numbers.setdefault(measure.measure_id, len(self._measures))
        if number == len(self._measures):
            self._measures.append(measure)
        else:
            self._forget(number)
            self._measures[number] = measure
        self._mark(number, measure)
        self._grams.put(number, measure.text)
        self._moments.changed()

    def _forget(self, number: int) -> None:
        others = ~(1 << number)
        for values in self._facets.values():
            for value in values:
                values[value] &= others
        for yen in self._amounts:
            self._amounts[yen] &= others
        self._no_application &= others

    def _mark(self, number: int, measure: PublicMeasure) -> None:
        own = 1 << number
        for facet, values in self._facets.items():
            for value in measure.facets[facet]:
                values[value] = values.get(value, 0) | own
        for prefecture in measure.facets["prefecture"]:
            self._within.setdefault(prefecture, set()).update(measure.facets["municipality"])
        self.names |= measure.names
        yen = measure.most_yen
        self._amounts[yen] = self._amounts.get(yen, 0) | own
        if measure.needs_no_application:
            self._no_application |= own
        for sort, order in self._orders.items():
            order.put(number, key_of(measure, sort))

    def find(self, search: Search, now: datetime) -> Found:
        """Everything that matches at an instant."""
        bits: dict[str, Mapping[str, int]] = {
            **self._facets,
            "state": self._moments.states(now),
            "age": self._moments.ages(day_of(now)),
        }
        hits = (1 << len(self._measures)) - 1
        for word in search.words:
            hits &= self._grams.holding(word)
        if search.no_application:
            hits &= self._no_application
        chosen = {facet: self._chosen(search, facet, bits[facet]) for facet in FACETS}
        near = {
            code for prefecture in search.prefecture for code in self._within.get(prefecture, ())
        }
        bits["municipality"] = {code: self._facets["municipality"][code] for code in near}
        return Found(_all(hits, chosen), _under(hits, chosen, search), bits)

    def _chosen(self, search: Search, facet: str, bits: Mapping[str, int]) -> int:
        """What was chosen of a facet leaves; -1 is everything."""
        if facet == "amount":
            return self._in_range(search)
        values, found = search.chosen(facet), 0
        for value in values:
            found |= bits.get(value, 0)
        return found if values else -1

    def _in_range(self, search: Search) -> int:
        if search.amount_from is None and search.amount_to is None:
            return -1
        least = search.amount_from or 0
        most = search.amount_to if search.amount_to is not None else max(self._amounts, default=0)
        found = 0
        for yen, own in self._amounts.items():
            if least <= yen <= most:
                found |= own
        return found

    def page(
        self, found: Found, search: Search, *, sort: Sort, after: Key | None, limit: int
    ) -> list[PublicMeasure]:
        """The measures on the page that begins after a key."""
        if sort is not Sort.RELEVANCE:
            numbers = self._orders[sort].page(found.hits, after, limit)
            return [self._measures[number] for number in numbers]
        numbers = self._by_relevance(found.hits, search, after, limit)
        return [self._measures[number] for number in numbers]

    def _by_relevance(self, hits: int, search: Search, after: Key | None, limit: int) -> list[int]:
        """First those with all words in the title, then the others; each part by deadline."""
        measures, order = self._measures, self._orders[Sort.DEADLINE]
        titled = (n for n in numbers_in(hits) if all(w in measures[n].title for w in search.words))
        first = bits_of(titled, len(measures))
        numbers: list[int] = []
        for group, bits in enumerate((first, hits & ~first)):
            if after is not None and after[0] > group:
                continue
            start = (0, *after[1:]) if after is not None and after[0] == group else None
            numbers += order.page(bits, start, limit - len(numbers))
            if len(numbers) == limit:
                break
        return numbers


def _all(hits: int, chosen: Mapping[str, int]) -> int:
    for bits in chosen.values():
        hits &= bits
    return hits


def _under(hits: int, chosen: Mapping[str, int], search: Search) -> dict[str, int]:
    """What is left for each facet when its own choice is left out."""
    under = {
        facet: _all(hits, {name: bits for name, bits in chosen.items() if name != facet})
        for facet in FACETS
    }
    if search.municipality:
        within = {n: b for n, b in chosen.items() if n not in ("prefecture", "municipality")}
        under["prefecture"] = _all(hits, within)
    if not search.prefecture:
        under["municipality"] = 0
    return under
