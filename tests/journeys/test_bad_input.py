"""Bad input at the door: each kind is refused with a stable code and a sentence, and changes nothing."""

import asyncio
import json
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from tests.rig.paperwork import Applicant, corporate_number, municipality, provider, sections
from tests.rig.story import IDENTITY, REGISTRY, Story, add_document
from tests.rig.visitor import Answer, Visitor

_REQUESTS = f"{IDENTITY}/account-requests"
_DRAFT = f"{REGISTRY}/registration/draft"
#: Twelve digits whose last is the check digit of a My Number; it belongs to nobody.
MY_NUMBER = "123456789018"


async def _ask(story: Story, **instead: Any) -> tuple[Answer, Applicant]:
    """Send the form of an account request with something wrong in it."""
    applicant = municipality()
    form = applicant.request(await story.guideline("municipality")) | instead
    form = {name: value for name, value in form.items() if value is not None}
    return await story.visitor().post(_REQUESTS, form), applicant


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("contact_name", None, "missing"),
        ("contact_name", "", "string_too_short"),
        ("contact_name", "あ" * 101, "string_too_long"),
        ("contact_name", 5, "string_type"),
        ("contact_kana", "山田", "kana"),
        ("email", "tantou@", "email_shape"),
        ("email", "a@example.jp\r\nBcc: b@example.jp", None),
        ("phone", "12", "phone_shape"),
        ("organisation_code", "172032", "municipality_code_check_digit"),
        ("organisation_code", "17203", "municipality_code_shape"),
        ("organisation_kind", "secretariat", "literal_error"),
        ("organisation_kind", ["municipality"], "literal_error"),
        ("guideline_version", "2019-01-01", "guideline_not_current"),
        ("nickname", "x", "extra_forbidden"),
        ("organisation_name", "み\u0000ほん市", "text_unusable"),
    ],
)
async def test_a_wrong_field_is_named_and_nobody_is_written_to(
    story: Story, field: str, value: object, code: str | None
) -> None:
    answer, applicant = await _ask(story, **{field: value})
    assert answer.status == 422, answer.raw
    assert answer.code
    assert field in answer.fields, answer.body
    assert code is None or answer.fields[field] == code
    assert all(error["detail"] for error in answer.body["errors"])
    assert await story.mailbox.mails(applicant.email) == []


async def test_every_wrong_field_is_named_at_once(story: Story) -> None:
    answer, _ = await _ask(story, email="tantou@", phone="1", contact_kana="漢字")
    assert set(answer.fields) == {"email", "phone", "contact_kana"}


async def test_a_corporate_number_with_a_wrong_first_digit_is_refused(story: Story) -> None:
    applicant = provider()
    form = applicant.request(await story.guideline("provider"))
    right = corporate_number()
    form["organisation_code"] = f"{int(right[0]) % 9 + 1}{right[1:]}"
    answer = await story.visitor().post(_REQUESTS, form)
    assert answer.status == 422
    assert answer.fields == {"organisation_code": "corporate_number_check_digit"}


@pytest.mark.parametrize("written", [MY_NUMBER, "1234 5678 9018", "１２３４５６７８９０１８"])
async def test_an_individual_number_is_refused_wherever_it_stands(
    story: Story, written: str
) -> None:
    answer, applicant = await _ask(story, department=f"市民課 {written}")
    answer.refused(422, "individual-number-refused")
    assert written not in answer.raw.decode()
    (await story.visitor().get(f"{REGISTRY}/municipalities", q=written)).refused(
        422, "individual-number-refused"
    )
    assert await story.mailbox.mails(applicant.email) == []


async def test_an_individual_number_is_refused_in_the_form_too(story: Story) -> None:
    applicant = municipality()
    visitor = await story.get_account(applicant)
    seen = await story.registration(visitor)
    plan = {"plan": {"measures_summary": f"番号は{MY_NUMBER}です"}}
    answer = await visitor.put(_DRAFT, plan, if_match=seen.etag)
    answer.refused(422, "individual-number-refused")
    await _unchanged(story, visitor, seen)


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b"", 400, "body-unreadable"),
        (b"{", 400, "body-unreadable"),
        (b'{"token": "\xff\xfe"}', 400, "body-unreadable"),
        (b'{"token": "a", "token": "b"}', 400, "body-unreadable"),
        (b'{"token": NaN}', 400, "body-unreadable"),
        (b'{"token": ' + b"[" * 5000 + b"]" * 5000 + b"}", 400, None),
        ('{"token": "' + "あ" * 100_000 + '"}', 413, "body-too-large"),
        (b"[]", 422, None),
        (b'"text"', 422, None),
        (b'{"token": "\\ud800' + b"a" * 30 + b'"}', 400, None),
        (b'{"token": true}', 422, None),
    ],
)
async def test_a_body_that_cannot_be_read_is_refused(
    story: Story, raw: bytes | str, status: int, code: str | None
) -> None:
    content = raw.encode() if isinstance(raw, str) else raw
    kind = {"Content-Type": "application/json"}
    answer = await story.visitor().ask("POST", f"{IDENTITY}/links/look", raw=content, headers=kind)
    assert answer.status in (status, 422 if code is None else status), answer.raw
    assert answer.code
    assert code is None or answer.code == code


