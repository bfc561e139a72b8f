"""Files are read whole or refused with the reason; each row is right or says what to mend."""

import csv
import io
from datetime import date

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.registry.model.imports.columns import ImportKind
from services.registry.model.imports.findings import Unreadable
from services.registry.model.imports.limits import LARGEST, MOST_ROWS
from services.registry.model.imports.reading import rows_of
from services.registry.model.imports.table import Checked, Faulty, Table
from tests.registry.spreadsheets import (
    HEAD,
    SHEET,
    bomb,
    csv_of,
    lying_bomb,
    saved,
    sheet_xml,
    with_part,
    xlsx_of,
)

MY_NUMBER = "123456789018"
RIGHT = {"number": "K-000123", "amount_yen": 5000, "children": 2}


def read(content: bytes) -> list[Checked | Faulty]:
    return list(Table(ImportKind.TARGETS).read(rows_of(content)[1]))


def mistakes(content: bytes) -> set[tuple[int, str, str]]:
    """Row, column and code of everything that must be mended."""
    return {
        (m.row, m.column, m.code)
        for row in read(content)
        if isinstance(row, Faulty)
        for m in row.mistakes
    }


def refused(content: bytes) -> str:
    with pytest.raises(Unreadable) as why:
        read(content)
    return why.value.code


# ------------------------------------------------------------------ right files


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_a_list_is_read_in_each_encoding_and_with_each_line_end(encoding: str, end: str) -> None:
    content = csv_of(("K-000123", "5000", "2"), ("K-000124", "", ""), encoding=encoding, end=end)
    assert read(content) == [Checked(2, RIGHT), Checked(3, {"number": "K-000124"})]


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_list_is_read_with_each_delimiter(delimiter: str) -> None:
    text = "\n".join(delimiter.join(row) for row in (HEAD, ("K-000123", "5000", "2")))
    assert read(text.encode()) == [Checked(2, RIGHT)]


@pytest.mark.parametrize(
    "typed", ["5000", '"5,000"', "５０００", "5000円", "¥5000", ' "5,000円" '.strip(), "05000"]
)
def test_an_amount_is_understood_as_people_type_it(typed: str) -> None:
    assert read(csv_of(("Ｋ－０００１２３", typed, "２人"))) == [Checked(2, RIGHT)]


def test_columns_stand_in_any_order_and_empty_rows_count_as_rows() -> None:
    text = "子どもの数,,番号\n\n2,,K-000123\n,,\n1,,K-000124\n\n\n"
    assert [(r.row, getattr(r, "values", None)) for r in read(text.encode())] == [
        (3, {"number": "K-000123", "children": 2}),
        (5, {"number": "K-000124", "children": 1}),
    ]


def test_a_workbook_is_read_as_people_see_it() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (HEAD, ("K-000123", 5000, 2), (123, 5000.0, "2"), (7, None, None)):
        sheet.append(row)
    sheet["A4"].number_format = "00000"
    numbers = [row.values["number"] for row in read(saved(book)) if isinstance(row, Checked)]
    assert numbers == ["K-000123", "123", "00007"]


def test_days_of_a_workbook_are_days() -> None:
    _, lines = rows_of(xlsx_of([["開始"], [date(2023, 9, 25)]]))
    assert [line.cells for line in lines] == [["開始"], ["2023-09-25"]]


_TEXT = st.text(
    st.characters(
        codec="cp932",
        exclude_categories=("Cc", "Co", "Cs"),
        # Windows knows these by other places of Unicode.
        exclude_characters="¢£¬‖−〜",
    ),
    min_size=1,
    max_size=12,
).filter(lambda text: text.strip() == text)
_ROWS = st.lists(st.lists(_TEXT, min_size=2, max_size=4), min_size=1, max_size=8)


@given(
    _ROWS,
    st.sampled_from(["utf-8", "utf-8-sig", "cp932"]),
    st.sampled_from(["\r\n", "\n", "\r"]),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
)
@settings(max_examples=150, deadline=None)
def test_what_a_spreadsheet_writes_is_read_back(
    rows: list[list[str]], encoding: str, end: str, quoting: int
) -> None:
    out = io.StringIO()
    head = ["a", "b", "c", "d"]
    writer = csv.writer(out, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
    writer.writerows([head, *rows])
    content = out.getvalue().encode(encoding)
    if encoding != "cp932" or not _is_utf8(content):
        assert [line.cells for line in rows_of(content)[1]] == [head, *rows]


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


@given(
    st.lists(
        st.lists(
            st.one_of(
                st.none(),
                st.integers(-(10**12), 10**12),
                st.text(
                    st.characters(exclude_categories=("Cc", "Cs", "Co", "Cn")), max_size=8
                ).filter(lambda text: text[:1] != "=" and text == text.strip()),
            ),
            max_size=6,
        ),
        min_size=1,
        max_size=8,
    )
)
@settings(max_examples=60, deadline=None)
def test_a_workbook_holds_for_us_what_it_holds_for_openpyxl(rows: list[list[object]]) -> None:
    content = xlsx_of(rows)
    theirs = [
        ["" if value is None else str(value) for value in row]
        for row in openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].values
    ]
    ours = {line.number: line.cells for line in rows_of(content)[1]}
    for number, row in enumerate(theirs, start=1):
        while row and row[-1] == "":
            row.pop()
        found = ours.get(number, [])
        assert found[: len(row)] == row
        assert not any(found[len(row) :])


