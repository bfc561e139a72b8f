"""Getting an account, as the seed tells it in eight steps."""

from collections.abc import Callable

import pytest

from tests.rig.paperwork import Applicant, municipality, provider
from tests.rig.story import CONFIRM_MAIL, IDENTITY, Story
from tests.rig.visitor import Visitor


@pytest.mark.parametrize("someone", [municipality, provider])
async def test_an_organisation_gets_an_account_in_eight_steps(
    story: Story, someone: Callable[[], Applicant]
) -> None:
    applicant = someone()
    await story.request_account(applicant)
    token = await story.confirm(applicant)
    told = await story.mailbox.next(applicant.email, "アカウントID")
    assert applicant.sign_in_id in told.text
    await story.set_password(applicant, token)
    visitor = await story.sign_in(applicant)
    me = (await visitor.get(f"{IDENTITY}/me")).expect(200).body
    assert me["organisation"]["organisation_name"] == applicant.name
    assert me["organisation"]["account_state"] == "active"
    assert set(me["roles"]) == {"admin", "editor"}
    registration = (await story.registration(visitor)).body
    assert registration["state"] == "draft"


async def test_opening_the_mailed_link_changes_nothing(story: Story) -> None:
    applicant = municipality()
    await story.request_account(applicant)
    mail = await story.mailbox.next(applicant.email, CONFIRM_MAIL)
    page = await story.visitor().get(mail.link.removeprefix(story.stack.url))
    for _ in range(2):
        looked = await story.visitor().post(
            f"{IDENTITY}/links/look", {"token": mail.token}, key=None
        )
        assert looked.expect(200).body["state"] == "usable"
        again = await story.visitor().get(mail.link.removeprefix(story.stack.url))
        assert (page.expect(200).status, again.status) == (200, 200)
    assert applicant.name in page.raw.decode()
    await story.set_password(applicant, await story.confirm(applicant))


async def test_a_link_is_used_once(story: Story) -> None:
    applicant = municipality()
    await story.request_account(applicant)
    token = await story.confirm(applicant)
    mail = await story.mailbox.next(applicant.email, CONFIRM_MAIL)
    answer = await story.visitor().post(
        f"{IDENTITY}/account-requests/confirm", {"token": mail.token}
    )
    answer.refused(410, "link-used")
    await story.set_password(applicant, token)
    body = {"token": token, "password": "別の人が選んだ長い長い合言葉"}
    (await story.visitor().post(f"{IDENTITY}/passwords", body)).refused(410, "link-used")
    await story.sign_in(applicant)


async def test_a_second_request_of_one_address_ends_the_first(story: Story) -> None:
    applicant = municipality()
    await story.request_account(applicant)
    first = await story.mailbox.next(applicant.email, CONFIRM_MAIL)
    await story.request_account(applicant)
    second = await story.mailbox.next(applicant.email, CONFIRM_MAIL, after=first.id)
    visitor = story.visitor()
    path = f"{IDENTITY}/account-requests/confirm"
    (await visitor.post(path, {"token": first.token})).refused(410, "link-replaced")
    (await visitor.post(path, {"token": second.token})).expect(200, 201)


async def test_a_new_link_replaces_the_one_before(story: Story) -> None:
    applicant = provider()
    await story.request_account(applicant)
    first = await story.mailbox.next(applicant.email, CONFIRM_MAIL)
    renewed = await story.visitor().post(f"{IDENTITY}/links/renew", {"token": first.token})
    renewed.expect(202)
    second = await story.mailbox.next(applicant.email, CONFIRM_MAIL, after=first.id)
    path = f"{IDENTITY}/account-requests/confirm"
    (await story.visitor().post(path, {"token": first.token})).refused(410, "link-replaced")
    (await story.visitor().post(path, {"token": second.token})).expect(200, 201)


async def test_the_answer_never_tells_whether_an_account_exists(story: Story) -> None:
    known, unknown = municipality(), municipality()
    await story.get_account(known)
    answers = []
    for applicant in (known, unknown):
        form = applicant.request(await story.guideline("municipality"))
        answers.append(await story.visitor().post(f"{IDENTITY}/account-requests", form))
    assert answers[0].raw == answers[1].raw
    assert {a.status for a in answers} == {202}
    resets = [
        await story.visitor().post(f"{IDENTITY}/password-resets", body)
        for body in (
            {"sign_in_id": known.sign_in_id, "email": known.email},
            {"sign_in_id": "m999999-01", "email": unknown.email},
        )
    ]
    assert resets[0].raw == resets[1].raw
    assert {a.status for a in resets} == {202}
    told = await story.mailbox.next(known.email, "アカウント", after=0)
    assert told


async def test_one_organisation_has_one_account(story: Story) -> None:
    first = municipality()
    second = municipality(first.body)
    await story.request_account(second)
    await story.get_account(first)
    mail = await story.mailbox.next(second.email, CONFIRM_MAIL)
    answer = await story.visitor().post(
        f"{IDENTITY}/account-requests/confirm", {"token": mail.token}
    )
    answer.refused(409, "organisation-has-account")


async def test_a_provisional_account_becomes_a_full_one_by_itself(
    story: Story, desk: Visitor
) -> None:
    applicant = municipality()
    table = (
        "団体コード,団体名,担当者氏名,メールアドレス\r\n"
        f"{applicant.code},{applicant.name},山田 花子,{applicant.email}\r\n"
    ).encode("utf-8-sig")
    today = (await desk.get("/api/v1/registry/municipalities", limit=1)).body["as_of"]
    path = f"{IDENTITY}/provisional-accounts/import"
    kind = {"Content-Type": "text/csv"}
    tried = await desk.ask("POST", f"{path}?dry_run=true", raw=table, headers=kind)
    assert tried.expect(200).body["imported"] == 0
    done = await desk.ask("POST", f"{path}?promote_on={today}", raw=table, headers=kind)
    assert done.expect(200, 201).body["imported"] == 1, done.body
    mail = await story.mailbox.next(applicant.email, "マチポを使い始められます")
    look = await story.visitor().post(f"{IDENTITY}/links/look", {"token": mail.token}, key=None)
    applicant.sign_in_id = look.expect(200).body["sign_in_id"]
    await story.set_password(applicant, mail.token)
    visitor = await story.sign_in(applicant)

    me = (await visitor.get(f"{IDENTITY}/me")).expect(200).body
    assert me["organisation"]["account_state"] == "active"
    await story.registration(visitor)
