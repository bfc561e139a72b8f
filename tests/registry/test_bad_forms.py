"""A form with one thing wrong in it is refused at that field, and changes nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from contracts.values import OrganisationKind
from tests.registry.acts import typed_in
from tests.registry.asking import Desk
from tests.registry.forms import municipality_form, provider_form, service_form

Spoil = Callable[[dict[str, Any]], None]


def put(section: str, field: str, value: Any) -> Spoil:
    """One field of a section is something else."""

    def spoil(form: dict[str, Any]) -> None:
        form[section][field] = value

    return spoil


def contact(which: str, field: str, value: str) -> Spoil:
    """One field of a contact person is something else."""

    def spoil(form: dict[str, Any]) -> None:
        form["contacts"][which][field] = value

    return spoil


def service(**changes: Any) -> Spoil:
    """Something about the payment service is something else."""

    def spoil(form: dict[str, Any]) -> None:
        form["services"] = [service_form(**changes)]

    return spoil


MUNICIPALITY: dict[str, tuple[Spoil, tuple[str, str]]] = {
    "check digit": (
        put("organisation", "code", "172032"),
        ("organisation.code", "municipality_code_check_digit"),
    ),
    "five digits": (
        put("organisation", "code", "17203"),
        ("organisation.code", "municipality_code_shape"),
    ),
    "letters": (
        put("organisation", "code", "17203a"),
        ("organisation.code", "municipality_code_shape"),
    ),
    "nobody's code": (
        put("organisation", "code", "179990"),
        ("organisation.code", "municipality_code_unknown"),
    ),
    "a prefecture's code": (
        put("organisation", "code", "170003"),
        ("organisation.municipality_kind", "municipality_kind_differs"),
    ),
    "no code": (put("organisation", "code", " "), ("organisation.code", "missing")),
    "kana with kanji": (
        put("organisation", "name_kana", "小マツシ"),
        ("organisation.name_kana", "kana_shape"),
    ),
    "a day after today": (
        put("organisation", "budget_approved_on", "令和99年1月1日"),
        ("organisation.budget_approved_on", "day_too_late"),
    ),
    "no such day": (
        put("organisation", "budget_approved_on", "令和5年2月30日"),
        ("organisation.budget_approved_on", "day_shape"),
    ),
    "an era that had ended": (
        put("organisation", "budget_approved_on", "昭和64年1月8日"),
        ("organisation.budget_approved_on", "day_shape"),
    ),
    "postal code": (
        put("organisation", "postal_code", "923-86"),
        ("organisation.postal_code", "postal_code_shape"),
    ),
    "no name": (put("organisation", "name", ""), ("organisation.name", "missing")),
    "kind": (
        put("organisation", "municipality_kind", "kingdom"),
        ("organisation.municipality_kind", "choice_unknown"),
    ),
    "a consortium of one": (
        lambda f: f["organisation"].update(
            municipality_kind="consortium", code="6901700000151", constituents=["172031"]
        ),
        ("organisation.constituents", "too_few"),
    ),
    "mail": (contact("main", "email", "kita@"), ("contacts.main.email", "email_shape")),
    "mail with two dots": (
        contact("main", "email", "a..b@example.jp"),
        ("contacts.main.email", "email_shape"),
    ),
    "phone": (contact("main", "phone", "12-34"), ("contacts.main.phone", "phone_shape")),
    "the same person twice": (
        contact("deputy", "email", "KITA@city.komatsu.example.jp"),
        ("contacts.deputy.email", "same_contact"),
    ),
    "an old guideline": (
        put("guideline", "accepted_version", "2022-09-13"),
        ("guideline.accepted_version", "guideline_not_accepted"),
    ),
    "an amount in words": (
        put("plan", "planned_budget_yen", "いっぱい"),
        ("plan.planned_budget_yen", "number_shape"),
    ),
    "kinds nobody knows": (
        put("plan", "wanted_kinds", ["qr", "barter"]),
        ("plan.wanted_kinds", "choice_unknown"),
    ),
}

PROVIDER: dict[str, tuple[Spoil, tuple[str, str]]] = {
    "check digit": (
        put("organisation", "corporate_number", "5011001098993"),
        ("organisation.corporate_number", "corporate_number_check_digit"),
    ),
    "fourteen digits": (
        put("organisation", "corporate_number", "40110010989930"),
        ("organisation.corporate_number", "corporate_number_shape"),
    ),
    "no service": (lambda f: f.update(services=[]), ("services", "missing")),
    "the same service twice": (
        lambda f: f.update(services=[service_form(), service_form()]),
        ("services.1.code", "service_code_doubled"),
    ),
    "service code": (service(code="なぎさ"), ("services.0.code", "shape")),
    "service kind": (service(kind="gold"), ("services.0.kind", "choice_unknown")),
    "no grant type": (service(grant_types=[]), ("services.0.grant_types", "missing")),
    "a pattern that runs away": (
        service(account_id_pattern="(a+)+$"),
        ("services.0.account_id_pattern", "pattern_shape"),
    ),
    "an example that does not fit": (
        service(account_id_example="12"),
        ("services.0.account_id_example", "example_differs"),
    ),
    "limits crossed": (
        service(min_grant="100", max_grant="10"),
        ("services.0.max_grant", "limits_crossed"),
    ),
    "terms by http": (
        service(terms_url="http://nagisa.example.com/terms"),
        ("services.0.terms_url", "url_shape"),
    ),
    "terms by script": (
        service(terms_url="javascript:alert(1)"),
        ("services.0.terms_url", "url_shape"),
    ),
    "cut-off": (service(daily_cut_off="25:00"), ("services.0.daily_cut_off", "time_shape")),
    "bank account": (
        put("compliance", "account_number", "123"),
        ("compliance.account_number", "shape"),
    ),
    "no licence copy": (
        put("organisation", "licences", ["bank", "castle"]),
        ("organisation.licences", "choice_unknown"),
    ),
}


@pytest.mark.parametrize("case", MUNICIPALITY)
async def test_a_municipality_hears_which_field_to_mend(full: Desk, case: str) -> None:
    spoil, expected = MUNICIPALITY[case]
    await _hears(full, OrganisationKind.MUNICIPALITY, municipality_form(), spoil, expected)


@pytest.mark.parametrize("case", PROVIDER)
async def test_a_provider_hears_which_field_to_mend(full: Desk, case: str) -> None:
    spoil, expected = PROVIDER[case]
    await _hears(full, OrganisationKind.PROVIDER, provider_form(), spoil, expected)


async def _hears(
    desk: Desk,
    kind: OrganisationKind,
    form: dict[str, Any],
    spoil: Spoil,
    expected: tuple[str, str],
) -> None:
    asker = await desk.applicant(kind)
    spoil(form)
    before = (await typed_in(asker, form)).json
    answer = await asker.post("/registration/submit", etag=before["version"])
    assert (answer.status, answer.code) == (422, "registration-incomplete")
    assert expected in answer.fields
    assert len(answer.fields) == 1, answer.fields
    assert answer.fields == {(p["field"], p["code"]) for p in before["problems"]}
    assert (await asker.get("/registration")).json == before
