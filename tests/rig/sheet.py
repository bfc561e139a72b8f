"""A page as a person without scripts has it: its words, its links, its forms."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"input", "br", "img", "meta", "link", "hr", "path", "circle", "rect", "polyline"}


@dataclass(slots=True)
class Button:
    """A button that sends a form."""

    words: str
    name: str
    value: str
    action: str


@dataclass(slots=True)
class FormSheet:
    """A form with what stands in it."""

    action: str
    method: str
    multipart: bool
    values: list[tuple[str, str]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)
    #: What may be chosen: names and values of radio buttons and boxes.
    offered: list[tuple[str, str]] = field(default_factory=list)

    def choices(self, name: str) -> list[str]:
        """The values one may choose from."""
        return [value for offered, value in self.offered if offered == name]


class Sheet(HTMLParser):
    """The page, read."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.title = ""
        self.h1 = ""
        self.words = ""
        self.links: list[tuple[str, str]] = []
        self.forms: list[FormSheet] = []
        #: What the error summary asks to be mended.
        self.errors: list[str] = []
        self._open: list[tuple[str, dict[str, str]]] = []
        self._form: FormSheet | None = None
        self._select = ""
        self._area = ""
        self.feed(text)

    def form(self, button: str) -> tuple[FormSheet, Button]:
        """The form with that button."""
        for form in self.forms:
            for found in form.buttons:
                if found.words == button:
                    return form, found
        told = [b.words for f in self.forms for b in f.buttons]
        raise AssertionError(f"no button {button!r} on {self.title!r}, only {told}")

    def link(self, words: str) -> str:
        """Where the link with those words leads."""
        found = next((href for text, href in self.links if text == words), None)
        assert found, f"no link {words!r} on {self.title!r}: {self.links}"
        return found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Something begins."""
        given = {name: value or "" for name, value in attrs}
        if tag not in _VOID:
            self._open.append((tag, given))
        if tag == "form":
            enctype = given.get("enctype", "")
            action, method = given.get("action", ""), given.get("method", "get")
            self._form = FormSheet(action, method, enctype.startswith("multipart"))
            self.forms.append(self._form)
        elif tag == "a":
            self.links.append(("", given.get("href", "")))
        elif self._form is not None:
            self._control(self._form, tag, given)

    def _control(self, form: FormSheet, tag: str, given: dict[str, str]) -> None:
        name, kind = given.get("name", ""), given.get("type", "")
        if kind in ("checkbox", "radio"):
            form.offered.append((name, given.get("value", "")))
        if tag == "input" and kind == "file":
            form.files.append(name)
        elif tag == "input" and (kind not in ("checkbox", "radio") or "checked" in given):
            form.values.append((name, given.get("value", "")))
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in given:
            form.values.append((self._select, given.get("value", "\0")))
        elif tag == "textarea":
            self._area = name
            form.values.append((name, ""))
        elif tag == "button":
            action = given.get("formaction", form.action)
            form.buttons.append(Button("", name, given.get("value", ""), action))

    def handle_endtag(self, tag: str) -> None:
        """Something ends."""
        if not any(open_tag == tag for open_tag, _ in self._open):
            return
        while self._open.pop()[0] != tag:
            pass
        if tag == "form":
            self._form = None
        if tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        """Words, wherever they stand."""
        inside = [tag for tag, _ in self._open]
        if "title" in inside:
            self.title += data
        if "h1" in inside:
            self.h1 += data
        if "main" in inside:
            self.words += data
        if "a" in inside:
            text, href = self.links[-1]
            self.links[-1] = (text + data, href)
            if any(given.get("id") == "errors" for _, given in self._open):
                self.errors.append(data)
        if self._form is None:
            return
        if "button" in inside:
            self._form.buttons[-1].words += data.strip()
        if self._area and inside[-1] == "textarea":
            self._form.values[-1] = (self._area, data)
        if inside[-1:] == ["option"] and self._form.values[-1:] == [(self._select, "\0")]:
            self._form.values[-1] = (self._select, data.strip())
