"""A template read in another tongue: its Japanese sentences give way to the catalogue's before it is compiled.

A sentence is what stands between two tags or statements; the values in it are gaps, and ``<b>`` and ``<a>`` belong to
it. What a value says is looked up when the page is made. Whoever writes a template need not know of any of this; a
sentence without words stays as it is, and a test finds it.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from gateway.portal.tongues.catalogue import Tongue, filled, japanese, kana, kept_together, ruby

Piece = tuple[str, str]
Fresh = Callable[[], bool]

_PIECE = re.compile(
    r"(?P<comment>\{#.*?#\})|(?P<statement>\{%.*?%\})|(?P<value>\{\{.*?\}\})"
    r"|(?P<tag><[/!a-zA-Z](?:\{\{.*?\}\}|\{%.*?%\}|[^<>{])*>)|(?P<text>[^<{]+|.)",
    re.DOTALL,
)
_INLINE = re.compile(r"</?([ab])\b")
#: What a macro makes is no gap in a sentence.
_MACRO = re.compile(r"\{\{\s*[a-z_]+\(")
#: Attributes that are read out or shown.
_SHOWN = re.compile(r'(?<=[ "])(aria-label|data-l)="((?:\{\{.*?\}\}|[^"{])*)"')
_VALUE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_CONSTANT = re.compile(r'"([^"\\]*)"|\'([^\'\\]*)\'')
_CONDITION = re.compile(r"\{%\s*(el)?if\b")
#: Elements that hold nothing but text, and one that holds what somebody typed.
_BARE = re.compile(r"<(/?)(title|option|textarea)\b")
#: A quotation says its own language.
_QUOTED = re.compile(r'<([a-z0-9]+)\b(?<!<html)(?:\{%.*?%\}|[^>])*\slang="')


class InTongue(FileSystemLoader):
    """The templates of a folder, read in a tongue."""

    def __init__(self, folder: Path, tongue: Tongue) -> None:
        super().__init__(folder)
        self.tongue = tongue

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Fresh]:
        """A template as it is compiled."""
        source, name, fresh = super().get_source(environment, template)
        return Reading(self.tongue).read(source), name, fresh


@dataclass(slots=True)
class Reading:
    """One template that is being read: where in it one is, and the sentences that had no words."""

    tongue: Tongue
    missing: list[str] = field(default_factory=list)
    bare: str = ""
    quoted: str = ""
    depth: int = 0

    def read(self, source: str) -> str:
        """The template in the tongue."""
        made, sentence = [], list[Piece]()
        for found in _PIECE.finditer(source):
            piece = (str(found.lastgroup), found[0])
            if self._belongs(piece):
                sentence.append(piece)
                continue
            made += [self._sentence(sentence), self._between(piece)]
            sentence = []
        return "".join([*made, self._sentence(sentence)])

    def _belongs(self, piece: Piece) -> bool:
        kind, text = piece
        if kind == "value":
            return _MACRO.match(text) is None
        return kind == "text" or (
            kind == "tag" and not self._quotes(text) and bool(_INLINE.match(text))
        )

    def _quotes(self, tag: str) -> bool:
        return bool(self.quoted) or _QUOTED.match(tag) is not None

    def _between(self, piece: Piece) -> str:
        kind, text = piece
        if kind == "tag":
            self._pass(text)
            return _SHOWN.sub(self._shown, text)
        if kind != "comment":
            self._constants(kind, text)
        return self._value(text) if kind == "value" else text

    def _pass(self, tag: str) -> None:
        """Note into which element this tag leads, or out of which."""
        bare = _BARE.match(tag)
        if bare is not None:
            self.bare = "" if bare[1] else bare[2]
        if self.quoted:
            self.depth += tag.startswith(f"<{self.quoted}") - tag.startswith(f"</{self.quoted}")
            self.quoted = self.quoted if self.depth else ""
        elif (found := _QUOTED.match(tag)) is not None:
            self.quoted, self.depth = found[1], 1

    def _constants(self, kind: str, text: str) -> None:
        """Texts inside the template's own language are said when the page is made: they must be known by then."""
        if kind == "statement" and _CONDITION.match(text):
            return
        for found in _CONSTANT.finditer(text):
            said = (found[1] or found[2] or "").removesuffix("。")
            part = any(said in key for key in self.tongue.words)
            if japanese(said) and not part and not self.tongue.knows(said):
                self.missing.append(said)

    def _value(self, text: str) -> str:
        if self.quoted or self.bare == "textarea":
            return text
        way = "plainly" if self.bare else "said"
        return _VALUE.sub(rf"{{{{ (\1) | {way} }}}}", text)

    def _shown(self, found: re.Match[str]) -> str:
        pieces = [(str(p.lastgroup), p[0]) for p in _PIECE.finditer(found[2])]
        was, self.bare = self.bare, "attribute"
        made = self._sentence(pieces)
        self.bare = was
        return f'{found[1]}="{made}"'

    def _sentence(self, pieces: list[Piece]) -> str:
        for kind, text in pieces:
            if kind == "value":
                self._constants(kind, text)
        text = "".join(text for kind, text in pieces if kind == "text")
        if self.quoted or not japanese(text):
            return "".join(self._kept(pieces))
        before, inner, after = _trimmed(pieces)
        key = "".join(_key(inner))
        words = self.tongue.phrase(key)
        if words is None:
            self.missing.append(key)
            return "".join(self._kept(pieces))
        told = kana(words) if self.bare else ruby(words)
        told = filled(told, [self._value(text) for kind, text in inner if kind == "value"])
        for tag in (text for kind, text in inner if kind == "tag" and not text.startswith("</")):
            # Each opening tag of the catalogue is bare; it gets the attributes it has here.
            told = told.replace(f"<{tag[1]}>", f"\0{tag[1:]}", 1)
        return before + kept_together(told.replace("\0", "<")) + after

    def _kept(self, pieces: list[Piece]) -> Iterator[str]:
        for kind, text in pieces:
            yield self._value(text) if kind == "value" else text


