"""One order of all measures, from which a page is cut for any set of them."""

from bisect import bisect_left, bisect_right
from heapq import nsmallest
from itertools import compress, islice

from services.registry.model.search.bits import numbers_in, places_of
from services.registry.model.search.plain import Key

#: So few are sorted by themselves; of more the order is walked until the page is full.
_FEW = 400


class Order:
    """Keys with the numbers they belong to, always sorted."""

    def __init__(self) -> None:
        self._sorted: list[tuple[Key, int]] = []
        #: The numbers alone, in the same order.
        self._numbers: list[int] = []
        self._keys: list[Key] = []

    def put(self, number: int, key: Key) -> None:
        """Number ``number`` stands at ``key`` from now on."""
        if number == len(self._keys):
            self._keys.append(key)
        else:
            if self._keys[number] == key:
                return
            at = bisect_left(self._sorted, (self._keys[number], number))
            del self._sorted[at], self._numbers[at]
            self._keys[number] = key
        at = bisect_left(self._sorted, (key, number))
        self._sorted.insert(at, (key, number))
        self._numbers.insert(at, number)

    def page(self, bits: int, after: Key | None, limit: int) -> list[int]:
        """The first ``limit`` numbers of a set that come after a key."""
        if bits.bit_count() <= _FEW:
            keys = self._keys
            wanted = numbers_in(bits)
            if after is not None:
                wanted = [number for number in wanted if keys[number] > after]
            return nsmallest(limit, wanted, key=keys.__getitem__)
        start = 0 if after is None else bisect_right(self._sorted, (after, len(self._keys)))
        numbers = self._numbers[start:] if start else self._numbers
        chosen = map(places_of(bits, len(self._keys)).__getitem__, numbers)
        return list(islice(compress(numbers, chosen), limit))
