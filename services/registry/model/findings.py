"""Gathers what is to be mended in a form, field by field, in the words the clerk reads."""

import re
from collections.abc import Callable, Iterable
from datetime import date
from enum import StrEnum
from typing import TypeVar

from chassis.refusal import FieldError
from services.registry.model import reading

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")


class Findings:
    """Reads fields one after another; each answers a value to go on with, and notes what was wrong."""

    def __init__(self, errors: list[FieldError] | None = None, path: str = "") -> None:
        self.errors: list[FieldError] = [] if errors is None else errors
        self._path = path

    def within(self, part: str) -> "Findings":
        """The same findings, one level deeper in the form."""
        return Findings(self.errors, f"{self._path}{part}.")

    def wrong(self, field: str, code: str, detail: str) -> None:
        """Note that ``field`` must be mended."""
        self.errors.append(FieldError(f"{self._path}{field}", code, detail))

    def missing(self, field: str, label: str) -> None:
        """Note that nothing was entered in a field that is needed."""
        self.wrong(field, "missing", f"{label}を入れてください。")

    def text(
        self, field: str, typed: str, label: str, *, longest: int = 200, needed: bool = True
    ) -> str:
        """A text of at most ``longest`` characters."""
        found = reading.name(typed) if longest <= 200 else typed.strip()
        if not found and needed:
            self.missing(field, label)
        if len(found) > longest:
            self.wrong(field, "too_long", f"{label}は{longest}文字以内で入れてください。")
        return found

    def read(
        self,
        field: str,
        typed: str,
        label: str,
        how: Callable[[str], T | None],
        wrong: tuple[str, str],
        *,
        needed: bool = True,
    ) -> T | None:
        """What ``how`` reads in a text; ``wrong`` is the code and the sentence where it reads nothing."""
        if not typed.strip():
            if needed:
                self.missing(field, label)
            return None
        found = how(typed)
        if found is None:
            self.wrong(field, *wrong)
        return found

    def kana(self, field: str, typed: str, label: str) -> str:
        """A reading in katakana."""
        wrong = ("kana_shape", f"{label}は、全角カタカナで入れてください。")
        return self.read(field, typed, label, reading.kana, wrong) or ""

    def pattern(
        self, field: str, typed: str, label: str, shape: str, hint: str, *, needed: bool = True
    ) -> str:
        """A short code of a given shape, in ASCII."""

        def found(text: str) -> str | None:
            bare = reading.plain(text)
            return bare if re.fullmatch(shape, bare) else None

        return self.read(field, typed, label, found, ("shape", hint), needed=needed) or ""

    def amount(
        self, field: str, typed: str, label: str, *, most: int, least: int = 0, needed: bool = False
    ) -> int | None:
        """A whole number from ``least`` to ``most``."""
        wrong = ("number_shape", f"{label}は、数字だけで入れてください。")
        found = self.read(field, typed, label, reading.amount, wrong, needed=needed)
        if found is not None and found > most:
            self.wrong(field, "too_large", f"{label}は{most:,}以下で入れてください。")
        if found is not None and found < least:
            self.wrong(field, "too_small", f"{label}は{least:,}以上で入れてください。")
        return found

    def day(
        self, field: str, typed: str, label: str, *, until: date | None = None, needed: bool = False
    ) -> date | None:
        """A day that is not after ``until``."""
        example = f"{label}を、2023年9月25日や令和5年9月25日のように入れてください。"
        found = self.read(field, typed, label, reading.day, ("day_shape", example), needed=needed)
        if found is not None and until is not None and found > until:
            shown = f"{until.year}年{until.month}月{until.day}日"
            self.wrong(
                field, "day_too_late", f"{label}は、提出日（{shown}）より前の日を入れてください。"
            )
        return found

    def choice(self, field: str, typed: str, label: str, words: type[E]) -> E | None:
        """One of the words of a list."""
        wrong = ("choice_unknown", f"{label}を、選べるものの中から選んでください。")
        known = {w.value: w for w in words}
        return self.read(field, typed, label, known.get, wrong)

    def yes(self, field: str, typed: str, label: str) -> bool:
        """Whether ``yes`` was chosen; nothing chosen is a no."""
        if typed not in ("", "yes", "no"):
            self.wrong(field, "choice_unknown", f"{label}を、選べるものの中から選んでください。")
        return typed == "yes"

    def choices(
        self, field: str, typed: Iterable[str], label: str, words: type[E], *, needed: bool = True
    ) -> tuple[E, ...]:
        """Some of the words of a list, in the list's order."""
        chosen, known = set(typed), {w.value: w for w in words}
        if chosen - set(known):
            self.wrong(field, "choice_unknown", f"{label}を、選べるものの中から選んでください。")
        if not chosen and needed:
            self.wrong(field, "missing", f"{label}を1つ以上選んでください。")
        return tuple(w for value, w in known.items() if value in chosen)
