"""What stands in a column: its headings, and what is made of a cell."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

_NUMBER = re.compile(r"[A-Za-z0-9-]{3,32}")
_DASHES = str.maketrans("‐‑‒–—―−ー－", "---------")
_MOST_DIGITS = 12
_HIGHEST_AMOUNT = 10_000_000
_MOST_CHILDREN = 20


class ImportKind(StrEnum):
    """What a file holds."""

    TARGETS = "targets"
    MEASURES = "measures"


class Wrong(Exception):
    """A value that must be mended."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``key`` in what is kept, ``heading`` as people read it."""

    key: str
    heading: str
    read: Callable[[str], Any]
    needed: bool = False
    #: Other headings it goes by.
    others: tuple[str, ...] = ()
    #: No two rows may hold the same.
    unique: bool = False


def folded(text: str) -> str:
    """A code or number in its plain width, without blanks around it."""
    return (text if text.isascii() else unicodedata.normalize("NFKC", text)).strip()


def target_number(text: str) -> str:
    """A number the municipality gave out (対象者番号)."""
    number = folded(text)
    if not number.isascii():
        number = number.translate(_DASHES)
    if not _NUMBER.fullmatch(number):
        raise Wrong(
            "target_number", "対象者番号は、半角の英数字とハイフンで3〜32文字にしてください。"
        )
    return number


def _bare(text: str) -> str:
    plain = folded(text).replace(",", "").removeprefix("¥").removeprefix("\\")
    return plain.removesuffix("円").removesuffix("人").strip()


def whole_number(text: str, name: str, least: int, most: int) -> int:
    """A whole number between two, with or without thousands separators."""
    plain = text if text.isascii() and text.isdecimal() else _bare(text)
    if not (plain.isascii() and plain.isdecimal() and len(plain) <= _MOST_DIGITS):
        raise Wrong(
            "not_whole", f"{name}は、0以上の整数で入れてください（小数や負の数は使えません）。"
        )
    number = int(plain)
    if not least <= number <= most:
        raise Wrong("out_of_range", f"{name}は、{least:,}から{most:,}までにしてください。")
    return number


def _amount(text: str) -> int:
    return whole_number(text, "金額", 1, _HIGHEST_AMOUNT)


def _children(text: str) -> int:
    return whole_number(text, "子どもの人数", 0, _MOST_CHILDREN)


TARGET_COLUMNS = (
    Column("number", "対象者番号", target_number, True, ("番号", "number"), unique=True),
    Column("amount_yen", "金額", _amount, False, ("金額（円）", "amount_yen")),
    Column("children", "子どもの人数", _children, False, ("子どもの数", "児童数", "children")),
)