# ------------------------------------------------------------------ rows that must be mended

ROWS: dict[str, tuple[tuple[str, ...], tuple[str, str]]] = {
    "no number": (("", "5000", "2"), ("対象者番号", "empty")),
    "a number too short": (("K1", "", ""), ("対象者番号", "target_number")),
    "a number too long": (("K" * 33, "", ""), ("対象者番号", "target_number")),
    "other signs": (("K_000123", "", ""), ("対象者番号", "target_number")),
    "kanji": (("第123号", "", ""), ("対象者番号", "target_number")),
    "an individual number": ((MY_NUMBER, "", ""), ("対象者番号", "individual_number")),
    "one with hyphens": (("1234-5678-9018", "", ""), ("対象者番号", "individual_number")),
    "one in wide digits": (
        ("１２３４５６７８９０１８", "", ""),
        ("対象者番号", "individual_number"),
    ),
    "one elsewhere": (("K-000123", MY_NUMBER, ""), ("金額", "individual_number")),
    "no amount at all": (("K-000123", "0", ""), ("金額", "out_of_range")),
    "a negative amount": (("K-000123", "-1", ""), ("金額", "not_whole")),
    "a fraction": (("K-000123", "0.5", ""), ("金額", "not_whole")),
    "words": (("K-000123", "千円", ""), ("金額", "not_whole")),
    "too much": (("K-000123", "10000001", ""), ("金額", "out_of_range")),
    "too many children": (("K-000123", "", "21"), ("子どもの人数", "out_of_range")),
    "a formula": (("K-000123", "=1+1", ""), ("金額", "formula")),
    "a wide formula": (("K-000123", "＝1+1", ""), ("金額", "formula")),
    "a control character": (("K-000\x00123", "", ""), ("対象者番号", "text_unusable")),
    "a direction": (("K-000\u202e123", "", ""), ("対象者番号", "text_unusable")),
    "a private character": (("K-000\ue000123", "", ""), ("対象者番号", "text_unusable")),
    "a value without a heading": (("K-000123", "", "", "?"), ("4列目", "beyond")),
}


@pytest.mark.parametrize("case", ROWS)
def test_a_faulty_row_says_what_to_mend_where(case: str) -> None:
    row, (column, code) = ROWS[case]
    content = csv_of(("K-999999", "1", "1"), row)
    assert mistakes(content) == {(3, column, code)}


@pytest.mark.parametrize("case", ["an individual number", "one with hyphens", "one elsewhere"])
def test_an_individual_number_is_never_repeated(case: str) -> None:
    found = read(csv_of(ROWS[case][0]))
    assert "9018" not in repr(found)
    assert "9018" not in repr(read(csv_of(("K_1", "", "", MY_NUMBER))))


def test_a_number_that_stands_twice_is_told_with_the_row_of_the_first() -> None:
    content = csv_of(("K-1", "", ""), ("K-2", "", ""), ("ｋ-1", "", ""))
    (wrong,) = [row for row in read(content) if isinstance(row, Faulty)]
    assert (wrong.row, wrong.mistakes[0].code) == (4, "doubled")
    assert "2行目" in wrong.mistakes[0].detail


def test_formulas_and_merged_cells_of_a_workbook_are_found_where_they_stand() -> None:
    rows = [HEAD, ("K-000123", "=1+1", 2), ("K-000124", 1, 2), ("K-000125", 1, 2)]
    found = mistakes(xlsx_of(rows, merge="B3:C4"))
    assert (2, "金額", "formula") in found
    assert (3, "金額", "merged") in found


def test_an_error_of_the_spreadsheet_is_no_value() -> None:
    cells = '<row r="1"><c r="A1" t="str"><v>番号</v></c></row><row r="2"><c r="A2" t="e"><v>#REF!</v></c></row>'
    content = with_part(xlsx_of([HEAD]), SHEET, sheet_xml(cells))
    assert mistakes(content) == {(2, "番号", "error")}