def _key(pieces: list[Piece]) -> Iterator[str]:
    for kind, text in pieces:
        yield (
            "{}"
            if kind == "value"
            else re.sub(r"^<(/?[ab])\b.*", r"<\1>", text)
            if kind == "tag"
            else text
        )


def _trimmed(pieces: list[Piece]) -> tuple[str, list[Piece], str]:
    """A sentence without the blanks and tags around it that are none of its own."""
    before, after, inner = "", "", list(pieces)
    while True:
        if _blank(inner[0]) or _apart(inner, inner[0]):
            before += inner.pop(0)[1]
        elif _blank(inner[-1]) or _apart(inner, inner[-1]):
            after = inner.pop()[1] + after
        elif _paired(inner):
            before, after = before + inner.pop(0)[1], inner.pop()[1] + after
        else:
            break
    first, last = inner[0], inner[-1]
    if first[0] == "text":
        before += first[1][: len(first[1]) - len(first[1].lstrip())]
        inner[0] = ("text", first[1].lstrip())
    if last[0] == "text":
        after = last[1][len(last[1].rstrip()) :] + after
        inner[-1] = ("text", inner[-1][1].rstrip())
    return before, inner, after


def _blank(piece: Piece) -> bool:
    return piece[0] == "text" and not piece[1].strip()


def _apart(pieces: list[Piece], end: Piece) -> bool:
    """Whether a tag at an end opens or closes what is not in the sentence."""
    found = _INLINE.match(end[1]) if end[0] == "tag" else None
    if found is None:
        return False
    tags = [text for kind, text in pieces if kind == "tag" and _INLINE.match(text)]
    opened = sum(1 for tag in tags if tag.startswith(f"<{found[1]}"))
    return opened != sum(1 for tag in tags if tag.startswith(f"</{found[1]}"))


def _paired(pieces: list[Piece]) -> bool:
    """Whether the first tag is closed by the last one and not before."""
    opens, closes = pieces[0], pieces[-1]
    if opens[0] != "tag" or closes[0] != "tag" or opens[1].startswith("</"):
        return False
    name = opens[1][1]
    return closes[1] == f"</{name}>" and f"</{name}>" not in (text for _, text in pieces[:-1])
