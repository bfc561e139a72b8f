"""Looks through a file in quarantine, a piece at a time: is it what it claims, and may readers have it?"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from chassis.refusal import Invalid
from chassis.web.intake import refuse_individual_number
from services.content.model.files.archive import Objection, members_of, pieces
from services.content.model.files.file import MediaType

_PIECE = 64 * 1024
_OVERLAP = 64
_ACTIVE = re.compile(rb"/(?:JavaScript|JS|Launch|EmbeddedFile|RichMedia|XFA|AA|OpenAction\s*<<)\b")
#: A name may be spelled with its letters' numbers: /J#61vaScript is /JavaScript.
_NUMBERED = re.compile(rb"#([0-9A-Fa-f]{2})")
_LOCKED = re.compile(rb"/Encrypt\b")
_PAGE = re.compile(rb"/Type\s*/Page\b(?!s)")
_XML_TAG = re.compile(r"<[^>]*>")
_OFFICE = {
    "xl/workbook.xml": MediaType.XLSX,
    "word/document.xml": MediaType.DOCX,
    "ppt/presentation.xml": MediaType.PPTX,
}


@dataclass(frozen=True, slots=True)
class Found:
    """What the look found: an objection, or how many pages there are where that can be told."""

    objection: str | None = None
    pages: int | None = None


def inspected(file: BinaryIO, size: int, claimed: MediaType) -> Found:
    """Everything there is to say about a file."""
    try:
        if kind_of(file, size) is not claimed:
            raise Objection("ファイルの中身が、言われた種類と違います。選び直してください。")
        file.seek(0)
        if claimed is MediaType.PDF:
            return _pdf(file)
        if claimed in _OFFICE.values() or claimed is MediaType.ZIP:
            _archive(file, size, office=claimed is not MediaType.ZIP)
        elif claimed is MediaType.CSV:
            _no_individual_number(_decoded(_read(file)))
    except Objection as why:
        return Found(objection=str(why))
    except Invalid:
        return Found(objection="12けたの番号が入っています。マイナンバーを取り除いてください。")
    return Found()


def kind_of(file: BinaryIO, size: int) -> MediaType | None:
    """What a file is, told from what is in it."""
    file.seek(0)
    head = file.read(_PIECE)
    file.seek(max(0, size - 2048))
    tail = file.read(2048)
    if head.startswith(b"%PDF-"):
        return MediaType.PDF if b"%%EOF" in tail else None
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return MediaType.PNG if b"IEND\xaeB`\x82" in tail else None
    if head.startswith(b"\xff\xd8\xff"):
        return MediaType.JPEG if b"\xff\xd9" in tail[-64:] else None
    if head.startswith(b"PK\x03\x04"):
        return _archive_kind(file)
    return MediaType.CSV if _is_text(head) else None


def _archive_kind(file: BinaryIO) -> MediaType | None:
    names = set(members_of(file))
    if not names:
        return None
    if "[Content_Types].xml" not in names:
        return MediaType.ZIP
    return next((kind for name, kind in _OFFICE.items() if name in names), None)


def _is_text(head: bytes) -> bool:
    if b"\0" in head or head.lstrip()[:1] == b"<":
        return False
    # A piece may end in the middle of a character.
    return any(_decodes(head[: len(head) - cut]) for cut in range(4) if len(head) > cut)


def _decodes(head: bytes) -> bool:
    return any(_decode(head, encoding) is not None for encoding in ("utf-8-sig", "cp932"))


def _decode(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _read(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece


def _pdf(file: BinaryIO) -> Found:
    pages, before = 0, b""
    for piece in _read(file):
        window = before + piece
        names = _NUMBERED.sub(lambda found: bytes.fromhex(found[1].decode()), window)
        if _ACTIVE.search(names):
            raise Objection(
                "動作を含むPDFは受け取れません。印刷用のPDFとして保存し直してください。"
            )
        if _LOCKED.search(names):
            raise Objection("パスワード付きのPDFは受け取れません。パスワードを外してください。")
        # What ends in the overlap was counted with the piece before.
        pages += sum(found.end() > len(before) for found in _PAGE.finditer(window))
        before = window[-_OVERLAP:]
    return Found(pages=pages or None)


def _archive(file: BinaryIO, size: int, *, office: bool) -> None:
    texts = (
        (name, piece)
        for name, piece in pieces(file, size, office=office)
        if name.lower().endswith((".xml", ".csv", ".txt"))
    )
    _no_individual_number(_words(texts))


def _words(texts: Iterable[tuple[str, bytes]]) -> Iterator[str]:
    """The words of texts and of XML without its tags, each piece beginning with the end of the one before."""
    last, before = "", ""
    for name, piece in texts:
        if name != last:
            last, before = name, ""
        text = _decode(piece, "utf-8-sig") or piece.decode("cp932", "replace")
        yield before + _XML_TAG.sub("|", text)
        before = text[-_OVERLAP:] if not name.lower().endswith(".xml") else ""


def _decoded(raw: Iterable[bytes]) -> Iterator[str]:
    return _words(("list.csv", piece) for piece in raw)


def _no_individual_number(texts: Iterable[str]) -> None:
    for text in texts:
        refuse_individual_number([("content", text)])
