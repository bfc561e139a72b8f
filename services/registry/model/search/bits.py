"""Sets of small numbers as one whole number: bit *n* stands for the number *n*.

Between numbers and bits everything is done by what the language does in one call, a digit for each number.
"""

from collections.abc import Iterable
from itertools import compress

#: Above this many, looking at every place is quicker than going from one to the next.
_MANY = 800
_ONE = ord("1")
_ZERO_ONE = bytes(1 if byte == _ONE else 0 for byte in range(256))


def bits_of(numbers: Iterable[int], below: int) -> int:
    """The set of ``numbers``, all of them smaller than ``below``."""
    places = bytearray(b"0") * (below + 1)
    for number in numbers:
        places[number] = _ONE
    places.reverse()
    return int(places, 2)


def places_of(bits: int, below: int) -> bytes:
    """For each number below a bound a byte: 1 if it is in the set, else 0."""
    return f"{bits:0{below}b}".encode().translate(_ZERO_ONE)[::-1]


def numbers_in(bits: int) -> list[int]:
    """The numbers of a set, rising."""
    if bits.bit_count() > _MANY:
        places = places_of(bits, 1)
        return list(compress(range(len(places)), places))
    digits, found = f"{bits:b}"[::-1], []
    at = digits.find("1")
    while at >= 0:
        found.append(at)
        at = digits.find("1", at + 1)
    return found
