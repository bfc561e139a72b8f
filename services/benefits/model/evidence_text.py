"""What can be read in a file without a reader of its kind: texts of a PDF's pages, and what pictures say of themselves.

Not looked at: what is only drawn (scans, photos), PDF text in fonts that number their glyphs themselves, and streams in
other packings than Flate.
"""

import re
import zlib
from collections.abc import Iterator

_MOST_STREAMS, _MOST_CHUNKS, _MOST_BYTES = 2_000, 10_000, 16 * 1024 * 1024
_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_LITERAL = rb"\(([^()\\]*(?:\\.[^()\\]*)*)\)"
_HEX = rb"<([0-9A-Fa-f\s]+)>"
_STRING = re.compile(_LITERAL + b"|" + _HEX, re.DOTALL)
#: Strings that are shown together: all of an array, or one by itself.
_SHOWN = re.compile(rb"\[[^\[\]\\]*(?:\\.[^\[\]\\]*)*\]\s*TJ|" + _LITERAL + b"|" + _HEX, re.DOTALL)
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)


def texts_of(content: bytes) -> Iterator[str]:
    """Every text that can be read in a PDF, a PNG or a JPEG."""
    if content.startswith(b"%PDF-"):
        yield from _of_pdf(content)
    elif content.startswith(b"\x89PNG"):
        yield from _of_png(content)
    elif content.startswith(b"\xff\xd8"):
        yield from _of_jpeg(content)


def _of_pdf(content: bytes) -> Iterator[str]:
    for stream in _streams(content):
        yield from _of_stream(stream)


def _of_stream(stream: bytes) -> Iterator[str]:
    """The strings of a stream: as each was shown, and all of a block in a row."""
    shown = [
        b"".join(_plain(part) for part in _STRING.finditer(found[0]))
        for found in _SHOWN.finditer(stream)
    ]
    yield "\n".join(map(_decoded, shown))
    for block in re.split(rb"\bBT\b", stream)[1:]:
        row = block.split(b"ET", 1)[0]
        yield _decoded(b"".join(_plain(part) for part in _STRING.finditer(row)))
    if b"<?xpacket" in stream or b"<x:xmpmeta" in stream:
        yield stream.decode(errors="replace")


def _streams(content: bytes) -> Iterator[bytes]:
    """What stands between streams (titles, authors and the like), and every stream that is no picture."""
    left, before = _MOST_BYTES, 0
    for _ in range(_MOST_STREAMS):
        found = _STREAM.search(content, before)
        if found is None or left <= 0:
            break
        yield (between := content[before : found.start()])
        end = content.find(b"endstream", found.end())
        before = len(content) if end < 0 else end
        head = between[between.rfind(b"obj") :]
        if b"/Image" in head:
            continue
        raw = content[found.end() : before]
        stream = _inflated(raw, left) if b"/FlateDecode" in head else raw[:left]
        left -= len(stream)
        yield stream
    yield content[before:]


def _inflated(raw: bytes, most: int) -> bytes:
    """Unpacked, but never to more than may be: a small file can hold an endless one."""
    try:
        return zlib.decompressobj().decompress(raw, most)
    except zlib.error:
        return b""


def _plain(found: "re.Match[bytes]") -> bytes:
    """A string of a PDF as its bytes."""
    if found[1] is not None:
        return _ESCAPED.sub(_unescaped, found[1])
    digits = re.sub(rb"\s", b"", found[2])
    return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())


def _unescaped(found: "re.Match[bytes]") -> bytes:
    code: bytes = found[1]
    return bytes([int(code, 8) & 0xFF]) if code.isdigit() else code


def _decoded(text: bytes) -> str:
    """Digits are digits in each of these, whatever else is not."""
    if text.count(0) * 3 >= len(text) > 1:
        return text.removeprefix(b"\xfe\xff").decode("utf-16-be", errors="replace")
    return text.decode("latin-1")


def _of_png(content: bytes) -> Iterator[str]:
    at = 8
    for _ in range(_MOST_CHUNKS):
        length, kind = int.from_bytes(content[at : at + 4]), content[at + 4 : at + 8]
        chunk = content[at + 8 : at + 8 + length]
        if kind in (b"tEXt", b"iTXt", b"zTXt", b"eXIf"):
            yield from _both(chunk)
            yield from _packed(chunk)
        at += 12 + length


def _packed(chunk: bytes) -> Iterator[str]:
    """What zTXt and iTXt keep packed begins somewhere behind their names."""
    for found in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", chunk[:200]):
        yield from _both(_inflated(chunk[found.start() :], 1024 * 1024))


def _of_jpeg(content: bytes) -> Iterator[str]:
    at = 2
    while at + 4 <= len(content) and content[at] == 0xFF and content[at + 1] != 0xDA:
        kind, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4])
        if 0xE0 <= kind <= 0xEF or kind == 0xFE:
            yield from _both(content[at + 4 : at + 2 + length])
        at += 2 + max(length, 2)


def _both(text: bytes) -> Iterator[str]:
    yield text.decode("latin-1")
    yield text.decode(errors="replace")
    for start in (0, 1):
        yield text[start:].decode("utf-16-le", errors="replace")
