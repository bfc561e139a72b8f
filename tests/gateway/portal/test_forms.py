"""What people type is read kindly, and kept."""

from datetime import date

import pytest

from gateway.portal.answers import overtaken
from gateway.portal.forms import Form, date_fields


def _date(era: str, year: str, month: str = "", day: str = "") -> Form:
    return Form.of({"on_era": era, "on_y": year, "on_m": month, "on_d": day})


@pytest.mark.parametrize(
    "form",
    [
        _date("令和", "5", "9", "25"),
        _date("令和", "５", "９", "２５"),
        _date("西暦", "2023", "9", "25"),
        _date("令和", "2023", "9", "25"),
        _date("平成", "R5", "9", "25"),
        _date("西暦", "令和5年9月25日"),
        _date("令和", "2023-9-25"),
    ],
)
def test_a_day_is_read_however_it_is_written(form: Form) -> None:
    assert form.date("on", "議決日") == date(2023, 9, 25)
    assert form.errors == {}


def test_the_first_year_of_an_era_may_be_called_gannen() -> None:
    assert _date("令和", "元", "5", "1").date("on", "議決日") == date(2019, 5, 1)


def test_a_year_beyond_its_era_is_asked_back() -> None:
    form = _date("平成", "32", "4", "1")
    assert form.date("on", "議決日") is None
    assert form.errors == {"on": "平成32年は、令和2年のことですか。年を直してください"}
    assert form.parts == {"on_y"}


def test_only_the_wrong_part_of_a_day_is_marked() -> None:
    form = _date("令和", "5", "九", "25")
    assert form.date("on", "議決日") is None
    assert form.parts == {"on_m"}
    assert form["on_m"] == "九"


def test_a_day_no_calendar_has_is_refused() -> None:
    form = _date("令和", "5", "2", "30")
    assert form.date("on", "議決日") is None
    assert "暦にある日" in form.errors["on"]


def test_an_empty_day_is_no_mistake() -> None:
    form = _date("令和", "")
    assert form.date("on", "議決日") is None
    assert form.errors == {}


def test_a_known_day_fills_its_fields_in_its_era() -> None:
    filled = {"on_era": "平成", "on_y": "31", "on_m": "4", "on_d": "30"}
    assert date_fields("on", "2019-04-30") == filled


def test_codes_and_kana_are_folded() -> None:
    form = Form.of({"code": " １７２－０３１ ", "kana": "ｺﾏﾂ し"})
    assert form.code("code") == "172031"
    assert form.kana("kana") == "コマツ シ"


def test_what_a_service_says_stands_at_the_field_and_individual_numbers_are_not_shown_again() -> (
    None
):
    form = Form.of({"phone": "123456789018"})
    errors = [
        {"field": "contact.phone", "code": "individual_number", "detail": "入れないでください。"}
    ]
    form.take({"errors": errors})
    assert form.errors == {"phone": "入れないでください。"}
    assert form["phone"] == ""


def test_a_refusal_without_fields_is_still_told() -> None:
    form = Form()
    form.take({"detail": "少し待ってください。"})
    assert form.errors == {"form": "少し待ってください。"}


@pytest.mark.parametrize("typed", ["99999", "10000000000000000000", "-1", "1e3"])
def test_numbers_no_calendar_has_are_asked_back(typed: str) -> None:
    for era in ("令和", "平成", "西暦"):
        form = _date(era, typed, "9", "25")
        assert form.date("on", "議決日") is None
        assert form.errors


def test_what_somebody_else_saved_meanwhile_is_shown_beside_what_was_typed() -> None:
    theirs = Form.of({"main_email": "a@example.jp", "main_name": "北 すみれ"})
    mine = Form.of({"main_email": "b@example.jp", "main_name": "北 すみれ"})
    assert overtaken("contacts", theirs, mine) == [
        ("主担当のメールアドレス", "a@example.jp", "b@example.jp")
    ]
