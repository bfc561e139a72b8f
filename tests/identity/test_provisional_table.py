"""The table of provisional accounts, read from bytes."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.refusal import Invalid
from services.identity.model import provisional

HEADINGS = "団体コード,団体名,担当者氏名,メールアドレス,部署,切替日"
ROW = "172031,小松市,小松 一葉,kikaku@example.jp,企画課,2024-04-01"


def read(*lines: str) -> tuple[list[provisional.ProvisionalRow], list[tuple[int, str, str]]]:
    rows, errors = provisional.read("\r\n".join(lines).encode("utf-8-sig"))
    return rows, [(e.row, e.column, e.code) for e in errors]


def test_a_table_is_read_with_and_without_a_byte_order_mark() -> None:
    for encoding in ("utf-8", "utf-8-sig"):
        rows, errors = provisional.read(f"{HEADINGS}\n{ROW}\n".encode(encoding))
        assert not errors
        assert (rows[0].organisation_code, rows[0].promote_on) == ("172031", date(2024, 4, 1))


def test_columns_may_stand_in_any_order_and_two_may_be_absent() -> None:
    rows, errors = read(
        "メールアドレス,団体名,団体コード,担当者氏名", "a@example.jp,小松市,172031,小松 一葉"
    )
    assert (errors, rows[0].organisation_name, rows[0].promote_on) == ([], "小松市", None)


def test_a_leading_zero_a_spreadsheet_ate_is_put_back() -> None:
    rows, errors = read(HEADINGS, "52124,大仙市,花火 陽,a@example.jp,,")
    assert (errors, rows[0].organisation_code) == ([], "052124")


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        (ROW.replace("172031", "172030"), "団体コード", "municipality_code_check_digit"),
        (ROW.replace("172031", ""), "団体コード", "municipality_code_shape"),
        (ROW.replace("小松市", " "), "団体名", "missing"),
        (ROW.replace("小松市", "=HYPERLINK(1)"), "団体名", "formula"),
        (ROW.replace("小松 一葉", "@SUM(1)"), "担当者氏名", "formula"),
        (ROW.replace("kikaku@", "kikaku＠"), "メールアドレス", "email_shape"),
        (ROW.replace("2024-04-01", "2024-02-30"), "切替日", "date_shape"),
        (ROW.replace("2024-04-01", "令和6年"), "切替日", "date_shape"),
        (ROW.replace("企画課", "課" * 101), "部署", "too_long"),
        (ROW + ",もう一つ", "", "columns_differ"),
    ],
)
def test_each_wrong_cell_is_named_by_row_and_column(row: str, column: str, code: str) -> None:
    good = ROW.replace("172031", "372064")
    _, errors = read(HEADINGS, good, "", row)
    assert errors == [(4, column, code)]


def test_a_code_that_stands_twice_is_named_where_it_repeats() -> None:
    _, errors = read(HEADINGS, ROW, ROW.replace("小松市", "こまつ市"))
    assert errors == [(3, "団体コード", "code_doubled")]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (f"{HEADINGS}\n{ROW}".encode("cp932"), "csv-shift-jis"),
        (f"{HEADINGS}\n{ROW}".encode("utf-16"), "csv-utf16"),
        (b"\xff\xfe\xfd\x80\x81", "csv-utf16"),
        (b"\x81", "csv-not-utf8"),
        (b"", "csv-empty"),
        (HEADINGS.encode(), "csv-empty"),
        (f"{HEADINGS}\n\n  ,,,,,\n".encode(), "csv-empty"),
        (f'{HEADINGS}\n"172031,小松市'.encode(), "csv-broken"),
        (f"{HEADINGS},団体名\n{ROW}".encode(), "csv-headings"),
        (f"{HEADINGS.replace('団体名', '名前')}\n{ROW}".encode(), "csv-headings"),
        (f"{HEADINGS}\n{ROW}\x00".encode(), "csv-not-text"),
        ((HEADINGS + f"\n{ROW}" * 5001).encode(), "csv-too-long"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(raw: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        provisional.read(raw)
    assert refused.value.code == code


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(raw: bytes) -> None:
    try:
        rows, errors = provisional.read(HEADINGS.encode() + b"\n" + raw)
    except Invalid:
        return
    assert rows or errors
