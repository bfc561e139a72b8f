"""A contract as a plain PDF: lines of Japanese text on A4, in a font every reader brings along."""

import unicodedata
from collections.abc import Iterator, Sequence

_WIDTH, _HEIGHT = 595, 842
_LEFT, _TOP, _LEADING, _SIZE = 62, 780, 20, 11
#: Full-width letters that fit between the margins, and lines on a page.
_LETTERS, _LINES = 42, 36
_FONT = (
    b"<</Type/Font/Subtype/Type0/BaseFont/HeiseiMin-W3/Encoding/UniJIS-UTF16-H/DescendantFonts[4 0 R]>>",
    b"<</Type/Font/Subtype/CIDFontType0/BaseFont/HeiseiMin-W3"
    b"/CIDSystemInfo<</Registry(Adobe)/Ordering(Japan1)/Supplement 5>>/DW 1000/W[1[500]231 632 500]"
    b"/FontDescriptor 5 0 R>>",
    b"<</Type/FontDescriptor/FontName/HeiseiMin-W3/Flags 6/FontBBox[-123 -257 1001 910]"
    b"/ItalicAngle 0/Ascent 709/Descent -241/CapHeight 709/StemV 69>>",
)


def contract_pdf(title: str, text: str) -> bytes:
    """The document; equal words make equal bytes, so that its digest can be compared."""
    lines = [*wrapped(title), "", *(line for p in text.splitlines() for line in wrapped(p))]
    pages = [lines[at : at + _LINES] for at in range(0, len(lines), _LINES)]
    first = 6
    kids = b" ".join(b"%d 0 R" % (first + 2 * n) for n in range(len(pages)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R/Lang(ja-JP)>>",
        b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, len(pages)),
        *_FONT,
    ]
    for number, page in enumerate(pages):
        objects += _page(first + 2 * number + 1, page)
    return _file(objects)


def wrapped(paragraph: str) -> list[str]:
    """A paragraph in lines that fit; an empty one is an empty line."""
    lines, line, used = [], "", 0.0
    for letter in paragraph:
        width = 1.0 if unicodedata.east_asian_width(letter) in "WFA" else 0.5
        if used + width > _LETTERS:
            lines.append(line)
            line, used = "", 0.0
        line, used = line + letter, used + width
    return [*lines, line]


def _page(content: int, lines: Sequence[str]) -> Iterator[bytes]:
    yield (
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]/Resources<</Font<</F 3 0 R>>>>/Contents %d 0 R>>"
        % (_WIDTH, _HEIGHT, content)
    )
    shown = b"".join(b"<%s> Tj T*\n" % line.encode("utf-16-be").hex().encode() for line in lines)
    stream = b"BT /F %d Tf %d TL %d %d Td\n%sET" % (_SIZE, _LEADING, _LEFT, _TOP, shown)
    yield b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream)


def _file(objects: Sequence[bytes]) -> bytes:
    out, places = bytearray(b"%PDF-1.4\n%\xe3\x81\x82\n"), []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(out)
