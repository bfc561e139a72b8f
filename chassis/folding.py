"""How texts are compared when people search: width, kana, case, blanks and kinds of dashes do not count."""

import re
import unicodedata

_IGNORED = re.compile("[\\s\u3000\ufe00-\ufe0f\U000e0100-\U000e01ef・]")
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212-"
_AS = {ord(dash): "ー" for dash in _DASHES} | {
    kana: chr(kana + 0x60) for kana in range(ord("ぁ"), ord("ゖ") + 1)
}
# ヵ and ヶ are said カ and ケ, in either kana.
_AS |= {ord(small): big for small, big in (("ゕ", "カ"), ("ゖ", "ケ"), ("ヵ", "カ"), ("ヶ", "ケ"))}


def fold(text: str) -> str:
    """The text without what does not count."""
    return _IGNORED.sub("", unicodedata.normalize("NFKC", text).lower()).translate(_AS)


def words_of(text: str) -> tuple[str, ...]:
    """What was typed as words, each folded and once; signs that do not count make no word."""
    folded = (fold(word) for word in text.split())
    return tuple(dict.fromkeys(word for word in folded if word))
