"""Structured plain text: what editors type, what readers get. There is no HTML anywhere.

Lines that begin with ``## `` or ``### `` are headings, ``- `` items, ``1. `` numbered items, ``| a | b |`` rows of a
table whose first row is its head; a blank line ends a paragraph.
"""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import groupby
from typing import Literal

from pydantic import BaseModel, ConfigDict

_TAG = re.compile(r"<\s*[/!?]?\s*[A-Za-z]")
_HEADING = re.compile(r"^(#{2,3}) +(.+)$")
_ITEM = re.compile(r"^- +(.+)$")
_NUMBERED = re.compile(r"^\d{1,2}\. +(.+)$")
_ROW = re.compile(r"^\|(.+)\|$")

Kind = Literal["heading", "subheading", "paragraph", "list", "numbers", "table"]


class Block(BaseModel):
    """One piece of a text: a heading or paragraph has ``text``, lists have ``items``, tables ``rows``."""

    model_config = ConfigDict(frozen=True)

    kind: Kind
    text: str = ""
    items: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def plain(text: str) -> str:
    """The text, if it is plain; for validators."""
    if _TAG.search(text):
        raise ValueError("html_refused|HTMLのタグは使えません。文章だけを入れてください。")
    return text


def one_line(text: str) -> str:
    """The text, if it is plain and stands on one line; for validators."""
    if "\n" in text or "\r" in text:
        raise ValueError("line_break|改行を取り除いて、1行で入れてください。")
    return plain(text)


def blocks_of(text: str) -> list[Block]:
    """What the text is made of, in its order."""
    lines = [_read(line.rstrip()) for line in text.replace("\r\n", "\n").split("\n")]
    found: list[Block] = []
    for kind, group in groupby(lines, key=lambda line: line[0]):
        found += _blocks(kind, [content for _, content in group])
    return found


def _read(line: str) -> tuple[Kind | None, str]:
    if heading := _HEADING.match(line):
        return ("heading" if heading[1] == "##" else "subheading"), heading[2]
    if item := _ITEM.match(line):
        return "list", item[1]
    if numbered := _NUMBERED.match(line):
        return "numbers", numbered[1]
    if row := _ROW.match(line):
        return "table", row[1]
    return ("paragraph", line) if line.strip() else (None, "")


def _blocks(kind: Kind | None, contents: list[str]) -> Iterator[Block]:
    if kind in ("heading", "subheading"):
        yield from (Block(kind=kind, text=content) for content in contents)
    elif kind in ("list", "numbers"):
        yield Block(kind=kind, items=tuple(contents))
    elif kind == "table":
        yield Block(kind=kind, rows=_even([_cells(row) for row in contents]))
    elif kind == "paragraph":
        yield Block(kind=kind, text=_joined(contents))


def _cells(row: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in row.split("|"))


def _even(rows: list[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """Rows of equal length, whatever was typed."""
    width = max(len(row) for row in rows)
    return tuple(row + ("",) * (width - len(row)) for row in rows)


def _joined(lines: list[str]) -> str:
    """Lines of one paragraph; between Latin letters a line's end is a blank, in Japanese it is nothing."""
    joined = lines[0].strip()
    for line in (line.strip() for line in lines[1:]):
        latin = joined[-1:].isascii() and line[:1].isascii()
        joined += (" " if latin else "") + line
    return joined


class Difference(BaseModel):
    """A line of a text beside the same text in another version."""

    model_config = ConfigDict(frozen=True)

    how: Literal["same", "added", "removed"]
    text: str


def differences(before: str, after: str) -> list[Difference]:
    """What became of each line that is not blank."""
    old = [line for line in before.split("\n") if line.strip()]
    new = [line for line in after.split("\n") if line.strip()]
    found: list[Difference] = []
    for how, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if how == "equal":
            found += [Difference(how="same", text=line) for line in old[a:b]]
        else:
            found += [Difference(how="removed", text=line) for line in old[a:b]]
            found += [Difference(how="added", text=line) for line in new[c:d]]
    return found
