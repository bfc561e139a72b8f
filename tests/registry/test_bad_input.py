"""What is wrong is refused with a code and a sentence, at every door, and changes nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from contracts.principal import Role
from contracts.values import OrganisationKind
from tests.registry.acts import submitted, typed_in
from tests.registry.asking import Asker, Desk
from tests.registry.forms import municipality_form

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
