"""A page by its languages: what it says in its own, and what it quotes in Japanese."""

import re
from html.parser import HTMLParser

_VOID = {"input", "br", "img", "meta", "link", "hr", "path", "circle", "rect", "polyline"}
_KANJI = re.compile(r"[\u3400-\u9fff々]")
_JAPANESE = re.compile(r"[\u3001-\u30fa\u30fc-\u30ff\u3400-\u9fff々\uff01-\uff5e]")
#: Attributes that are read out or shown.
_SHOWN = ("aria-label", "data-l", "alt", "placeholder")
#: Where nothing can say which language it is in.
_BARE = ("title", "option")


class Spoken(HTMLParser):
    """The texts of a page, sorted; ``names`` are those of persons, places and services that stand on it."""

    def __init__(self, text: str, names: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.lang = ""
        self.own: list[str] = []
        self.quoted: set[str] = set()
        self.leads: list[str] = []
        self._names, self._open = names, list[tuple[str, bool]]()
        self.feed(text)

    def wrong(self) -> list[str]:
        """What of its own texts is in another language: Japanese, or in easy Japanese a kanji without its reading."""
        foreign = _KANJI if self.lang == "ja" else _JAPANESE
        return [text for text in self.own if foreign.search(text)]

    def unknown(self) -> set[str]:
        """Quotations that are nobody's name."""
        return {text for text in self.quoted if not any(text in name for name in self._names)}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Something begins."""
        given = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.lang = given["lang"]
        if tag not in _VOID:
            self._open.append((tag, "lang" in given and tag != "html"))
        if not any(quoted for _, quoted in self._open):
            self.own += [given[name] for name in _SHOWN if name in given]
        if tag in ("a", "form", "button") and "hreflang" not in given:
            self.leads += [
                given[name] for name in ("href", "action", "formaction") if name in given
            ]

    def handle_endtag(self, tag: str) -> None:
        """Something ends."""
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Words, wherever they stand."""
        inside, text = [tag for tag, _ in self._open], " ".join(data.split())
        if not text or "textarea" in inside:
            return
        if any(quoted for _, quoted in self._open):
            self.quoted.add(text)
        elif "ruby" not in inside:
            for name in self._names if set(inside) & {*_BARE} else ():
                text = text.replace(name, "")
            self.own.append(text)
