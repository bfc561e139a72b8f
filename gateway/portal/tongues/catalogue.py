"""One language: what each Japanese sentence is called in it, and what of a text is nobody's word but a name."""

import re
import tomllib
from collections.abc import Callable, Mapping
from functools import partial
from importlib.resources import files
from typing import Any

from markupsafe import Markup, escape

Set = Callable[[str], str]

_JAPANESE = re.compile(r"[\u3001-\u30fa\u30fc-\u30ff\u3400-\u9fff々\uff01-\uff5e]")
_KANJI = re.compile(r"[\u3400-\u9fff々]")
#: 申《もう》し込《こ》み: how easy Japanese is written in its catalogue.
_READ = re.compile(r"([\u3400-\u9fff々]+)《([ぁ-ん]+)》")
_RUBY = r"<ruby>\1<rp>(</rp><rt>\2</rt><rp>)</rp></ruby>"
_GAP = re.compile(r"\{(\d*)\}")
#: What makes a sentence of gaps and signs.
_LETTER = re.compile(r"[\u3041-\u30fa\u3400-\u9fff]")
#: What fills a gap: a bracket in it is closed in it.
_FILLING = "((?:[^（）]|（[^（）]*）)+?)"
_SENTENCE = re.compile(r"[^。]+。?")
_ERA_YEAR = re.compile(r"(令和|平成|昭和)(元|\d{1,2})年")
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925}
#: A day as pages write it: with or without its year, weekday, era and time.
_DAY = re.compile(
    r"(?:(\d{4})年)?(\d{1,2})月(\d{1,2})日(?:（[月火水木金土日]）)?(?:（\d{4}年）)?(\d{1,2}:\d{2})?"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _english_day(year: str, month: str, day: str) -> str:
    return f"{day} {_MONTHS[int(month) - 1]} {year}".rstrip()


def _easy_day(year: str, month: str, day: str) -> str:
    return f"{f'{year}年《ねん》 ' if year else ''}{month}月《がつ》 {day}日《にち》"


class Tongue:
    """The words of one language, by the Japanese sentence they stand for; ``{}`` is what is filled in."""

    def __init__(
        self, lang: str, words: Mapping[str, str], day: Callable[[str, str, str], str], stop: str
    ) -> None:
        self.lang = lang
        self.words = {key.removesuffix("。"): value for key, value in words.items()}
        self._day, self._stop = day, stop
        gapped = sorted((k for k in self.words if "{}" in k), key=_told, reverse=True)
        self._shapes = [(_shape(key), self.words[key]) for key in gapped if "<" not in key]

    @classmethod
    def named(cls, name: str) -> "Tongue":
        """The tongue of a catalogue beside this file."""
        text = files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8")
        words = {
            key: value for table in tomllib.loads(text).values() for key, value in table.items()
        }
        if name == "en":
            return cls("en", words, _english_day, ".")
        return cls("ja", words, _easy_day, "。")

    def phrase(self, key: str) -> str | None:
        """What a sentence of a template is called, gaps and all; None where nobody said it."""
        found = self.words.get(key.removesuffix("。"))
        return None if found is None else self._ended(found, key)

    def knows(self, text: str) -> bool:
        """Whether there are words for all of a text, whatever is filled in."""
        return "\0" not in self._say(text.replace("{}", "0"), str, lambda _: "\0")

    def said(self, value: Any) -> Any:
        """A text for a page; what has no words is a name or a quotation, and marked as Japanese."""
        if isinstance(value, Markup) or not japanese(text := str(value)):
            return value
        return Markup(kept_together(self._say(text, _ruby, self._quoted)))

    def plainly(self, value: Any) -> Any:
        """The same where nothing can be marked: in attributes, titles and lists to choose from."""
        return self._say(str(value), kana, str) if japanese(str(value)) else value

    def _quoted(self, text: str) -> str:
        foreign = _KANJI if self.lang == "ja" else _JAPANESE
        safe = str(escape(text))
        return f'<span lang="ja">{safe}</span>' if foreign.search(text) else safe

    def _say(self, text: str, own: Set, foreign: Set) -> str:
        """The words for a text; ``own`` sets what is ours, ``foreign`` what has no words."""
        text = text.strip()
        words = self.phrase(text) if japanese(text) else text
        words = self._dated(text) if words is None else words
        if words is not None:
            return own(words)
        deeper = partial(self._say, own=own, foreign=foreign)
        text = _ERA_YEAR.sub(_gregorian, text)
        for shape, form in self._shapes:
            found = shape.fullmatch(text.removesuffix("。"))
            if found is not None and self._fits(shape, found.groups()):
                return filled(self._ended(form, text), [*map(deeper, found.groups())], own)
        sentences = _SENTENCE.findall(text)
        if len(sentences) > 1 and any(map(self.knows, sentences)):
            return own(" ").join(map(deeper, sentences))
        return foreign(text)

    def _fits(self, shape: re.Pattern[str], gaps: tuple[str, ...]) -> bool:
        """Whether a text is a sentence of this shape: a name may have brackets in it, too."""
        return _LETTER.search(shape.pattern) is not None or all(map(self.knows, gaps))

    def _dated(self, text: str) -> str | None:
        """A day in words, where a text is nothing else."""
        day = _DAY.fullmatch(_ERA_YEAR.sub(_gregorian, text))
        if day is None:
            return None
        return self._day(day[1] or "", day[2], day[3]) + (f" {day[4]}" if day[4] else "")

    def _ended(self, words: str, text: str) -> str:
        open_ended = text.endswith("。") and not words.endswith((".", "。", "?", "!"))
        return words + self._stop if open_ended else words


def japanese(text: str) -> bool:
    """Whether a text has anything Japanese in it, be it a bracket."""
    return _JAPANESE.search(text) is not None


def filled(words: str, gaps: list[str], own: Set = str) -> str:
    """Words with their gaps filled in order, or by number where the order is another."""
    pieces = _GAP.split(words)
    numbers = [int(number or n) for n, number in enumerate(pieces[1::2])]
    told = [own(piece) if piece else "" for piece in pieces[::2]]
    return told[0] + "".join(
        gaps[number] + piece for number, piece in zip(numbers, told[1:], strict=True)
    )


def ruby(html: str) -> str:
    """申《もう》 as a page shows it: with its reading above."""
    return _READ.sub(_RUBY, html)


def kept_together(html: str) -> str:
    """A text with readings as one thing, which is not torn apart where things stand side by side."""
    return f"<span>{html}</span>" if "<ruby>" in html else html


def kana(text: str) -> str:
    """申《もう》 where nothing can stand above: its reading."""
    return _READ.sub(r"\2", text)


def _ruby(text: str) -> str:
    return ruby(str(escape(text)))


def _told(key: str) -> int:
    """How much of a sentence is its own: what says more is tried before what says less."""
    return len(key.replace("{}", ""))


def _shape(key: str) -> re.Pattern[str]:
    return re.compile(_FILLING.join(map(re.escape, key.split("{}"))), re.DOTALL)


def _gregorian(era: re.Match[str]) -> str:
    return f"{_ERAS[era[1]] + (1 if era[2] == '元' else int(era[2]))}年"
