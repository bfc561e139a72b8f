"""What people type is read whatever its width, kana or calendar."""

from datetime import date

import pytest

from contracts.values import OrganisationKind
from services.registry.model import reading
from services.registry.model.documents import media_type_of, objection_to, shown_name
from services.registry.model.fiscal_year import fiscal_year, next_reference
from services.registry.model.service_form import safe_pattern
from services.registry.model.standing import result_due
from tests.registry.forms import PDF


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2023-09-25", date(2023, 9, 25)),
        ("2023年9月25日", date(2023, 9, 25)),
        ("２０２３／９／２５", date(2023, 9, 25)),
        ("令和5年9月25日", date(2023, 9, 25)),
        ("令和元年5月1日", date(2019, 5, 1)),
        ("平成31年4月30日", date(2019, 4, 30)),
        ("R5.9.25", date(2023, 9, 25)),
        ("昭和64年1月7日", date(1989, 1, 7)),
    ],
)
def test_a_day_is_read_in_either_calendar(typed: str, day: date) -> None:
    assert reading.day(typed) == day


@pytest.mark.parametrize(
    "typed",
    [
        "令和元年4月30日",
        "平成31年5月1日",
        "昭和64年1月8日",
        "2023-02-29",
        "0000-01-01",
        "令和0年5月1日",
        "25日",
        "10000-01-01",
    ],
)
def test_a_day_that_never_was_is_not_read(typed: str) -> None:
    assert reading.day(typed) is None


@pytest.mark.parametrize(
    ("typed", "kana"),
    [
        ("こまつし", "コマツシ"),
        ("ｺﾏﾂｼ", "コマツシ"),
        ("コマツシ", "コマツシ"),
        ("か\u3099", "ガ"),
        ("小マツ", None),
        ("", None),
    ],
)
def test_a_reading_becomes_full_width_katakana(typed: str, kana: str | None) -> None:
    assert reading.kana(typed) == kana


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("１２，０００，０００円", 12_000_000),
        ("¥1,000", 1000),
        ("0", 0),
        ("1.5", None),
        ("-1", None),
        ("1_000", None),
        ("٣", None),
    ],
)
def test_an_amount_is_whole_yen(typed: str, amount: int | None) -> None:
    assert reading.amount(typed) == amount


@pytest.mark.parametrize(
    ("typed", "phone"),
    [
        ("０７６１ー００ー００００", "0761-00-0000"),
        ("05000001204", "05000001204"),
        ("(03)1234-5678", "03-1234-5678"),
        ("110", None),
        ("+81312345678", None),
    ],
)
def test_a_phone_number_is_read(typed: str, phone: str | None) -> None:
    assert reading.phone(typed) == phone


@pytest.mark.parametrize(
    "typed",
    [
        "a@b",
        "a b@example.jp",
        "a@exa_mple.jp",
        "@example.jp",
        "a@example.jp\nBcc: x@y.jp",
        ".a@example.jp",
        "a" * 65 + "@example.jp",
    ],
)
def test_what_is_no_mail_address_is_not_read(typed: str) -> None:
    assert reading.email(typed) is None


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("様式2.pdf", "様式2.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\temp\\form.exe", "form.pdf"),
        ("", "書類.pdf"),
        ("a\u202efdp.exe", "afdp.pdf"),
        ("....", "書類.pdf"),
        ("あ" * 300, "あ" * 100 + ".pdf"),
    ],
)
def test_a_file_name_is_never_a_path(given: str, shown: str) -> None:
    assert shown_name(given, "application/pdf") == shown


def test_a_file_is_what_its_content_says() -> None:
    assert media_type_of(PDF) == "application/pdf"
    assert objection_to(PDF, "application/pdf") is None
    assert objection_to(PDF, "image/png") is not None
    assert objection_to(PDF.replace(b"obj", b"/JavaScript"), "application/pdf") is not None


@pytest.mark.parametrize(
    "pattern", ["[0-9]{16}", "[A-Z]{2}[0-9]{8}", "MP[0-9]{4,8}", "[0-9A-Za-z]{4}-[0-9]{4}"]
)
def test_an_account_number_is_described_by_kinds_and_counts(pattern: str) -> None:
    assert safe_pattern(pattern) == pattern


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", ".*", "[0-9]+", "a|b", "[^a]{3}", "\\d{4}", "[9-0]{2}", "[0-9]{9,2}", ""]
)
def test_a_pattern_that_could_run_away_is_not_taken(pattern: str) -> None:
    assert safe_pattern(pattern) is None


def test_reference_numbers_carry_the_fiscal_year() -> None:
    municipality = OrganisationKind.MUNICIPALITY
    assert next_reference(112, kind=municipality, today=date(2026, 11, 24)) == "R8-M-0113"
    assert next_reference(0, kind=OrganisationKind.PROVIDER, today=date(2024, 3, 31)) == "R5-P-0001"
    assert fiscal_year(date(2024, 4, 1)) == 2024


def test_the_promise_counts_working_days_only() -> None:
    assert result_due(date(2023, 11, 28)) == date(2023, 12, 5)
    assert result_due(date(2023, 12, 27)) == date(2024, 1, 10)
