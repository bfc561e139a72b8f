"""A measure is said in words residents read."""

from datetime import date
from typing import Any

import pytest

from contracts.registry import MeasureEntry
from contracts.values import (
    ChangeAllowed,
    CloseReason,
    EntitlementUnit,
    EntryType,
    GrantType,
    OnExhaustion,
    Purpose,
    ReviewMethod,
)
from gateway.portal.measures import words
from gateway.portal.rendering import new_environment
from services.registry.model.measure.state import Edition, State
from tests.gateway.portal.entries import ENTRY

_WHOLE = """{% from "parts/measure.html" import whole %}
{% call whole(entry, state, today, language) %}<a href="/x">この施策に申し込む</a>{% endcall %}"""


def _page(entry: dict[str, Any], language: str = "ja", state: str = "open") -> str:
    """The measure as its page has it; a name nobody gave is an error."""
    values = {"entry": entry, "state": state, "today": date(2026, 12, 1), "language": language}
    return new_environment().from_string(_WHOLE).render(values)


def test_the_sample_is_one_the_registry_could_say() -> None:
    assert MeasureEntry.model_validate(ENTRY).model_dump(mode="json", exclude={"eligibility"})


def test_every_word_of_the_registry_is_said_on_pages() -> None:
    assert {str(state) for state in State} | {str(stage) for stage in Edition} == set(words.MEASURE)
    for kinds, said in (
        (Purpose, words.PURPOSES),
        (EntryType, words.ENTRY_TYPES),
        (ReviewMethod, words.REVIEW_METHODS),
        (EntitlementUnit, words.UNITS),
        (GrantType, words.GRANT_TYPES),
        (OnExhaustion, words.ON_EXHAUSTION),
        (ChangeAllowed, words.CHANGE_ALLOWED),
        (CloseReason, words.CLOSE_REASONS),
    ):
        assert {str(kind) for kind in kinds} == set(said), kinds


def test_a_last_day_is_said_as_the_day_that_still_counts() -> None:
    assert words.last_moment("2026-12-25T15:00:00Z") == "2026年12月25日（金）"
    assert words.last_moment("2026-12-25T08:00:00Z") == "2026年12月25日（金）17:00"
    assert words.days_left("2026-12-25T15:00:00Z", date(2026, 12, 25)) == 0
    assert words.days_left("2026-12-25T08:00:00Z", date(2026, 12, 1)) == 24


def test_a_services_own_cut_off_says_by_how_much_it_is_earlier() -> None:
    assert words.cut_off(ENTRY["services"][0], ENTRY) == "2026年12月24日（木）（1日早い）"
    assert words.cut_off({"apply_until": None}, ENTRY) == "2026年12月25日（金）"


def test_who_may_receive_is_said_in_sentences_that_all_must_hold() -> None:
    assert words.who(ENTRY) == [
        "小松市に住民登録がある方",
        "2005年4月2日（平成17年）以後に生まれた方",
        "申込みの日の年齢が18歳以下の方",
        "ほかの自治体から同じ給付を受けていません",
    ]
    assert words.who(ENTRY | {"eligibility": {}}) == ["お住まいのまちは問いません"]


@pytest.mark.parametrize(
    ("amount", "figure"),
    [
        ({"grant_type": "fixed", "amount_yen": 3000}, ("3,000", "円分")),
        (
            {
                "grant_type": "fixed",
                "steps": [
                    {"children_from": 1, "amount_yen": 3000},
                    {"children_from": 3, "amount_yen": 10000},
                ],
            },
            ("3,000〜10,000", "円分"),
        ),
        (
            {"grant_type": "purchase_rate", "rate_percent": 20, "cap_per_entitlement_yen": 5000},
            ("20%", "分"),
        ),
    ],
)
def test_every_kind_of_amount_has_its_figure(
    amount: dict[str, Any], figure: tuple[str, str]
) -> None:
    assert words.amount_of(ENTRY | {"amount": amount}) == figure


def test_the_measure_is_read_with_its_box_its_deadlines_and_its_services() -> None:
    page = _page(ENTRY)
    for said in (
        "子育て応援ポイント",
        "あと24日",
        "3,000",
        "なぎさマネー",
        "この施策に申し込む",
        "こども家庭課",
    ):
        assert said in page


def test_a_language_that_is_missing_is_read_in_japanese() -> None:
    assert "こそだて ポイント" in _page(ENTRY, "easy")
    assert "子育て応援ポイント" in _page(ENTRY, "en")


def test_what_a_municipality_types_is_never_markup() -> None:
    evil = ENTRY["texts"] | {"ja": {"title": "<b>", "summary": "<script>x</script>", "body": "<i>"}}
    page = _page(ENTRY | {"texts": evil})
    assert "<script>" not in page
    assert "<i>" not in page
