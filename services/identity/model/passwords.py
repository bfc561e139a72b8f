"""What a password may be: long, any characters, and not one of those guessers try first."""

import re
import unicodedata
from collections.abc import Iterable

from chassis.refusal import FieldError, Invalid
from services.identity.model.words import GUESSED_FIRST

SHORTEST = 12
SHORTEST_WITH_FACTOR = 8
LONGEST = 128

_SWAPS = str.maketrans("013457@$!", "oleastasi")
_YEAR = re.compile(r"(19|20)[0-9]{2}")
_RUN = re.compile(r"(.)\1{2,}")
_WORTH = 4


def normalised(password: str) -> str:
    """The form that is hashed: composed (NFC), so that the same keys give the same password everywhere."""
    return unicodedata.normalize("NFC", password)


def checked_password(password: str, *, has_factor: bool, own_words: Iterable[str] = ()) -> str:
    """``password`` in the form to be hashed, if it will do; nothing is ever cut off."""
    chosen = normalised(password)
    shortest = SHORTEST_WITH_FACTOR if has_factor else SHORTEST
    if len(chosen) < shortest:
        raise _unfit("password_short", f"パスワードは{shortest}文字以上にしてください。")
    if len(chosen) > LONGEST:
        raise _unfit("password_long", f"パスワードは{LONGEST}文字以内にしてください。")
    if is_guessable(chosen, own_words):
        raise _unfit(
            "password_guessable",
            "よく使われる言葉や並びだけのパスワードは、推測されやすいので使えません。関係のない言葉をいくつかつなげてください。",
        )
    return chosen


def _unfit(code: str, detail: str) -> Invalid:
    return Invalid("password-unfit", detail, errors=[FieldError("password", code, detail)])


def is_guessable(password: str, own_words: Iterable[str] = ()) -> bool:
    """Whether little is left of it once listed words, years, runs and sequences are taken out."""
    plain = unicodedata.normalize("NFKC", password).casefold()
    own = [
        w for w in (unicodedata.normalize("NFKC", o).casefold() for o in own_words) if len(w) >= 4
    ]
    return any(_little_left(text, own) for text in (plain, plain.translate(_SWAPS), _unit(plain)))


def _little_left(text: str, own: list[str]) -> bool:
    words = 0
    for word in (*own, *GUESSED_FIRST):
        if word in text:
            text = text.replace(word, " ")
            words += 1
    text = _YEAR.sub(" ", text)
    text = _RUN.sub(" ", text)
    text = "".join(c for c in _without_sequences(text) if _tells(c))
    return words <= 2 and (len(text) < _WORTH or len(set(text)) < _WORTH)


def _tells(character: str) -> bool:
    """Whether the character is more than something put between or behind words."""
    if character.isascii():
        return character.isalnum()
    return unicodedata.category(character)[0] not in "PZC"


def _without_sequences(text: str) -> str:
    """``text`` without 1234, abcd, 9876 and the like."""
    kept: list[str] = []
    start = 0
    while start < len(text):
        end = start + 1
        for step in (1, -1):
            reach = start + 1
            while reach < len(text) and ord(text[reach]) - ord(text[reach - 1]) == step:
                reach += 1
            end = max(end, reach)
        kept.append(text[start] if end - start < 3 else " ")
        start = start + 1 if end - start < 3 else end
    return "".join(kept)


def _unit(text: str) -> str:
    """What a repetition repeats; the text itself if it repeats nothing."""
    for length in range(1, len(text) // 2 + 1):
        if text[:length] * (len(text) // length) + text[: len(text) % length] == text:
            return text[:length]
    return text
