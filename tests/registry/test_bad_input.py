"""What is wrong is refused with a code and a sentence, at every door, and changes nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from contracts.principal import Role
from contracts.values import OrganisationKind
from services.registry.model.documents import LARGEST
from tests.registry.acts import submitted, typed_in
from tests.registry.asking import Asker, Desk
from tests.registry.forms import PDF, municipality_form, provider_form, service_form

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


DRAFTS: dict[str, tuple[Any, int, str]] = {
    "an unknown section": ({"palace": {}}, 422, "fields-invalid"),
    "an unknown field": ({"organisation": {"colour": "red"}}, 422, "fields-invalid"),
    "a number for a text": ({"organisation": {"code": 172031}}, 422, "fields-invalid"),
    "a list for a section": ({"organisation": []}, 422, "fields-invalid"),
    "too long": ({"organisation": {"name": "あ" * 201}}, 422, "fields-invalid"),
    "a number of a person": (
        {"organisation": {"name": "1234 5678 9018"}},
        422,
        "individual-number-refused",
    ),
    "a number of a person, full width": (
        {"plan": {"measures_summary": "１２３４５６７８９０１８"}},
        422,
        "individual-number-refused",
    ),
    "a control character": ({"organisation": {"name": "小\u0000松"}}, 422, "text-unusable"),
    "a reversing character": ({"organisation": {"name": "小\u202e松"}}, 422, "text-unusable"),
}


@pytest.mark.parametrize("case", DRAFTS)
async def test_a_draft_that_is_no_draft_is_refused(full: Desk, case: str) -> None:
    body, status, code = DRAFTS[case]
    asker = await full.applicant(OrganisationKind.MUNICIPALITY)
    before = (await asker.get("/registration")).json
    answer = await asker.put("/registration/draft", body, etag=before["version"])
    assert (answer.status, answer.code) == (status, code)
    assert (await asker.get("/registration")).json == before


RAW: dict[str, tuple[bytes, int, str]] = {
    "not JSON": (b"{", 400, "body-unreadable"),
    "a doubled key": (b'{"plan":{},"plan":{}}', 400, "body-unreadable"),
    "Shift_JIS": ('{"plan":{"invoice_address":"小松市"}}'.encode("cp932"), 400, "body-unreadable"),
    "very deep": (b"[" * 100_000, 400, "body-unreadable"),
    "NaN": (b'{"services":NaN}', 400, "body-unreadable"),
    "too much": (b'{"plan":{"invoice_address":"' + b"a" * 300_000 + b'"}}', 413, "body-too-large"),
}


@pytest.mark.parametrize("case", RAW)
async def test_bytes_that_are_no_body_are_refused(full: Desk, case: str) -> None:
    content, status, code = RAW[case]
    asker = await full.applicant(OrganisationKind.MUNICIPALITY)
    answer = await asker.ask(
        "PUT",
        "/registration/draft",
        data=content,
        etag=1,
        headers={"Content-Type": "application/json"},
    )
    assert (answer.status, answer.code) == (status, code)


async def test_a_stale_version_is_refused_and_the_first_save_stays(full: Desk) -> None:
    asker = await full.applicant(OrganisationKind.MUNICIPALITY)
    version = await asker.version()
    first = await asker.put("/registration/draft", {"organisation": {"name": "一"}}, etag=version)
    second = await asker.put("/registration/draft", {"organisation": {"name": "二"}}, etag=version)
    assert first.status == 200
    assert (second.status, second.code) == (412, "version-stale")
    assert (await asker.get("/registration")).json["form"]["organisation"]["name"] == "一"


async def test_a_save_without_a_version_is_refused(full: Desk) -> None:
    asker = await full.applicant(OrganisationKind.MUNICIPALITY)
    answer = await asker.put("/registration/draft", {})
    assert (answer.status, answer.code) == (428, "if-match-missing")


async def test_a_repeated_submission_gets_the_first_answer_and_counts_once(desk: Desk) -> None:
    asker = await desk.applicant(OrganisationKind.MUNICIPALITY)
    await typed_in(asker, municipality_form())
    version = await asker.version()
    first = await asker.post("/registration/submit", etag=version, key="submit-0001")
    again = await asker.post("/registration/submit", etag=version, key="submit-0001")
    assert (first.status, again.status) == (201, 201)
    assert first.content == again.content
    other = await asker.put("/registration/draft", {}, etag=version, key="submit-0001")
    assert (other.status, other.code) == (422, "idempotency-key-reused")
    assert (await asker.get("/registration")).json["submissions"] == 1


UPLOADS: dict[str, tuple[bytes, str, int, str]] = {
    "a program": (b"MZ\x90\x00" + b"\x00" * 64, "application_form", 422, "document-type-unknown"),
    "a page": (b"<html></html>", "application_form", 422, "document-type-unknown"),
    "half a PDF": (b"%PDF-1.4 and no end", "application_form", 422, "document-type-unknown"),
    "a bare archive": (
        b"PK\x03\x04" + b"\x00" * 40,
        "application_form",
        422,
        "document-type-unknown",
    ),
    "nothing": (b"", "application_form", 422, "document-empty"),
    "another place": (PDF, "fund_protection", 422, "document-slot-unknown"),
    "no place": (PDF, "../../etc", 422, "parameters-invalid"),
    "too large": (PDF + b"\x00" * LARGEST, "application_form", 413, "body-too-large"),
}


@pytest.mark.parametrize("case", UPLOADS)
async def test_a_file_that_is_no_document_is_refused(full: Desk, case: str) -> None:
    content, slot, status, code = UPLOADS[case]
    asker = await full.applicant(OrganisationKind.MUNICIPALITY)
    answer = await asker.upload(slot, content)
    assert (answer.status, answer.code) == (status, code)
    documents = (await asker.get("/registration")).json["documents"]
    assert all(d["document"] is None for d in documents)


async def test_a_file_cannot_be_read_before_it_was_looked_through(full: Desk) -> None:
    asker = await full.applicant(OrganisationKind.MUNICIPALITY)
    document = (await asker.upload("application_form")).json
    early = await asker.get(f"/registration/documents/{document['id']}")
    assert (early.status, early.code) == (409, "document-quarantined")
    await full.inspect()
    read = await asker.get(f"/registration/documents/{document['id']}")
    assert (read.status, read.content) == (200, PDF)
    assert read.headers["Content-Disposition"].startswith("attachment")


async def test_a_file_with_a_script_in_it_is_never_given_out(full: Desk) -> None:
    asker = await full.applicant(OrganisationKind.MUNICIPALITY)
    scripted = b"%PDF-1.4\n<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>\n%%EOF\n"
    document = (await asker.upload("application_form", scripted)).json
    await full.inspect()
    answer = await asker.get(f"/registration/documents/{document['id']}")
    assert (answer.status, answer.code) == (409, "document-quarantined")
    assert ("documents.application_form", "document_missing") in {
        (p["field"], p["code"]) for p in (await asker.get("/registration")).json["problems"]
    }


ASKED: dict[str, tuple[str, int, str]] = {
    "a day that is none": ("/municipalities?as_of=2023-02-30", 422, "parameters-invalid"),
    "a day in words": ("/municipalities?as_of=yesterday", 422, "parameters-invalid"),
    "before there was a register": ("/municipalities?as_of=1999-01-01", 422, "as-of-out-of-range"),
    "far ahead": ("/municipalities?as_of=9999-12-31", 422, "as-of-out-of-range"),
    "known in the future": (
        "/municipalities?known_at=2999-01-01T00:00:00Z",
        422,
        "known-at-future",
    ),
    "known at no place": (
        "/municipalities?known_at=2023-01-01T00:00:00",
        422,
        "parameters-invalid",
    ),
    "a prefecture too many": ("/municipalities?prefecture=48", 422, "parameters-invalid"),
    "a page of nothing": ("/municipalities?limit=0", 422, "parameters-invalid"),
    "a page of everything": ("/municipalities?limit=1000000000", 422, "parameters-invalid"),
    "a tampered cursor": ("/municipalities?after=abc", 400, "cursor-unknown"),
    "a cursor of another list": (
        "/municipalities?after=WyJhIiwgImIiXQ",
        400,
        "cursor-unknown",
    ),
    "a parameter twice": ("/municipalities?q=a&q=b", 400, "parameter-doubled"),
    "a parameter nobody knows": ("/municipalities?colour=red", 422, "parameters-invalid"),
    "a number of a person": ("/municipalities?q=123456789018", 422, "individual-number-refused"),
    "nobody's entry": ("/municipalities/015784", 404, "entry-unknown"),
    "no code": ("/municipalities/abc", 404, "not-found"),
    "a body nobody knows": ("/municipality-codes/999999", 404, "municipality-code-unknown"),
    "an answer for the year 0": ("/participation/0", 405, "method-not-allowed"),
    "a year before all": ("/participation?fiscal_year=1999", 422, "parameters-invalid"),
    "a position before all": ("/changes?after=-1", 422, "parameters-invalid"),
    "a position beyond numbers": ("/changes?after=99999999999999999999", 422, "parameters-invalid"),
    "a long wait": ("/changes?wait=3600", 422, "parameters-invalid"),
}


@pytest.mark.parametrize("case", ASKED)
async def test_a_question_that_makes_no_sense_is_told_so(full: Desk, case: str) -> None:
    path, status, code = ASKED[case]
    answer = await full.anybody().get(path)
    assert (answer.status, answer.code) == (status, code)
    assert answer.json["detail"]


CLOSED: dict[str, Callable[[Desk], Asker]] = {
    "nobody": lambda d: d.anybody(),
    "a viewer": lambda d: d.member(OrganisationKind.MUNICIPALITY, None, Role.VIEWER),
    "an editor of the secretariat": lambda d: d.secretariat(Role.EDITOR),
}


@pytest.mark.parametrize("who", CLOSED)
async def test_only_reviewers_decide(desk: Desk, who: str) -> None:
    city = await desk.applicant(OrganisationKind.MUNICIPALITY)
    await submitted(city, municipality_form())
    before = (await city.get("/registration")).json
    asker = CLOSED[who](desk)
    for act in ("take", "approve", "reject", "suspend"):
        answer = await asker.post(
            f"/registrations/{city.organisation_id}/{act}",
            {"reason": "x", "message": "y"} if act == "reject" else {},
            etag=before["version"],
        )
        assert answer.status in (401, 403), (act, answer.content)
    assert (await city.get("/registration")).json == before


async def test_another_organisations_document_is_not_there(full: Desk) -> None:
    one = await full.applicant(OrganisationKind.MUNICIPALITY)
    other = await full.applicant(OrganisationKind.MUNICIPALITY, code="011002", name="札幌市")
    document = (await one.upload("application_form")).json
    await full.inspect()
    path = f"/registration/documents/{document['id']}"
    assert (await other.get(path)).status == 404
    assert (await other.ask("DELETE", path)).status == 404
    assert (await one.get(path)).status == 200
