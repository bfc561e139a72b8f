"""The outside of a workbook (XLSX): what is in the archive, which sheet counts, how its numbers are meant."""

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from xml.parsers import expat

from services.registry.model.imports.findings import Unreadable
from services.registry.model.imports.limits import (
    HIGHEST_RATIO,
    LARGEST_UNPACKED,
    MOST_PARTS,
    MOST_SHARED,
    MOST_SHEETS,
    RATIO_FROM,
)
from services.registry.model.imports.numbers import Style, styles_of

_CHUNK = 65_536
_TOO_LARGE = "展開すると大きすぎるファイルです。必要な列だけを新しいファイルに貼り付けてください。"
_BROKEN = "Excelファイルとして読み取れません。Excelで開き、xlsx形式で保存し直してください。"
_FOREIGN = re.compile(r"vbaproject|activex|externallinks|embeddings", re.IGNORECASE)


def unreadable() -> Unreadable:
    """What is said of a file that is no workbook, or a broken one."""
    return Unreadable("workbook-unreadable", _BROKEN)


class Archive:
    """The parts of a workbook, unpacked piece by piece and never beyond the limits."""

    def __init__(self, content: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
            raise unreadable() from None
        self._left = LARGEST_UNPACKED
        self._judge(self._zip.infolist())

    def _judge(self, parts: list[zipfile.ZipInfo]) -> None:
        """Refuse by what the archive says of itself, before anything is unpacked."""
        if len(parts) > MOST_PARTS or sum(p.file_size for p in parts) > LARGEST_UNPACKED:
            raise Unreadable("workbook-too-large", _TOO_LARGE)
        if any(p.file_size > max(RATIO_FROM, p.compress_size * HIGHEST_RATIO) for p in parts):
            raise Unreadable("workbook-too-large", _TOO_LARGE)
        if any(p.flag_bits & 1 for p in parts):
            raise Unreadable(
                "workbook-locked",
                "パスワード付きのファイルは受け取れません。パスワードを外してください。",
            )
        if any(_FOREIGN.search(p.filename) for p in parts):
            raise Unreadable(
                "workbook-foreign",
                "マクロや、ほかのファイルへのリンクは受け取れません。値だけを新しいファイルに貼り付けてください。",
            )

    def has(self, name: str) -> bool:
        """Whether there is such a part."""
        return name in self._zip.NameToInfo

    def read_into(self, name: str, parser: "expat.XMLParserType") -> Iterator[None]:
        """Feed a part to ``parser``; stops after each piece so that what was found can be taken."""
        parser.StartDoctypeDeclHandler = _no_doctype
        parser.buffer_text = True
        try:
            with self._zip.open(name) as part:
                while piece := part.read(_CHUNK):
                    self._left -= len(piece)
                    if self._left < 0:
                        raise Unreadable("workbook-too-large", _TOO_LARGE)
                    parser.Parse(piece, False)
                    yield
            parser.Parse(b"", True)
        except (KeyError, expat.ExpatError, zipfile.BadZipFile, zlib.error, EOFError):
            raise unreadable() from None
        except (NotImplementedError, UnicodeError, RuntimeError, LookupError, ValueError):
            raise unreadable() from None
        yield


def _no_doctype(*_: object) -> None:
    # Nothing that writes workbooks declares entities; what does is an attack.
    raise unreadable()


def local(name: str) -> str:
    """An element's name without its prefix."""
    return name.rpartition(":")[2]


@dataclass(slots=True)
class _Elements:
    """Elements of a small part with their attributes."""

    found: list[tuple[str, dict[str, str]]]

    def begin(self, name: str, given: dict[str, str]) -> None:
        self.found.append((local(name), given))
        if len(self.found) > 100_000:
            raise unreadable()


def elements_of(archive: Archive, name: str) -> list[tuple[str, dict[str, str]]]:
    """Every element of a small part in order; none where there is no such part."""
    if not archive.has(name):
        return []
    taken, parser = _Elements([]), expat.ParserCreate()
    parser.StartElementHandler = taken.begin
    for _ in archive.read_into(name, parser):
        pass
    return taken.found


@dataclass(frozen=True, slots=True)
class Workbook:
    """An opened workbook: its sheets in order, and what its cells share."""

    archive: Archive
    sheets: tuple[str, ...]
    texts: list[str]
    styles: list[Style]
    from_1904: bool


def opened(content: bytes) -> Workbook:
    """The workbook, with nothing of its cells read yet."""
    archive = Archive(content)
    book = elements_of(archive, "xl/workbook.xml")
    targets = {
        given.get("Id", ""): given.get("Target", "")
        for name, given in elements_of(archive, "xl/_rels/workbook.xml.rels")
        if name == "Relationship"
        and given.get("TargetMode") != "External"
        and given.get("Type", "").endswith("/worksheet")
    }
    wanted = [given for name, given in book if name == "sheet"]
    ids = [next((v for k, v in given.items() if local(k) == "id"), "") for given in wanted]
    sheets = tuple(_path(targets[i]) for i in ids if i in targets)
    if not sheets:
        raise unreadable()
    if len(sheets) > MOST_SHEETS:
        raise Unreadable(
            "sheets-too-many", "シートが多すぎます。使うシートを1枚だけにしてください。"
        )
    old = any(g.get("date1904") in ("1", "true") for name, g in book if name == "workbookPr")
    styles = styles_of(elements_of(archive, "xl/styles.xml"))
    return Workbook(archive, sheets, _shared_texts(archive), styles, old)


def _path(target: str) -> str:
    return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")


def _shared_texts(archive: Archive) -> list[str]:
    if not archive.has("xl/sharedStrings.xml"):
        return []
    taken, parser = _Texts(), expat.ParserCreate()
    parser.StartElementHandler = taken.begin
    parser.EndElementHandler = taken.end
    parser.CharacterDataHandler = taken.text
    for _ in archive.read_into("xl/sharedStrings.xml", parser):
        if taken.size > MOST_SHARED:
            raise Unreadable("workbook-too-large", _TOO_LARGE)
    return taken.found


class _Texts:
    """Texts of ``si`` elements; readings (``rPh``) are no part of them."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.size = 0
        self._parts: list[str] = []
        self._in_text = self._in_reading = False

    def begin(self, name: str, _: dict[str, str]) -> None:
        name = local(name)
        if name == "t":
            self._in_text = not self._in_reading
        elif name == "rPh":
            self._in_reading = True
        elif name == "si":
            self._parts.clear()

    def text(self, data: str) -> None:
        if self._in_text:
            self._parts.append(data)
            self.size += len(data)

    def end(self, name: str) -> None:
        name = local(name)
        if name == "t":
            self._in_text = False
        elif name == "rPh":
            self._in_reading = False
        elif name == "si":
            self.size += 50
            self.found.append("".join(self._parts))
