"""Sets of small numbers as one whole number: bit *n* stands for the number *n*."""

from collections.abc import Iterable
from itertools import compress

#: Above this many, looking at every place is quicker than going from one to the next.
_MANY = 800
_ZERO_ONE = bytes(1 if byte == ord("1") else 0 for byte in range(256))


def bits_of(numbers: Iterable[int], below: int) -> int:
    """The set of ``numbers``, all of them smaller than ``below``."""
    marks = bytearray((below >> 3) + 1)
    for number in numbers:
        marks[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(marks, "little")


def numbers_in(bits: int) -> list[int]:
    """The numbers of a set, rising."""
    places = f"{bits:b}"[::-1]
    if bits.bit_count() > _MANY:
        return list(compress(range(len(places)), places.encode().translate(_ZERO_ONE)))
    found: list[int] = []
    at = places.find("1")
    while at >= 0:
        found.append(at)
        at = places.find("1", at + 1)
    return found
