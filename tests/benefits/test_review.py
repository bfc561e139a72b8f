"""Reviewers look, propose and ask for more; a second person decides; the applicant sees who looked."""

from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest

from chassis.clock import JAPAN, day_of, now
from chassis.database import CheckViolation, Pool, transaction
from chassis.ids import new_id
from contracts.principal import Role
from contracts.values import OrganisationKind
from services.benefits.commands import asking_again
from services.benefits.commands import evidence as inspecting
from services.benefits.model.measure import Measure
from tests.benefits.asking import Asker, House, Resident
from tests.benefits.conftest import Said
from tests.benefits.offering import MUNICIPALITY

KIND = OrganisationKind.MUNICIPALITY
PDF = b"%PDF-1.4\n1 0 obj << >> endobj\n%%EOF\n"
PAPER = {"evidence": [{"code": "relation", "label": "続柄のわかる書類"}]}


def _staff(house: House, *roles: Role) -> Asker:
    return house.member(KIND, *(roles or (Role.REVIEWER,)), organisation_id=MUNICIPALITY)


async def _applied(house: House, measure: Measure, count: int = 1) -> list[tuple[Resident, Any]]:
    found = []
    for _ in range(count):
        resident = house.resident()
        answer = await resident.apply(measure.id)
        assert answer.status == 201, answer.content
        found.append((resident, answer.json["application"]))
    return found


def _wish(measure: Measure, made: list[tuple[Resident, Any]], **more: Any) -> dict[str, Any]:
    ids = [application["id"] for _, application in made]
    return {"measure_id": str(measure.id), "application_ids": ids, "outcome": "approve"} | more


async def test_two_people_approve_many_at_once(house: House, said: Said) -> None:
    measure = await house.measure(review_method="post")
    made = await _applied(house, measure, 3)
    reviewer, approver = _staff(house), _staff(house, Role.APPROVER)
    queue = (await reviewer.get("/review/queue")).json["items"]
    assert [item["reference"] for item in queue] == [a["reference"] for _, a in made]
    assert [[f["rule"] for f in item["open"]] for item in queue] == [["review"]] * 3
    proposed = await reviewer.post("/review/proposals", _wish(measure, made, message="どうぞ。"))
    assert (proposed.status, proposed.json["count"], proposed.json["amount_yen"]) == (201, 3, 9_000)
    assert all(i["proposed"] for i in (await reviewer.get("/review/queue")).json["items"])
    path = f"/review/proposals/{proposed.json['id']}"
    assert (await reviewer.post(f"{path}/approval")).status == 403
    done = await approver.post(f"{path}/approval")
    assert {item["result"] for item in done.json["items"]} == {"decided"}
    for resident, application in made:
        seen = (await resident.get(f"/own-applications/{application['id']}")).json
        assert seen["application"]["status"]["word"] == "承認"
        assert seen["application"]["message"] == "どうぞ。"
        assert await said(f"application/{application['id']}") == ["submitted", "approved"]
    assert (await approver.post(f"{path}/approval")).code == "proposal-decided"


async def test_who_takes_the_queue_as_a_sheet_is_seen_by_everybody_in_it(
    house: House, pool: Pool
) -> None:
    measure = await house.measure(review_method="post")
    made = await _applied(house, measure, 2)
    stranger = house.member(KIND, Role.REVIEWER, organisation_id=new_id())
    # A title is the municipality's own words; a spreadsheet is not to calculate it.
    await pool.execute("UPDATE measures SET title = '=1+1' WHERE id = $1", measure.id)
    taken = await _staff(house).get(f"/review/queue.csv?measure_id={measure.id}")
    assert taken.headers["Content-Type"].startswith("text/csv")
    head, *rows = taken.content.decode("utf-8-sig").splitlines()
    assert head.startswith("受付番号,施策,ようす,金額（円）")
    assert [row.split(",")[:4] for row in rows] == [
        [application["reference"], "'=1+1", "要確認", "3000"] for _, application in made
    ]
    others = await stranger.get("/review/queue.csv")
    assert others.content.decode("utf-8-sig").splitlines() == [head]
    for resident, _ in made:
        [read] = (await resident.get("/own-reads")).json["items"]
        assert (read["what"], read["why"]) == ("list", "審査のため（一覧のダウンロード）")