@pytest.mark.parametrize(
    ("target", "status", "code"),
    [
        ("/municipalities?limit=20&limit=30", 400, "parameter-doubled"),
        ("/municipalities?limit=0", 422, "parameters-invalid"),
        ("/municipalities?limit=101", 422, "parameters-invalid"),
        ("/municipalities?limit=%EF%BC%91", 422, "parameters-invalid"),
        ("/municipalities?colour=red", 400, None),
        ("/municipalities?q=%FF", 400, None),
        ("/municipalities?as_of=2023-02-30", 422, "parameters-invalid"),
        ("/municipalities?as_of=1999-01-01", 422, "as-of-out-of-range"),
        ("/municipalities?known_at=2999-01-01T00:00:00Z", 422, "known-at-future"),
        ("/municipalities?known_at=2023-01-01T00:00:00", 422, "parameters-invalid"),
        ("/municipalities?prefecture=48", 422, "parameters-invalid"),
        ("/municipalities?after=garbage", 400, None),
        ("/changes?after=-1", 422, "parameters-invalid"),
        ("/changes?after=999999999", 400, "cursor-ahead"),
        ("/municipalities/172032", 404, None),
        ("/../../etc/passwd", 400, None),
        ("/%2e%2e/internal/heads", 400, None),
        ("/nothing", 404, None),
    ],
)
async def test_an_address_that_means_nothing_is_refused(
    story: Story, target: str, status: int, code: str | None
) -> None:
    answer = await _as_written(story, REGISTRY + target)
    assert answer.status in ({status} if code else {status, 422, 404, 400}), answer.raw
    assert answer.code
    assert code is None or answer.code == code


async def _as_written(story: Story, target: str) -> Answer:
    """Ask for a target byte for byte, as no library would write it."""
    there = urlsplit(story.stack.url)
    reader, writer = await asyncio.open_connection(there.hostname, there.port)
    writer.write(
        f"GET {target} HTTP/1.1\r\nHost: {there.netloc}\r\nConnection: close\r\n\r\n".encode()
    )
    raw = await reader.read()
    writer.close()
    head, _, body = raw.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    named = dict(line.split(": ", 1) for line in lines[1:])
    headers = {name.title(): value for name, value in named.items()}
    return Answer(int(lines[0].split()[1]), headers, body, f"GET {target}")


async def _unchanged(story: Story, visitor: Visitor, seen: Answer) -> None:
    after = await story.registration(visitor)
    assert (after.etag, after.raw) == (seen.etag, seen.raw)


async def test_nothing_happens_without_a_key_and_with_a_key_everything_happens_once(
    story: Story,
) -> None:
    applicant = municipality()
    visitor = await story.get_account(applicant)
    seen = await story.registration(visitor)
    plan: dict[str, Any] = {"plan": {"measures_summary": "子育て支援"}}
    missing = await visitor.put(_DRAFT, plan, if_match=seen.etag, key=None)
    missing.refused(400, "idempotency-key-missing")
    unguarded = await visitor.put(_DRAFT, plan)
    assert unguarded.status in (400, 428), unguarded.raw
    assert unguarded.code == "if-match-missing"
    await _unchanged(story, visitor, seen)

    key = uuid4().hex
    first = await visitor.put(_DRAFT, plan, if_match=seen.etag, key=key)
    again = await visitor.put(_DRAFT, plan, if_match=seen.etag, key=key)
    assert first.expect(200).raw == again.expect(200).raw
    kept = await story.registration(visitor)
    other = await visitor.put(_DRAFT, {"plan": {}}, if_match=kept.etag, key=key)
    other.refused(422, "idempotency-key-reused")
    await _unchanged(story, visitor, kept)


