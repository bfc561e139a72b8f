"""Whose an account is, by the reading of a name: two ways of writing one name are the same."""

import unicodedata
from enum import StrEnum

from chassis.folding import fold


class Holder(StrEnum):
    """What a provider says of the name an account is kept under."""

    MATCH = "match"
    NO_MATCH = "no_match"
    #: It was not asked, or knows no name.
    CANNOT_SAY = "cannot_say"


_SMALL = dict(zip("ァィゥェォッャュョヮ", "アイウエオツヤユヨワ", strict=True))
#: Written either way in one name: banks know no ヲ, and ヂ and ヅ are said ジ and ズ.
_ALIKE = {"ヲ": "オ", "ヂ": "ジ", "ヅ": "ズ", "ヰ": "イ", "ヱ": "エ"}
_AS = str.maketrans(_SMALL | _ALIKE)
#: Voicing marks on their own become part of the kana before them.
_MARKS = str.maketrans({"゛": "\u3099", "゜": "\u309a", "ﾞ": "\u3099", "ﾟ": "\u309a"})
_LONG = "ー"
#: The kana a long mark may stand for after a kana with that vowel.
_LENGTHENED = {"ア": "ア", "イ": "イ", "ウ": "ウ", "エ": "エイ", "オ": "オウ"}
_ROWS = {
    "ア": "アカガサザタダナハバパマヤラワ",
    "イ": "イキギシジチニヒビピミリ",
    "ウ": "ウクグスズツヌフブプムユルヴ",
    "エ": "エケゲセゼテデネヘベペメレ",
    "オ": "オコゴソゾトドノホボポモヨロ",
}
_VOWEL = {kana: vowel for vowel, row in _ROWS.items() for kana in row}


def reading(name: str) -> str:
    """A name as it is compared: large full-width katakana without blanks."""
    joined = unicodedata.normalize("NFC", name.translate(_MARKS))
    return fold(joined).translate(_AS)


def same_reading(ours: str, theirs: str) -> bool:
    """Whether two readings are of one name; a long mark is what it lengthens (ユーコ, ユウコ)."""
    one, other = reading(ours), reading(theirs)
    if not one or len(one) != len(other):
        return False
    pairs = zip(one, other, " " + one, " " + other, strict=False)
    return all(_same(a, b, before_a, before_b) for a, b, before_a, before_b in pairs)


def _same(a: str, b: str, before_a: str, before_b: str) -> bool:
    if a == b:
        return True
    if a == _LONG:
        return b in _LENGTHENED.get(_VOWEL.get(before_b, ""), "")
    return b == _LONG and a in _LENGTHENED.get(_VOWEL.get(before_a, ""), "")