async def test_who_proposed_does_not_approve(house: House, pool: Pool) -> None:
    measure = await house.measure(review_method="post")
    made = await _applied(house, measure)
    admin = _staff(house, Role.ADMIN)
    proposed = await admin.post("/review/proposals", _wish(measure, made))
    answer = await admin.post(f"/review/proposals/{proposed.json['id']}/approval")
    assert (answer.status, answer.code) == (403, "proposer-is-not-approver")
    with pytest.raises(CheckViolation, match="proposer_is_not_approver"):
        await pool.execute(
            "UPDATE proposals SET state = 'approved', decided_by = proposed_by, decided_at = now()"
        )


async def test_what_changed_since_is_left_out(house: House) -> None:
    measure = await house.measure(review_method="post")
    made = await _applied(house, measure, 2)
    reviewer, approver = _staff(house), _staff(house, Role.APPROVER)
    proposed = (await reviewer.post("/review/proposals", _wish(measure, made))).json
    resident, gone = made[0]
    await resident.post(f"/own-applications/{gone['id']}/withdrawal", etag=gone["version"])
    path = f"/review/proposals/{proposed['id']}"
    shown = (await approver.get(path)).json["items"]
    assert {i["reference"]: i["changed"] for i in shown}[gone["reference"]] is True
    done = (await approver.post(f"{path}/approval")).json
    assert {i["reference"]: i["result"] for i in done["items"]} == {
        gone["reference"]: "changed",
        made[1][1]["reference"]: "decided",
    }


async def test_a_rejection_names_its_reason_and_frees_the_yen(house: House, pool: Pool) -> None:
    measure = await house.measure(review_method="post")
    made = await _applied(house, measure)
    reviewer, approver = _staff(house), _staff(house, Role.APPROVER)
    without = await reviewer.post("/review/proposals", _wish(measure, made, outcome="reject"))
    assert (without.status, without.code) == (422, "proposal-invalid")
    wish = _wish(
        measure, made, outcome="reject", reason="name_mismatch", message="お名前が違います。"
    )
    proposed = (await reviewer.post("/review/proposals", wish)).json
    await approver.post(f"/review/proposals/{proposed['id']}/approval")
    resident, application = made[0]
    seen = (await resident.get(f"/own-applications/{application['id']}")).json["application"]
    assert (seen["status"]["word"], seen["reason"]) == ("不承認", "name_mismatch")
    figures = (await reviewer.get(f"/measures/{measure.id}/budget")).json
    assert (figures["available_yen"], figures["promised_yen"]) == (3_000_000, 0)


async def test_a_revocation_takes_the_points_back(house: House, said: Said) -> None:
    measure = await house.measure(quota=1)
    ((resident, application),) = await _applied(house, measure)
    reviewer, approver = _staff(house), _staff(house, Role.APPROVER)
    wish = _wish(
        measure, [(resident, application)], outcome="revoke", reason="other", message="転出のため。"
    )
    proposed = (await reviewer.post("/review/proposals", wish)).json
    done = (await approver.post(f"/review/proposals/{proposed['id']}/approval")).json
    assert done["items"][0]["result"] == "decided"
    seen = (await resident.get(f"/own-applications/{application['id']}")).json["application"]
    assert seen["status"]["word"] == "取消"
    assert await said(f"entitlement/{application['entitlement_id']}") == ["issued", "revoked"]
    assert (await house.resident().apply(measure.id)).status == 201


async def test_more_is_asked_for_and_answered(house: House, pool: Pool, said: Said) -> None:
    measure = await house.measure(review_method="post", eligibility=PAPER)
    ((resident, application),) = await _applied(house, measure)
    reviewer = _staff(house)
    path = f"/applications/{application['id']}"
    day = (now().astimezone(JAPAN) + timedelta(days=7)).date()
    body = {
        "reason": "evidence_missing",
        "message": "続柄の書類を出してください。",
        "answer_by": day.isoformat(),
    }
    late = await reviewer.post(f"{path}/return", body | {"answer_by": "2020-01-01"}, etag=1)
    assert (late.status, late.code) == (422, "return-invalid")
    assert (await reviewer.post(f"{path}/return", body, etag=1)).json["state"] == "returned"
    own = f"/own-applications/{application['id']}"
    seen = (await resident.get(own)).json["application"]
    assert seen["status"]["word"] == "要対応" and seen["status"]["next"]["act"] == "answer"
    handed = await resident.ask(
        "POST", f"{own}/evidence?code=relation&name=..%2Fa.exe", data=PDF, media="application/pdf"
    )
    assert (handed.status, handed.json["name"], handed.json["state"]) == (
        201,
        "a.pdf",
        "quarantined",
    )
    assert (handed.json["size"], handed.json["sha256"]) == (len(PDF), sha256(PDF).hexdigest())
    file = f"{path}/evidence/{handed.json['id']}"
    assert (await reviewer.get(file)).code == "evidence-quarantined"
    async with transaction(pool) as conn:
        assert await inspecting.inspect_next(conn)
    answered = await resident.post(f"{own}/answer", etag=2)
    assert answered.json["application"]["status"]["word"] == "審査中"
    read = await reviewer.get(file)
    assert read.content == PDF and read.headers["X-Content-Type-Options"] == "nosniff"
    shown = (await reviewer.get(path)).json
    assert shown["applicant"]["name"] == "小松 花子" and shown["evidence"][0]["state"] == "checked"
    assert await said(f"application/{application['id']}") == [
        "submitted",
        "returned",
        "resubmitted",
    ]
    looked = (await resident.get("/own-reads")).json["items"]
    assert [(r["what"], r["by"]) for r in looked] == [
        ("application", "小松市"),
        ("evidence", "小松市"),
    ]


