"""A file from its announcement until readers may have it."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from unicodedata import normalize
from uuid import UUID

from chassis.refusal import Conflict, FieldError, Invalid

#: The largest file taken, 20 MB.
LARGEST = 20 * 1024 * 1024
_OFFICE = "application/vnd.openxmlformats-officedocument."


class MediaType(StrEnum):
    """The kinds of files there may be."""

    PDF = "application/pdf"
    PNG = "image/png"
    JPEG = "image/jpeg"
    XLSX = _OFFICE + "spreadsheetml.sheet"
    DOCX = _OFFICE + "wordprocessingml.document"
    PPTX = _OFFICE + "presentationml.presentation"
    CSV = "text/csv"
    ZIP = "application/zip"


ENDINGS = {
    MediaType.PDF: (".pdf",),
    MediaType.PNG: (".png",),
    MediaType.JPEG: (".jpg", ".jpeg"),
    MediaType.XLSX: (".xlsx",),
    MediaType.DOCX: (".docx",),
    MediaType.PPTX: (".pptx",),
    MediaType.CSV: (".csv",),
    MediaType.ZIP: (".zip",),
}
_HIDDEN = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


class FileState(StrEnum):
    """How far a file has come."""

    AWAITED = "awaited"
    QUARANTINED = "quarantined"
    CHECKED = "checked"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class File:
    """What is known of a file; its content lies in the object store."""

    id: UUID
    name: str
    media_type: MediaType
    size: int
    sha256: str
    declared_at: datetime
    state: FileState = FileState.AWAITED
    why: str | None = None
    pages: int | None = None
    #: Where its content lies in the object store, once it came.
    key: str | None = None
    version: int = 1

    @property
    def place(self) -> str:
        """Below which every try to bring its content has a key of its own."""
        return f"files/{self.id}/"

    def readable(self) -> "File":
        """This file, if readers may have it."""
        if self.state is FileState.REFUSED:
            raise Conflict("file-refused", self.why or "このファイルは受け取れませんでした。")
        if self.state is not FileState.CHECKED:
            detail = "このファイルは、まだ中身を確かめています。少し待ってから開いてください。"
            raise Conflict("file-quarantined", detail)
        return self


def named(given: str, media_type: MediaType) -> str:
    """The name people see; one with parts of a path, hidden characters or another ending is refused."""
    name = normalize("NFC", given).strip()
    if "/" in name or "\\" in name or name.startswith(".") or _HIDDEN.search(name):
        detail = "ファイル名に「/」や「\\」、見えない文字は使えません。名前だけを入れてください。"
        raise _refused("file_name_path", detail)
    if not name.lower().endswith(ENDINGS[media_type]) or name[0] == " ":
        endings = "か".join(ENDINGS[media_type])
        raise _refused("file_name_ending", f"この種類のファイルの名前は {endings} で終わります。")
    return name


def _refused(code: str, detail: str) -> Invalid:
    return Invalid("file-name-refused", detail, errors=[FieldError("name", code, detail)])
