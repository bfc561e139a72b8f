"""Which texts hold which letters and pairs of letters: the postings of the search.

A pair that few texts hold keeps their numbers in an array; one that many hold is a set of bits. Of a word whose pairs
nearly every text holds thousands of texts would have to be read, so that longer pieces which stand in very many texts
when the index is built are kept as bits, too; there cannot be many of those.
"""

from array import array
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from itertools import pairwise

from services.registry.model.search.bits import bits_of, numbers_in

#: From here on a set of bits is smaller and quicker than an array.
_MANY = 128
#: How many words and what they found are remembered.
_REMEMBERED = 2_000


#: A longer piece is worth its bits from so many texts on: fewer are read as quickly.
_WORTH = 800
#: Letters of the longest piece that is kept.
_LONGEST = 8


def _grams(text: str) -> set[str]:
    return set(text) | {text[at : at + 2] for at in range(len(text) - 1)}


def _pieces(text: str, lengths: Iterable[int]) -> Iterable[str]:
    for length in lengths:
        yield from (text[at : at + length] for at in range(len(text) - length + 1))


class Grams:
    """Texts by number, and the numbers of those that hold a word."""

    def __init__(self, worth: int = _WORTH) -> None:
        self._worth = worth
        self._texts: list[str] = []
        self._few: dict[str, array[int]] = {}
        self._many: dict[str, int] = {}
        #: Words that were asked for, kept true by every change.
        self._asked: dict[str, int] = {}

    def fill(self, texts: Sequence[str]) -> None:
        """Take in the first texts all at once, which is quicker than one after the other."""
        numbers_of: defaultdict[str, array[int]] = defaultdict(lambda: array("I"))
        for number, text in enumerate(texts):
            for gram in _grams(text):
                numbers_of[gram].append(number)
        self._texts = list(texts)
        for gram, numbers in numbers_of.items():
            if len(numbers) > _MANY:
                self._many[gram] = bits_of(numbers, len(texts))
            else:
                self._few[gram] = numbers
        self._keep_longer()

    def _keep_longer(self) -> None:
        """A piece stands only where both pieces that are one letter shorter stand: each length is found by the last."""
        pairs = {
            gram
            for gram, bits in self._many.items()
            if len(gram) == 2 and bits.bit_count() > self._worth
        }
        places = [_places(text, 2, pairs, range(len(text))) for text in self._texts]
        for length in range(3, _LONGEST + 1):
            numbers_of: defaultdict[str, array[int]] = defaultdict(lambda: array("I"))
            for number, (text, here) in enumerate(zip(self._texts, places, strict=True)):
                for piece in {text[a : a + length] for a, b in pairwise(here) if b == a + 1}:
                    numbers_of[piece].append(number)
            kept = {p: numbers for p, numbers in numbers_of.items() if len(numbers) > self._worth}
            self._many |= {p: bits_of(numbers, len(self._texts)) for p, numbers in kept.items()}
            places = [
                _places(text, length, kept, here)
                for text, here in zip(self._texts, places, strict=True)
            ]

    def put(self, number: int, text: str) -> None:
        """Text ``number`` is ``text`` from now on; numbers are given without gaps."""
        if number == len(self._texts):
            self._texts.append("")
        before, after = self._held(self._texts[number]), self._held(text)
        self._texts[number] = text
        for gram in before - after:
            self._take(gram, number)
        for gram in after - before:
            self._add(gram, number)
        own = 1 << number
        for word, bits in self._asked.items():
            self._asked[word] = bits | own if word in text else bits & ~own

    def _held(self, text: str) -> set[str]:
        longer = (p for p in _pieces(text, range(3, _LONGEST + 1)) if p in self._many)
        return _grams(text).union(longer)

    def _add(self, gram: str, number: int) -> None:
        bits = self._many.get(gram)
        if bits is not None:
            self._many[gram] = bits | 1 << number
            return
        numbers = self._few.setdefault(gram, array("I"))
        if not numbers or number > numbers[-1]:
            numbers.append(number)
        else:
            insort(numbers, number)
        if len(numbers) > _MANY:
            self._many[gram] = bits_of(numbers, len(self._texts))
            del self._few[gram]

    def _take(self, gram: str, number: int) -> None:
        if gram in self._many:
            self._many[gram] &= ~(1 << number)
            return
        numbers = self._few[gram]
        del numbers[bisect_left(numbers, number)]

    def holding(self, word: str) -> int:
        """The texts that hold ``word``, as bits."""
        found = self._asked.get(word)
        if found is None:
            found = self._look(word)
            if len(self._asked) >= _REMEMBERED:
                self._asked.clear()
            self._asked[word] = found
        return found

    def _look(self, word: str) -> int:
        if word in self._many:
            return self._many[word]
        grams = {word[at : at + 2] for at in range(len(word) - 1)} or {word}
        few = [self._few[gram] for gram in grams if gram in self._few]
        if few:
            smallest = min(few, key=len)
            return self._read(smallest, word)
        if any(gram not in self._many for gram in grams):
            return 0
        bits = -1
        for piece in _pieces(word, range(1, _LONGEST + 1)):
            bits &= self._many.get(piece, -1)
        return self._read(numbers_in(bits), word)

    def _read(self, numbers: Iterable[int], word: str) -> int:
        """Of these texts the ones that do hold a word."""
        texts = self._texts
        return bits_of([n for n in numbers if word in texts[n]], len(texts))


def _places(text: str, length: int, kept: Container[str], among: Iterable[int]) -> list[int]:
    return [at for at in among if text[at : at + length] in kept]
