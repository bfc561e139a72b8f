"""One order of all measures, from which a page is cut for any set of them."""

from bisect import bisect_left, bisect_right, insort
from heapq import nsmallest

from services.registry.model.search.bits import numbers_in
from services.registry.model.search.plain import Key

#: So few are sorted by themselves; of more the order is walked until the page is full.
_FEW = 400


class Order:
    """Keys with the numbers they belong to, always sorted."""

    def __init__(self) -> None:
        self._sorted: list[tuple[Key, int]] = []
        self._keys: list[Key] = []

    def put(self, number: int, key: Key) -> None:
        """Number ``number`` stands at ``key`` from now on."""
        if number == len(self._keys):
            self._keys.append(key)
        else:
            if self._keys[number] == key:
                return
            del self._sorted[bisect_left(self._sorted, (self._keys[number], number))]
            self._keys[number] = key
        insort(self._sorted, (key, number))

    def page(self, bits: int, after: Key | None, limit: int) -> list[int]:
        """The first ``limit`` numbers of a set that come after a key."""
        if bits.bit_count() <= _FEW:
            keys = self._keys
            wanted = numbers_in(bits)
            if after is not None:
                wanted = [number for number in wanted if keys[number] > after]
            return nsmallest(limit, wanted, key=keys.__getitem__)
        start = 0 if after is None else bisect_right(self._sorted, (after, len(self._keys)))
        marks = bits.to_bytes((len(self._keys) >> 3) + 1, "little")
        found: list[int] = []
        for at in range(start, len(self._sorted)):
            number = self._sorted[at][1]
            if marks[number >> 3] >> (number & 7) & 1:
                found.append(number)
                if len(found) == limit:
                    break
        return found
