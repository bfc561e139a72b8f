"""Measures that may not be: each is refused at its field, and nothing changes."""

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from chassis.clock import JAPAN
from contracts.registry import MeasureEntry
from contracts.values import GrantType
from services.registry.model.measure.form import MeasureForm
from services.registry.model.measure.judging import Covered, Municipality, Surroundings, judged
from tests.registry.measuring import measure_form

NOW = datetime(2023, 8, 1, 9, tzinfo=JAPAN)
KOMATSU = Municipality(UUID(int=1), "172031", "小松市", "17")


def covered(code: str, *kinds: GrantType) -> Covered:
    return Covered(
        UUID(int=2), code, code, UUID(int=3), "なぎさ電子決済株式会社", UUID(int=4), 2023,
        frozenset(kinds or GrantType),
    )  # fmt: skip


AROUND = Surroundings(
    measure_id=UUID(int=5),
    municipality=KOMATSU,
    covered={
        "nagisa-money": covered("nagisa-money"),
        "sampo-pay": covered("sampo-pay"),
        "only-fixed": covered("only-fixed", GrantType.FIXED),
    },
    areas={"172031", "282103"},
    known_services={"nagisa-money", "sampo-pay", "only-fixed", "uncovered"},
    number=1,
    now=NOW,
)
DATES = {
    "apply_from_on": "2023-09-11",
    "apply_until_on": "令和5年12月25日",
    "allocate_by": "2024-01-31",
}


def form(**sections: Any) -> dict[str, Any]:
    """A form of 2023 that can be handed in."""
    whole = measure_form(basics={"fiscal_year": "2023"}, dates=DATES)
    for name, fields in sections.items():
        whole[name] = {**whole[name], **fields} if isinstance(fields, dict) else fields
    return whole


def judge(whole: dict[str, Any]) -> tuple[MeasureEntry | None, set[tuple[str, str]]]:
    entry, errors = judged(MeasureForm.model_validate(whole), AROUND)
    assert all(e.detail.endswith("。") for e in errors)
    return entry, {(e.field, e.code) for e in errors}


def rate(**fields: str) -> dict[str, str]:
    return {
        "grant_type": "purchase_rate",
        "rate_percent": "20",
        "cap_per_entitlement_yen": "20000",
        "budget_yen": "24,000,000",
        **fields,
    }


