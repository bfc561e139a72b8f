"""The form of a measure keeps what is typed, adds and removes rows by buttons, and says where to mend."""

from copy import deepcopy
from typing import Any

import pytest

from gateway.portal.forms import Form
from gateway.portal.measures.answers import overtaken, sections_of
from gateway.portal.measures.steps import STEPS, following, mend, place_of, tasks
from gateway.portal.measures.typed import altered_rows, form_of, section_of
from services.registry.api.measures.desk import MeasureDraftBody
from services.registry.model.measure.form import MeasureForm

_BLANK: dict[str, Any] = MeasureForm().model_dump()


def _filled() -> dict[str, Any]:
    """A form with something in every field and a row or two in every list."""
    found = deepcopy(_BLANK)
    found["who"] |= {"areas": ["172031"], "statements": ["一つ", "二つ"], "attendance": "yes"}
    found["who"]["born_from"] = "2005-04-02"
    found["amount"]["steps"] = [
        {"children_from": "1", "amount_yen": "3000"},
        {"children_from": "3", "amount_yen": "5000"},
    ]
    found["services"] = [
        {"code": "nagisa", "apply_until_on": "2026-12-24", "apply_until_time": "", "note": "店頭で"}
    ]
    found["review"]["evidence"] = [{"code": "paper-1", "label": "写し", "needed": "no"}]
    found["documents"]["desks"] = [{"name": "こども課", "telephone": "", "hours": ""}]
    found["texts"]["ja"]["title"] = "子育て応援"
    return found


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("saved", [_BLANK, _filled()], ids=["blank", "filled"])
def test_a_page_saved_as_it_was_shown_changes_nothing(step: str, saved: dict[str, Any]) -> None:
    assert section_of(step, form_of(step, saved)) == saved[step]


@pytest.mark.parametrize("step", STEPS)
def test_what_a_page_saves_is_what_the_registry_takes(step: str) -> None:
    section = section_of(step, form_of(step, _filled()), blanks=True)
    assert MeasureDraftBody.model_validate({step: section})


def test_a_day_that_cannot_be_read_is_kept_as_it_was_typed() -> None:
    form = Form.of({"born_from_era": "令和", "born_from_y": "6", "born_from_m": "13"})
    assert section_of("who", form)["born_from"] == "令和6年13月日"
    assert "born_from" in form.errors


def test_a_row_is_added_where_the_button_says_and_nothing_typed_is_lost() -> None:
    form = form_of("amount", _filled())
    form["add"] = "steps"
    altered = altered_rows("amount", form)
    assert altered is not None
    section, goal = altered
    assert [row["amount_yen"] for row in section["steps"]] == ["3000", "5000", ""]
    assert goal == "steps_2_children_from"


def test_a_row_is_removed_and_the_others_move_up() -> None:
    form = form_of("amount", _filled())
    form["remove"] = "steps-0"
    altered = altered_rows("amount", form)
    assert altered is not None
    assert altered[0]["steps"] == [{"children_from": "3", "amount_yen": "5000"}]


@pytest.mark.parametrize("press", ["", "steps-9", "budget_yen-0", "steps", "x", "steps--1"])
def test_a_button_that_is_not_there_takes_nothing_away(press: str) -> None:
    form = form_of("amount", _filled())
    form["remove"] = press
    altered = altered_rows("amount", form)
    assert altered is None or len(altered[0]["steps"]) == 2


def test_a_row_keeps_its_code_when_another_goes() -> None:
    form = form_of("review", _filled())
    for _ in range(2):
        form["add"] = "occasions"
        altered = altered_rows("review", form)
        assert altered is not None
        form = form_of("review", _filled() | {"review": altered[0]})
    form["occasions_1_name"] = "体育館"
    form["remove"] = "occasions-0"
    altered = altered_rows("review", form)
    assert altered is not None
    assert [(o["code"], o["name"]) for o in altered[0]["occasions"]] == [("place-2", "体育館")]


def test_rows_in_which_nothing_was_typed_are_not_handed_on() -> None:
    form = form_of("documents", _filled())
    form["add"] = "desks"
    altered = altered_rows("documents", form)
    assert altered is not None
    shown = form_of("documents", _filled() | {"documents": altered[0]})
    assert len(section_of("documents", shown)["desks"]) == 1
    assert len(section_of("documents", shown, blanks=True)["desks"]) == 2


def test_a_list_grows_no_further_than_the_registry_takes() -> None:
    form = form_of("documents", _filled())
    for n in range(40):
        form[f"desks_{n}_name"] = "窓口"
    assert len(section_of("documents", form)["desks"]) == 20


@pytest.mark.parametrize(
    ("field", "address"),
    [
        ("basics.fiscal_year", "basics#fiscal_year"),
        ("who.areas.2", "who#areas"),
        ("who.target_list", "who#conditions"),
        ("amount.steps.1.amount_yen", "amount#steps_1_amount_yen"),
        ("dates.apply_until_on", "dates#apply_until_on"),
        ("services", "services#services"),
        ("services.0.code", "services#services_0_code"),
        ("review.occasions", "review#occasions"),
        ("review.occasions.0.starts_on", "review#occasions_0_starts_on"),
        ("texts.easy.title", "texts#easy_title"),
        ("documents.papers.0.url", "documents#papers_0_url"),
        ("somewhere.else", "basics#fiscal_year"),
    ],
)
def test_a_complaint_leads_to_its_field(field: str, address: str) -> None:
    assert place_of(field).address == address


def test_complaints_stand_at_their_own_page_in_their_own_words() -> None:
    form = Form()
    problems = [
        {"field": "texts.easy.title", "detail": "施策の名前（やさしい日本語）を入れてください。"},
        {"field": "amount.budget_yen", "detail": "予算を入れてください。"},
    ]
    mend(form, problems, "texts")
    assert form.errors == {"easy_title": "施策の名前（やさしい日本語）を入れてください"}


def test_the_list_of_pages_says_how_far_each_is() -> None:
    problems = [{"field": "who.unit", "detail": ""}, {"field": "who.areas.0", "detail": ""}]
    listed = tasks({"form": _filled(), "problems": problems}, "/x")
    by = {t["step"]: t for t in listed}
    assert (by["who"]["left"], by["who"]["begun"]) == (2, True)
    assert (by["review"]["left"], by["basics"]["begun"]) == (0, False)
    assert [following(step) for step in STEPS][-1] == "preview"


def test_what_was_typed_is_said_back_in_words() -> None:
    measure = {"form": _filled(), "choices": [{"code": "nagisa", "name": "なぎさマネー"}]}
    said = {s["step"]: dict(s["rows"]) for s in sections_of(measure)}
    assert said["who"]["生まれた日の初日"] == "2005年4月2日（土）"
    assert said["services"] == {"なぎさマネー": "独自の締切 2026年12月24日（木）。店頭で"}
    assert said["review"]["必要な書類"] == "写し（お持ちの方だけ）"
    assert said["texts"]["名前（日本語）"] == "子育て応援"


def test_somebody_elses_value_stands_beside_what_was_typed() -> None:
    mine = form_of("amount", _filled())
    mine["budget_yen"] = "500"
    mine["steps_0_amount_yen"] = "4000"
    found = overtaken("amount", _filled(), mine)
    assert ("予算", "", "500円") in found
    assert ("人数ごとの表 1", "3,000円", "4,000円") in found