async def test_who_does_not_answer_is_rejected_as_of_that_instant(house: House, pool: Pool) -> None:
    measure = await house.measure(review_method="post")
    ((resident, application),) = await _applied(house, measure)
    day = day_of(now() + timedelta(days=3))
    body = {
        "reason": "evidence_missing",
        "message": "出してください。",
        "answer_by": day.isoformat(),
    }
    await _staff(house).post(f"/applications/{application['id']}/return", body, etag=1)
    async with transaction(pool) as conn:
        assert not await asking_again.let_pass(conn, now=now())
        assert await asking_again.let_pass(conn, now=now() + timedelta(days=30))
    seen = (await resident.get(f"/own-applications/{application['id']}")).json["application"]
    assert (seen["state"], seen["reason"]) == ("rejected", "not_answered")
    assert seen["state_since"].startswith(day.isoformat() + "T15:00:00")


async def test_who_waits_moves_up_when_a_place_is_free(
    house: House, pool: Pool, said: Said
) -> None:
    measure = await house.measure(review_method="post", quota=1, on_exhaustion="waitlist")
    first, second, third = await _applied(house, measure, 3)
    assert [a["state"] for _, a in (first, second, third)] == ["in_review", "waiting", "waiting"]
    async with transaction(pool) as conn:
        assert not await asking_again.move_up(conn, now=now())
    await first[0].post(f"/own-applications/{first[1]['id']}/withdrawal", etag=1)
    async with transaction(pool) as conn:
        assert await asking_again.move_up(conn, now=now())
        assert not await asking_again.move_up(conn, now=now())
    states = [
        (await resident.get(f"/own-applications/{a['id']}")).json["application"]["state"]
        for resident, a in (second, third)
    ]
    assert states == ["in_review", "waiting"]
    assert await said(f"application/{second[1]['id']}") == ["submitted", "moved_up"]


async def test_a_decision_is_made_again_as_of_its_day(house: House) -> None:
    """What lay there then counts, by the rules of then: later papers and later versions change nothing."""
    measure = await house.measure(review_method="post", eligibility={**PAPER, "areas": ["172031"]})
    ((resident, application),) = await _applied(house, measure)
    reviewer = _staff(house)
    path = f"/applications/{application['id']}"
    before = (await reviewer.get(path)).json["findings"]
    yesterday = day_of(now() - timedelta(days=1)).isoformat()
    stricter = measure.entry.model_copy(
        update={
            "version": 2,
            "eligibility": measure.entry.eligibility.model_copy(update={"areas": ("131016",)}),
        }
    )
    await house.said(measure.id, stricter, None)
    assert (await reviewer.get(path)).json["findings"] == before
    own = f"/own-applications/{application['id']}/evidence?code=relation"
    await resident.ask("POST", own, data=PDF, media="application/pdf")
    now_found = (await reviewer.get(path)).json["findings"]
    assert now_found != before
    assert (await reviewer.get(f"{path}?as_of={yesterday}")).json["findings"] == before


LIES: dict[str, tuple[bytes, str]] = {
    "an executable": (b"MZ\x90\x00" + b"\x00" * 100, "evidence-type-unknown"),
    "a page of HTML": (b"<html><script>1</script></html>", "evidence-type-unknown"),
    "a picture that is cut off": (b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "evidence-type-unknown"),
    "nothing": (b"", "evidence-empty"),
}