# ------------------------------------------------------------------ files that cannot be taken

_ENTITY = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>'


def _sheet(xml: bytes) -> bytes:
    return with_part(xlsx_of([HEAD]), SHEET, xml)


FILES: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "file-empty"),
    "blanks": (b" \r\n \r\n", "file-empty"),
    "a heading alone": (csv_of(), "file-empty"),
    "UTF-16": (csv_of(("K-1", "", "")).decode().encode("utf-16"), "encoding-unknown"),
    "EUC-JP": (csv_of(("K-1", "一", "")).decode().encode("euc-jp"), "encoding-unknown"),
    "broken UTF-8": (csv_of(("K-1", "", "")) + b"\xff\xff\n", "encoding-unknown"),
    "open quotes": (csv_of(('"K-1', "", "")), "quotes-open"),
    "quotes inside": (csv_of(('"K"-1', "", "")), "quotes-open"),
    "a cell of 30,000 characters": (csv_of(("K" * 30_000, "", "")), "cell-too-long"),
    "another heading": ("対象者番号,氏名\nK-123,森田\n".encode(), "heading-unknown"),
    "a doubled heading": ("対象者番号,番号\nK-123,K-123\n".encode(), "heading-doubled"),
    "no heading": (b"K-000123,5000,2\n", "heading-unknown"),
    "no column of numbers": ("金額\n5000\n".encode(), "heading-missing"),
    "too many rows": (
        csv_of(*((f"K-{n}", "", "") for n in range(100, MOST_ROWS + 101))),
        "rows-too-many",
    ),
    "too large": (b"x" * (LARGEST + 1), "file-too-large"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 512, "workbook-old"),
    "a PDF": (b"%PDF-1.4\n%%EOF", "file-unknown"),
    "a bare archive": (b"PK\x03\x04" + b"\x00" * 40, "workbook-unreadable"),
    "half a workbook": (xlsx_of([HEAD])[:2000], "workbook-unreadable"),
    "two sheets": (xlsx_of([HEAD, ("K-1", 1, 1)], [HEAD, ("K-2", 1, 1)]), "sheets-too-many"),
    "macros": (with_part(xlsx_of([HEAD]), "xl/vbaProject.bin", b"x"), "workbook-foreign"),
    "links": (with_part(xlsx_of([HEAD]), "xl/externalLinks/l1.xml", b"<x/>"), "workbook-foreign"),
    "entities": (_sheet(_ENTITY + sheet_xml("<row/>")), "workbook-unreadable"),
    "entities in UTF-16": (
        _sheet((_ENTITY + sheet_xml("<row/>")).decode().encode("utf-16")),
        "workbook-unreadable",
    ),
    "no XML": (_sheet(b"hello"), "workbook-unreadable"),
    "open XML": (_sheet(sheet_xml("<row>")), "workbook-unreadable"),
    "rows that go back": (_sheet(sheet_xml('<row r="2"/><row r="1"/>')), "workbook-unreadable"),
    "cells that go back": (
        _sheet(sheet_xml('<row r="1"><c r="B1"/><c r="A1"/></row>')),
        "workbook-unreadable",
    ),
    "a text that is not there": (
        _sheet(sheet_xml('<row r="1"><c r="A1" t="s"><v>99</v></c></row>')),
        "workbook-unreadable",
    ),
    "a number that is none": (
        _sheet(sheet_xml('<row r="1"><c r="A1"><v>NaN</v></c></row>')),
        "workbook-unreadable",
    ),
    "a cell far to the right": (
        _sheet(sheet_xml('<row r="1"><c r="XFD1"><v>1</v></c></row>')),
        "columns-too-many",
    ),
}


@pytest.mark.parametrize("case", FILES)
def test_a_file_that_cannot_be_taken_says_why(case: str) -> None:
    content, code = FILES[case]
    assert refused(content) == code


def test_ten_thousand_columns_are_too_many() -> None:
    assert refused(("対象者番号" + ",x" * 9_999 + "\nK-1\n").encode()) == "columns-too-many"


def test_a_bomb_is_refused_before_it_goes_off() -> None:
    content = bomb()
    assert len(content) < LARGEST
    assert refused(content) == "workbook-too-large"


def test_a_bomb_that_says_it_is_small_does_not_go_off() -> None:
    assert refused(lying_bomb()) == "workbook-unreadable"


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_no_bytes_are_anything_but_rows_or_a_reason(content: bytes) -> None:
    for made in (content, _sheet(sheet_xml("") + content), b"PK\x03\x04" + content):
        try:
            read(made)
        except Unreadable as why:
            assert why.detail.endswith("。") or why.detail.endswith("）。")
