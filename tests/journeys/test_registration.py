"""From the draft to the public list and to a provider's system, and the other ways a registration can go."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from tests.rig.feed import verified
from tests.rig.paperwork import OFFICE, Applicant, municipality, office_file, provider, sections
from tests.rig.story import IDENTITY, REGISTRY, Story, add_document
from tests.rig.visitor import Visitor
from tests.rig.waiting import eventually


@pytest.mark.parametrize("someone", [municipality, provider])
async def test_a_registration_is_returned_mended_approved_listed_and_heard_of(
    story: Story, desk: Visitor, today: date, someone: Callable[[], Applicant]
) -> None:
    applicant = someone()
    before = len(await story.feed())
    visitor = await story.get_account(applicant)
    await story.apply(applicant, visitor)
    field = "organisation.name_kana"
    await story.send_back(desk, applicant, today, field, "フリガナを確かめてください。")

    seen = (await story.registration(visitor)).body
    assert seen["state"] == "returned"
    assert [remark["field"] for remark in seen["remarks"]] == [field]
    letter = await story.mailbox.next(applicant.email, "登録申請の修正のお願い")
    assert seen["reference"] in letter.text

    mended = sections(applicant, await story.guideline(applicant.kind))["organisation"]
    mended["name_kana"] = applicant.name_kana + "シ"
    await story.fill_in(applicant, visitor, organisation=mended)
    await story.submit(applicant, visitor)
    assert await story.listed(applicant) is None
    await story.approve(desk, applicant, today)

    shown = await story.comes_into_the_list(applicant)
    assert shown["name_kana"] == mended["name_kana"]
    assert await story.listed(applicant, as_of=today - timedelta(days=1)) is None
    await story.mailbox.next(applicant.email, "登録")

    async def told() -> bool:
        entries = verified(await story.feed())
        own = [e["type"] for e in entries[before:] if applicant.organisation_id in e["subject"]]
        return own == ["registry.organisation.registered.v1"]

    heard: bool = await eventually(told)
    assert heard

    async def known_to_identity() -> bool:
        me = (await visitor.get(f"{IDENTITY}/me")).expect(200).body
        return bool(me["organisation"]["registration"] == "registered")

    known: bool = await eventually(known_to_identity)
    assert known


async def test_a_provider_is_listed_with_its_payment_services(
    story: Story, desk: Visitor, today: date
) -> None:
    applicant = provider()
    visitor = await story.get_account(applicant)
    await story.apply(applicant, visitor)
    await story.approve(desk, applicant, today)
    await story.comes_into_the_list(applicant)
    answer = await story.visitor().get(f"{REGISTRY}/payment-services", q=applicant.name)
    [service] = answer.expect(200).body["items"]
    assert service["provider_number"] == applicant.code
    yesterday = today - timedelta(days=1)
    earlier = await story.visitor().get(
        f"{REGISTRY}/payment-services", q=applicant.name, as_of=yesterday
    )
    assert earlier.expect(200).body["items"] == []


async def test_a_rejected_registration_is_in_no_list(
    story: Story, desk: Visitor, today: date
) -> None:
    applicant = municipality()
    visitor = await story.get_account(applicant)
    await story.apply(applicant, visitor)
    await story.decide(desk, applicant, "take")
    body = {"reason": "対象外", "message": "対象となる団体ではないため、登録できません。"}
    await story.decide(desk, applicant, "reject", body)
    assert (await story.registration(visitor)).body["state"] == "rejected"
    assert await story.listed(applicant) is None
    mail = await story.mailbox.next(applicant.email, "登録申請の結果")
    assert body["message"] in mail.text


async def test_a_suspended_registration_leaves_the_list_and_comes_back(
    story: Story, desk: Visitor, today: date
) -> None:
    applicant = municipality()
    visitor = await story.get_account(applicant)
    await story.apply(applicant, visitor)
    await story.approve(desk, applicant, today)
    shown = await story.comes_into_the_list(applicant)
    await story.decide(desk, applicant, "suspend", {"reason": "確認のため"})

    async def gone() -> bool:
        return await story.listed(applicant) is None

    left: bool = await eventually(gone)
    assert left
    await story.decide(desk, applicant, "resume", {"reason": "確認が済んだため"})
    assert await story.comes_into_the_list(applicant) == shown


async def test_one_legal_entity_is_registered_once(
    story: Story, desk: Visitor, today: date
) -> None:
    first = provider()
    visitor = await story.get_account(first)
    await story.apply(first, visitor)
    second = provider()
    other = await story.get_account(second)
    second.code = first.code
    await story.fill_in(second, other)
    await story.add_documents(second, other)
    seen = await story.registration(other)
    answer = await other.post(f"{REGISTRY}/registration/submit", if_match=seen.etag)
    assert answer.status in (409, 422), answer.raw
    assert answer.code
    assert (await story.registration(other)).body["state"] == "draft"
    await story.approve(desk, first, today)
    again = await story.registration(other)
    late = await other.post(f"{REGISTRY}/registration/submit", if_match=again.etag)
    assert (late.status, late.code) == (answer.status, answer.code)


async def test_a_registration_may_be_taken_back_before_there_is_a_result(
    story: Story, desk: Visitor
) -> None:
    applicant = municipality()
    visitor = await story.get_account(applicant)
    await story.apply(applicant, visitor)
    seen = await story.registration(visitor)
    done = await visitor.post(f"{REGISTRY}/registration/withdraw", if_match=seen.etag)
    assert done.expect(200).body["state"] == "draft"
    path = f"{REGISTRY}/registrations/{applicant.organisation_id}"
    review = (await desk.get(path)).expect(200)
    refused = await desk.post(f"{path}/take", if_match=review.etag)
    assert refused.status == 409, refused.raw


async def test_two_people_cannot_save_over_each_other(story: Story) -> None:
    applicant = municipality()
    visitor = await story.get_account(applicant)
    seen = await story.registration(visitor)
    await story.fill_in(applicant, visitor)
    answer = await visitor.put(
        f"{REGISTRY}/registration/draft",
        {"plan": {"measures_summary": "べつの内容"}},
        if_match=seen.etag,
    )
    answer.refused(412, "version-stale")
    kept = (await story.registration(visitor)).body["form"]["plan"]["measures_summary"]
    assert kept == sections(applicant, "")["plan"]["measures_summary"]


async def test_what_was_known_yesterday_stays_askable(
    story: Story, desk: Visitor, today: date
) -> None:
    applicant = municipality()
    visitor = await story.get_account(applicant)
    await story.apply(applicant, visitor)
    before = (await story.feed())[-1]["recorded_at"]
    await story.approve(desk, applicant, today)
    await story.comes_into_the_list(applicant)
    assert await story.listed(applicant, as_of=today, known_at=before) is None


async def test_every_kind_of_file_the_form_takes_comes_in_under_its_own_name(story: Story) -> None:
    visitor = await story.get_account(municipality())
    for kind, member in OFFICE.items():
        answer = await add_document(visitor, "organisation_chart", office_file(member), kind)
        assert answer.expect(201).body["media_type"] == kind