@pytest.mark.parametrize("what", LIES)
async def test_files_that_lie_about_their_type_are_refused(house: House, what: str) -> None:
    measure = await house.measure(review_method="post", eligibility=PAPER)
    ((resident, application),) = await _applied(house, measure)
    path = f"/own-applications/{application['id']}/evidence"
    content, code = LIES[what]
    answer = await resident.ask(
        "POST", f"{path}?code=relation", data=content, media="application/pdf"
    )
    assert (answer.status, answer.code) == (422, code)
    other = await resident.ask("POST", f"{path}?code=other", data=PDF, media="application/pdf")
    assert (other.status, other.code) == (422, "evidence-code-unknown")
    assert (await resident.get(path)).json["items"] == []


@pytest.mark.parametrize("part", [b"/JavaScript (x)", b"/Encrypt 1 0 R", b"/EmbeddedFile"])
async def test_a_file_that_acts_is_shown_to_nobody(house: House, pool: Pool, part: bytes) -> None:
    measure = await house.measure(review_method="post", eligibility=PAPER)
    ((resident, application),) = await _applied(house, measure)
    path = f"/own-applications/{application['id']}/evidence"
    content = PDF.replace(b"<< >>", b"<< " + part + b" >>")
    made = await resident.ask(
        "POST", f"{path}?code=relation", data=content, media="application/pdf"
    )
    async with transaction(pool) as conn:
        await inspecting.inspect_next(conn)
    seen = (await resident.get(path)).json["items"][0]
    assert seen["state"] == "refused" and seen["why"]
    assert (await resident.get(f"{path}/{made.json['id']}")).status == 409


async def test_another_municipality_sees_and_changes_nothing(house: House) -> None:
    measure = await house.measure(review_method="post")
    made = await _applied(house, measure)
    stranger = house.member(KIND, Role.ADMIN)
    application_id = made[0][1]["id"]
    proposed = (await _staff(house).post("/review/proposals", _wish(measure, made))).json
    body = {
        "reason": "other",
        "message": "x",
        "answer_by": day_of(now() + timedelta(days=2)).isoformat(),
    }
    assert (await stranger.get("/review/queue")).json["items"] == []
    assert (await stranger.get("/review/proposals")).json["items"] == []
    for answer in (
        await stranger.get(f"/applications/{application_id}"),
        await stranger.post(f"/applications/{application_id}/return", body, etag=1),
        await stranger.get(f"/review/proposals/{proposed['id']}"),
        await stranger.post(f"/review/proposals/{proposed['id']}/approval"),
        await stranger.get(f"/measures/{measure.id}/budget"),
        await stranger.post("/review/proposals", _wish(measure, made)),
    ):
        assert answer.status == 404, answer.content
    resident = made[0][0]
    assert (await resident.get("/review/queue")).status == 403
    assert (await stranger.get("/own-applications")).status == 403


async def test_a_proposal_names_what_is_there_and_of_one_measure(house: House) -> None:
    measure, other = await house.measure(review_method="post"), await house.measure()
    made = await _applied(house, measure)
    approved = await _applied(house, other)
    reviewer = _staff(house)
    nobody: list[tuple[Any, Any]] = [(None, {"id": str(new_id())})]
    assert (await reviewer.post("/review/proposals", _wish(measure, nobody))).status == 404
    assert (await reviewer.post("/review/proposals", _wish(measure, approved))).status == 404
    again = await reviewer.post("/review/proposals", _wish(other, approved))
    assert (again.status, again.code) == (409, "application-state")
    assert (await reviewer.post("/review/proposals", _wish(measure, made))).status == 201
    twice = await reviewer.post("/review/proposals", _wish(measure, made))
    assert (twice.status, twice.code) == (409, "proposed-already")


async def test_the_budget_is_told_day_by_day(house: House) -> None:
    measure = await house.measure(review_method="post", quota=5)
    made = await _applied(house, measure, 2)
    await made[0][0].post(f"/own-applications/{made[0][1]['id']}/withdrawal", etag=1)
    told = (await _staff(house).get(f"/measures/{measure.id}/budget")).json
    assert (told["available_yen"], told["promised_yen"], told["places"]) == (2_997_000, 3_000, 4)
    assert told["applications"] == {"withdrawn": 1, "in_review": 1}
    assert [(day["left_yen"], day["applied"]) for day in told["days"]] == [(2_997_000, 2)]
    listed = (await _staff(house).get("/measures")).json["items"]
    assert [UUID(one["measure_id"]) for one in listed] == [measure.id]
