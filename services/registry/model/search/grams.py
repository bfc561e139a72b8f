"""Which texts hold which letters and pairs of letters: the postings of the search.

A pair that few texts hold keeps their numbers in an array; one that many hold is a set of bits.
"""

from array import array
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Sequence

from services.registry.model.search.bits import bits_of, numbers_in

#: From here on a set of bits is smaller and quicker than an array.
_MANY = 128
#: How many words and what they found are remembered.
_REMEMBERED = 2_000


def _grams(text: str) -> set[str]:
    return set(text) | {text[at : at + 2] for at in range(len(text) - 1)}


class Grams:
    """Texts by number, and the numbers of those that hold a word."""

    def __init__(self) -> None:
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

    def put(self, number: int, text: str) -> None:
        """Text ``number`` is ``text`` from now on; numbers are given without gaps."""
        if number == len(self._texts):
            self._texts.append("")
        before, after = _grams(self._texts[number]), _grams(text)
        self._texts[number] = text
        for gram in before - after:
            self._take(gram, number)
        for gram in after - before:
            self._add(gram, number)
        own = 1 << number
        for word, bits in self._asked.items():
            self._asked[word] = bits | own if word in text else bits & ~own

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
        grams = {word[at : at + 2] for at in range(len(word) - 1)} or {word}
        few = [self._few[gram] for gram in grams if gram in self._few]
        if few:
            texts, smallest = self._texts, min(few, key=len)
            return bits_of((n for n in smallest if word in texts[n]), len(texts))
        if any(gram not in self._many for gram in grams):
            return 0
        bits = -1
        for gram in grams:
            bits &= self._many[gram]
        if len(word) <= 2:
            return bits
        texts = self._texts
        return bits_of((n for n in numbers_in(bits) if word in texts[n]), len(texts))