async def test_a_form_that_is_not_finished_cannot_be_handed_in(story: Story) -> None:
    applicant = municipality()
    visitor = await story.get_account(applicant)
    organisation = sections(applicant, "")["organisation"]
    wrong = str((int(applicant.code[-1]) + 1) % 10)
    organisation |= {"code": applicant.code[:5] + wrong, "postal_code": "1", "name_kana": "漢字"}
    await story.fill_in(applicant, visitor, organisation=organisation)
    seen = await story.registration(visitor)
    answer = await visitor.post(f"{REGISTRY}/registration/submit", if_match=seen.etag)
    answer.refused(422, "registration-incomplete")
    assert answer.fields["organisation.code"] == "municipality_code_check_digit"
    assert {"organisation.postal_code", "organisation.name_kana"} < set(answer.fields)
    assert answer.fields["documents.application_form"] == "document_missing"
    await _unchanged(story, visitor, seen)


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"", "application/pdf", 422, "document-empty"),
        (b"MZ\x90\x00 a program", "application/pdf", 422, "document-type-unknown"),
        (b"<html></html>", "application/pdf", 422, "document-type-unknown"),
        (b"%PDF-" + b"0" * (13 * 1024 * 1024), "application/pdf", 413, "body-too-large"),
        (b"text", "text/html", 415, None),
    ],
)
async def test_a_file_that_is_no_document_is_refused(
    story: Story, content: bytes, kind: str, status: int, code: str | None
) -> None:
    applicant = municipality()
    visitor = await story.get_account(applicant)
    seen = await story.registration(visitor)
    answer = await add_document(visitor, "application_form", content, kind)
    assert answer.status == status, answer.raw
    assert answer.code
    assert code is None or answer.code == code
    await _unchanged(story, visitor, seen)


async def test_somebody_elses_things_are_not_there(story: Story, desk: Visitor) -> None:
    mine, theirs = municipality(), municipality()
    visitor = await story.get_account(mine)
    other = await story.get_account(theirs)
    document = (await add_document(other, "application_form")).expect(201).body["id"]
    answer = await visitor.get(f"{REGISTRY}/registration/documents/{document}")
    assert (answer.status, bool(answer.code)) == (404, True)
    queue = await visitor.get(f"{REGISTRY}/registrations/{theirs.organisation_id}")
    assert queue.status == 403
    assert (await visitor.get(f"{IDENTITY}/accounts")).status == 403
    assert (await story.visitor().get(f"{REGISTRY}/registration")).status == 401
    assert (await desk.get(f"{REGISTRY}/registration")).status == 403


async def test_what_is_inside_stays_inside(story: Story) -> None:
    for path in ("/internal/heads?kinds=registry.organisation", "/metrics", "/readyz/../internal"):
        answer = await _as_written(story, f"/api/v1/registry{path}")
        assert answer.status in (400, 404)
    for path in ("/internal/heads", "/internal/sessions/exchange"):
        assert (await story.visitor().get(path)).status == 404


async def test_an_act_from_another_site_is_refused(story: Story) -> None:
    applicant = municipality()
    visitor = await story.get_account(applicant)
    seen = await story.registration(visitor)
    body = json.dumps({"plan": {"measures_summary": "よそから"}}).encode()
    elsewhere = {
        "Content-Type": "application/json",
        "Origin": "https://elsewhere.example",
        "Sec-Fetch-Site": "cross-site",
    }
    answer = await visitor.ask("PUT", _DRAFT, raw=body, if_match=seen.etag, headers=elsewhere)
    answer.refused(403, "other-origin")
    await _unchanged(story, visitor, seen)


async def test_a_csv_with_one_bad_row_imports_nothing(story: Story, desk: Visitor) -> None:
    good, bad = municipality(), municipality()
    table = (
        "団体コード,団体名,担当者氏名,メールアドレス\r\n"
        f"{good.code},{good.name},山田 花子,{good.email}\r\n"
        f"{bad.code},=1+1,山田 花子,not-an-address\r\n"
    )
    path = f"{IDENTITY}/provisional-accounts/import"
    kind = {"Content-Type": "text/csv"}
    answer = await desk.ask("POST", path, raw=table.encode("utf-8-sig"), headers=kind)
    assert answer.status in (200, 422), answer.raw
    rows = {error["row"] for error in answer.body["errors"]} if answer.status == 200 else {3}
    assert rows == {3}
    broken = await desk.ask("POST", path, raw=table.encode("cp932"), headers=kind)
    broken.refused(422, "csv-shift-jis")
    found = (await desk.get(f"{IDENTITY}/accounts", q=good.code)).expect(200).body["items"]
    assert found == []