def step(children: str, yen: str) -> dict[str, str]:
    return {"children_from": children, "amount_yen": yen}


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"basics": {"fiscal_year": ""}}, "basics.fiscal_year", "missing"),
    ({"basics": {"fiscal_year": "1999"}}, "basics.fiscal_year", "too_small"),
    ({"basics": {"fiscal_year": "2024"}}, "dates.apply_from_on", "other_fiscal_year"),
    ({"basics": {"purpose": "fun"}}, "basics.purpose", "choice_unknown"),
    ({"basics": {"entry_type": ""}}, "basics.entry_type", "missing"),
    # dates in the wrong order
    ({"dates": {"apply_until_on": "2023-09-10"}}, "dates.apply_until_on", "dates_crossed"),
    (
        {"dates": {"apply_until_on": "2023-09-11", "apply_until_time": "0:00"}},
        "dates.apply_until_on",
        "dates_crossed",
    ),
    ({"dates": {"allocate_by": "2023-12-24"}}, "dates.allocate_by", "dates_crossed"),
    (
        {"dates": {"take_part_from": "2023-10-02", "take_part_until": "2023-10-01"}},
        "dates.take_part_until",
        "dates_crossed",
    ),
    ({"dates": {"apply_from_on": "2023-02-30"}}, "dates.apply_from_on", "day_shape"),
    ({"dates": {"apply_from_time": "25:00"}}, "dates.apply_from_time", "time_shape"),
    ({"dates": {"apply_from_on": "2016-03-31"}}, "dates.apply_from_on", "day_out_of_range"),
    ({"dates": {"apply_until_on": "2033-12-25"}}, "dates.apply_until_on", "period_too_long"),
    # amounts negative, fractional or over the budget
    ({"amount": {"amount_yen": "-3000"}}, "amount.amount_yen", "number_shape"),
    ({"amount": {"amount_yen": "3000.5"}}, "amount.amount_yen", "number_shape"),
    ({"amount": {"amount_yen": "0"}}, "amount.amount_yen", "too_small"),
    ({"amount": {"amount_yen": "３千円"}}, "amount.amount_yen", "number_shape"),
    ({"amount": {"amount_yen": "99999999"}}, "amount.amount_yen", "too_large"),
    ({"amount": {"amount_yen": ""}}, "amount.amount_yen", "missing"),
    ({"amount": {"budget_yen": "2999"}}, "amount.budget_yen", "amount_over_budget"),
    ({"amount": {"budget_yen": ""}}, "amount.budget_yen", "missing"),
    ({"amount": {"budget_yen": "9" * 14}}, "amount.budget_yen", "number_shape"),
    ({"amount": {"quota": "0"}}, "amount.quota", "too_small"),
    ({"amount": {"on_exhaustion": "panic"}}, "amount.on_exhaustion", "choice_unknown"),
    ({"amount": {"steps": [step("1", "1000")]}}, "amount.amount_yen", "amount_twice"),
    (
        {"amount": {"amount_yen": "", "steps": [step("2", "1000")]}},
        "amount.steps.0.children_from",
        "steps_begin",
    ),
    (
        {"amount": {"amount_yen": "", "steps": [step("1", "1000"), step("1", "2000")]}},
        "amount.steps.1.children_from",
        "steps_order",
    ),
    # a rate without a cap
    (
        {"amount": rate(cap_per_entitlement_yen="")},
        "amount.cap_per_entitlement_yen",
        "missing",
    ),
    ({"amount": rate(rate_percent="101")}, "amount.rate_percent", "too_large"),
    ({"amount": rate(rate_percent="2.5")}, "amount.rate_percent", "number_shape"),
    (
        {"amount": rate(cap_per_transaction_yen="20001")},
        "amount.cap_per_transaction_yen",
        "caps_crossed",
    ),
    # unknown services
    ({"services": []}, "services", "missing"),
    ({"services": [{"code": "nobody-pay"}]}, "services.0.code", "service_unknown"),
    ({"services": [{"code": "uncovered"}]}, "services.0.code", "service_not_covered"),
    (
        {"services": [{"code": "only-fixed"}], "amount": rate()},
        "services.0.code",
        "grant_type_not_covered",
    ),
    (
        {"services": [{"code": "sampo-pay"}, {"code": "sampo-pay"}]},
        "services.1.code",
        "code_twice",
    ),
    (
        {"services": [{"code": "sampo-pay", "apply_until_on": "2023-12-26"}]},
        "services.0.apply_until_on",
        "outside_period",
    ),
    # who
    ({"who": {"areas": ["999999"]}}, "who.areas.0", "area_unknown"),
    ({"who": {"years_from": "19", "years_until": "18"}}, "who.years_until", "limits_crossed"),
    ({"who": {"years_until": ""}}, "who.years_from", "missing"),
    (
        {"who": {"born_from": "2024-04-01", "born_until": "2018-04-02"}},
        "who.born_until",
        "dates_crossed",
    ),
    ({"who": {"target_list": "maybe"}}, "who.target_list", "choice_unknown"),
    # ways that contradict each other
    ({"who": {"attendance": "yes"}}, "review.review_method", "review_cannot_see"),
    ({"review": {"review_method": "pre"}}, "who.target_list", "target_list_needed"),
    (
        {"basics": {"entry_type": "event_participation"}},
        "review.occasions",
        "occasions_needed",
    ),
    # texts
    ({"texts": {"easy": {}}}, "texts.easy.title", "missing"),
    ({"texts": {"en": {"title": "Points"}}}, "texts.en.summary", "missing"),
    (
        {"texts": {"ja": {"title": "あ", "summary": "い", "body": "う" * 5001}}},
        "texts.ja.body",
        "too_long",
    ),
    ({"documents": {"desks": []}}, "documents.desks", "missing"),
    (
        {"documents": {"papers": [{"title": "要綱", "url": "javascript:alert(1)"}]}},
        "documents.papers.0.url",
        "url_shape",
    ),
]


@pytest.mark.parametrize(("spoilt", "field", "code"), WRONG)
def test_what_is_wrong_is_named_by_its_field(spoilt: dict[str, Any], field: str, code: str) -> None:
    entry, errors = judge(form(**spoilt))
    assert entry is None
    assert (field, code) in errors, errors


def test_a_good_form_becomes_the_entry_everybody_reads() -> None:
    entry, errors = judge(form())
    assert errors == set()
    assert entry
    assert entry.apply_from == datetime(2023, 9, 11, tzinfo=JAPAN)
    assert entry.apply_until == datetime(2023, 12, 26, tzinfo=JAPAN)
    assert entry.amount.most_yen == 3000


@pytest.mark.parametrize("typed", ["", "24:00", "23:59", "２４：００"])
def test_the_last_day_counts_in_full_however_its_end_is_typed(typed: str) -> None:
    entry, _ = judge(form(dates={"apply_until_time": typed}))
    assert entry
    assert entry.apply_until == datetime(2023, 12, 26, tzinfo=JAPAN)
    entry, _ = judge(form(dates={"apply_until_time": "17時"}))
    assert entry and entry.apply_until == datetime(2023, 12, 25, 17, tzinfo=JAPAN)


def test_every_kind_of_amount_is_worth_its_most() -> None:
    table = {"amount_yen": "", "steps": [step("1", "3000"), step("2", "5000"), step("3", "9000")]}
    assert (found := judge(form(amount=table))[0]) and found.amount.most_yen == 9000
    assert (found := judge(form(amount=rate()))[0]) and found.amount.most_yen == 20000
