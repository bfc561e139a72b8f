"""Archives, and files that are archives inside: unpacked in small pieces, never believed."""

import re
import stat
import zipfile
from collections.abc import Iterator
from typing import BinaryIO

MOST_MEMBERS = 2_000
MOST_UNPACKED = 200 * 1024 * 1024
#: Text compresses well; what grows more than this is made to burst.
_MOST_GROWTH = 200
_PIECE = 64 * 1024
#: How members may be packed: the other ways unpack in one step whatever a few bytes stand for, hundreds of megabytes.
_PACKED = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_MACROS = re.compile(r"vbaproject|activex|macrosheets", re.IGNORECASE)
_FOREIGN = re.compile(r"externallinks|embeddings", re.IGNORECASE)


class Objection(Exception):
    """Why a file is not let out, in words for the one who sent it."""


def members_of(file: BinaryIO) -> list[str]:
    """The names in an archive; none where it is no archive."""
    try:
        with zipfile.ZipFile(file) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return []


def pieces(file: BinaryIO, size: int, *, office: bool) -> Iterator[tuple[str, bytes]]:
    """Everything in an archive, a piece at a time with the name of its member; an objection ends it."""
    try:
        with zipfile.ZipFile(file) as archive:
            yield from _walk(archive, size, office=office)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError):
        raise Objection("ファイルがこわれています。保存し直してください。") from None


def _walk(archive: zipfile.ZipFile, size: int, *, office: bool) -> Iterator[tuple[str, bytes]]:
    members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise Objection("中のファイルが多すぎます。分けて送ってください。")
    unpacked = 0
    for member in members:
        _look_at(member, office=office)
        with archive.open(member) as content:
            first = True
            while piece := content.read(_PIECE):
                unpacked += len(piece)
                # What the archive says of its own size may be a lie; what comes out is counted.
                if unpacked > min(MOST_UNPACKED, _MOST_GROWTH * size + _PIECE):
                    raise Objection(
                        "展開すると大きくなりすぎるファイルです。分けて送ってください。"
                    )
                if first and not office and piece.startswith(b"PK\x03\x04"):
                    _nested(member.filename)
                first = False
                yield member.filename, piece


def _look_at(member: zipfile.ZipInfo, *, office: bool) -> None:
    name = member.filename.replace("\\", "/")
    if name.startswith("/") or ".." in name.split("/") or re.match(r"^[A-Za-z]:", name):
        raise Objection("中のファイルの名前に、場所をたどる部分があります。名前を直してください。")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise Objection("ほかの場所を指すファイルが入っています。取り除いてください。")
    if member.flag_bits & 1:
        raise Objection("パスワード付きのファイルは受け取れません。パスワードを外してください。")
    if member.compress_type not in _PACKED:
        raise Objection("めずらしい圧縮の方法は受け取れません。ふつうのZIPにし直してください。")
    if office and _MACROS.search(name):
        raise Objection(
            "マクロを含むファイルは受け取れません。マクロを外して保存し直してください。"
        )
    if office and _FOREIGN.search(name):
        raise Objection(
            "ほかのファイルへのリンクや埋め込みは受け取れません。外して保存し直してください。"
        )


def _nested(name: str) -> None:
    if not name.lower().endswith((".xlsx", ".docx", ".pptx")):
        raise Objection("圧縮ファイルの中に圧縮ファイルがあります。展開してから入れてください。")
