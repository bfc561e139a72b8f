"""Files to look at: a text as a PDF with the reader's own Japanese font, and forms as a workbook."""

import io
import textwrap

import xlsxwriter  # type: ignore[import-untyped]

_WIDTH, _LINES, _SIZE, _LEADING = 38, 36, 12, 19
_FONT = (
    b"<< /Type /Font /Subtype /Type0 /BaseFont /HeiseiKakuGo-W5 /Encoding /UniJIS-UTF16-H"
    b" /DescendantFonts [4 0 R] >>"
)
_DESCENDANT = (
    b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /HeiseiKakuGo-W5 /DW 1000 /CIDSystemInfo"
    b" << /Registry (Adobe) /Ordering (Japan1) /Supplement 2 >> /FontDescriptor 5 0 R >>"
)
_DESCRIPTOR = (
    b"<< /Type /FontDescriptor /FontName /HeiseiKakuGo-W5 /Flags 4 /FontBBox [-92 -250 1010 922]"
    b" /ItalicAngle 0 /Ascent 752 /Descent -221 /CapHeight 737 /StemV 114 >>"
)


def pdf(title: str, text: str) -> bytes:
    """A text on A4 pages."""
    lines = [title, ""]
    for line in text.replace("## ", "").split("\n"):
        lines += textwrap.wrap(line, _WIDTH) or [""]
    pages = [lines[at : at + _LINES] for at in range(0, len(lines), _LINES)]
    first = 6
    kids = b" ".join(b"%d 0 R" % (first + 2 * n) for n in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /Lang (ja) >>",
        b"<< /Type /Pages /Kids [%b] /Count %d >>" % (kids, len(pages)),
        _FONT,
        _DESCENDANT,
        _DESCRIPTOR,
    ]
    for n, page in enumerate(pages):
        objects += [_page(first + 2 * n + 1), _stream(_drawn(page))]
    return _file(objects)


def _page(content: int) -> bytes:
    resources = b"<< /Font << /F1 3 0 R >> >>"
    return (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources %b /Contents %d 0 R >>"
        % (resources, content)
    )


def _drawn(lines: list[str]) -> bytes:
    shown = b"".join(
        b"<%b> Tj T*\n" % line.encode("utf-16-be").hex().upper().encode() for line in lines
    )
    return b"BT /F1 %d Tf %d TL 64 770 Td\n%bET" % (_SIZE, _LEADING, shown)


def _stream(content: bytes) -> bytes:
    return b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content)


def _file(objects: list[bytes]) -> bytes:
    out, places = io.BytesIO(), []
    out.write(b"%PDF-1.4\n")
    for number, content in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%b\nendobj\n" % (number, content))
    table = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    out.write(trailer % (len(objects) + 1, table))
    return out.getvalue()


def workbook(forms: dict[str, tuple[str, ...]]) -> bytes:
    """Forms to fill in, one on each sheet."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        head = book.add_format({"bold": True, "bottom": 1})
        for name, fields in forms.items():
            sheet = book.add_worksheet(name)
            sheet.set_column(0, 0, 36)
            sheet.set_column(1, 1, 60)
            sheet.write_row(0, 0, ("項目", "記入欄"), head)
            for row, field in enumerate(fields, 1):
                sheet.write_string(row, 0, field)
    return out.getvalue()
