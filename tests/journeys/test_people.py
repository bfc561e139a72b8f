"""The people of an organisation: invited, changed, removed, locked out and let in again."""

from tests.rig.authenticator import next_code
from tests.rig.paperwork import municipality
from tests.rig.story import (
    IDENTITY,
    NOTIFICATIONS,
    REGISTRY,
    Story,
    pass_second_factor,
    sign_in,
)
from tests.rig.visitor import Visitor
from tests.rig.waiting import eventually

_PASSWORD = "峠の茶屋でひと休みする午後"
#: Everybody mistypes; and after so many the pause is as long as it gets.
_FREE_GUESSES, _MOST_GUESSES = 4, 15


async def _refused(visitor: Visitor) -> None:
    async def over() -> bool:
        return (await visitor.get(f"{REGISTRY}/registration")).status == 401

    refused: bool = await eventually(over)
    assert refused


async def test_an_invited_colleague_joins_and_does_what_the_role_allows(story: Story) -> None:
    applicant = municipality()
    admin = await story.get_account(applicant)
    email = f"colleague.{applicant.email}"
    invited = await admin.post(
        f"{IDENTITY}/members", {"name": "佐藤 次郎", "email": email, "roles": ["viewer"]}
    )
    assert invited.expect(201).body["state"] == "invited"
    mail = await story.mailbox.next(email, "招待")
    look = await story.visitor().post(f"{IDENTITY}/links/look", {"token": mail.token})
    assert look.expect(200).body["roles"] == ["viewer"]
    body = {"token": mail.token, "password": _PASSWORD}
    sign_in_id = (await story.visitor().post(f"{IDENTITY}/passwords", body)).body["sign_in_id"]

    colleague = story.visitor()
    await sign_in(colleague, sign_in_id, _PASSWORD)
    (await story.registration(colleague)).expect(200)
    refused = await colleague.post(
        f"{IDENTITY}/members", {"name": "鈴木 三郎", "email": f"x.{email}", "roles": ["admin"]}
    )
    assert refused.status == 403
    seen = await story.registration(colleague)
    draft = await colleague.put(f"{REGISTRY}/registration/draft", {}, if_match=seen.etag)
    assert draft.status == 403

    member = invited.body["member_id"]
    (await admin.delete(f"{IDENTITY}/members/{member}")).expect(204)
    await _refused(colleague)


async def test_a_forgotten_password_is_replaced_and_old_sessions_end(story: Story) -> None:
    applicant = municipality()
    visitor = await story.get_account(applicant)
    body = {"sign_in_id": applicant.sign_in_id, "email": applicant.email}
    (await story.visitor().post(f"{IDENTITY}/password-resets", body)).expect(202)
    mail = await story.mailbox.next(applicant.email, "パスワード")
    look = await story.visitor().post(f"{IDENTITY}/links/look", {"token": mail.token})
    assert look.expect(200).body["purpose"] == "password_reset"
    old, applicant.password = applicant.password, _PASSWORD
    await story.set_password(applicant, mail.token)
    await _refused(visitor)
    tried = await story.visitor().post(
        "/api/v1/sessions", {"sign_in_id": applicant.sign_in_id, "password": old}
    )
    assert tried.status == 401, tried.raw
    await story.sign_in(applicant)
    told = await story.mailbox.next(applicant.email, "パスワード", after=mail.id)
    assert not told.links or "reset" not in told.text


async def test_signing_out_everywhere_is_felt_everywhere(story: Story) -> None:
    applicant = municipality()
    here = await story.get_account(applicant)
    there = await story.sign_in(applicant)
    sessions = (await here.get(f"{IDENTITY}/me/sessions")).expect(200).body["items"]
    assert [s["current"] for s in sessions].count(True) == 1
    assert len(sessions) == 2
    other = next(s for s in sessions if not s["current"])
    (await here.delete(f"{IDENTITY}/me/sessions/{other['session_id']}")).expect(204)
    await _refused(there)
    (await story.registration(here)).expect(200)
    again = await story.sign_in(applicant)
    (await here.post(f"{IDENTITY}/me/sessions/end-all")).expect(204)
    await _refused(here)
    await _refused(again)


async def test_signing_out_ends_the_session_behind_the_cookie(story: Story) -> None:
    applicant = municipality()
    visitor = await story.get_account(applicant)
    kept = dict(visitor.cookies)
    (await visitor.delete("/api/v1/sessions/current", key=None)).expect(204)
    visitor.cookies = kept
    assert (await visitor.get(f"{IDENTITY}/me")).status == 401


async def test_nobody_of_the_secretariat_comes_in_without_a_second_factor(
    story: Story, desk: Visitor
) -> None:
    email = f"{municipality().email}"
    body = {"name": "高橋 四郎", "email": email, "roles": ["reviewer"]}
    (await desk.post(f"{IDENTITY}/members", body)).expect(201)
    mail = await story.mailbox.next(email, "招待")
    chosen = {"token": mail.token, "password": _PASSWORD}
    sign_in_id = (await story.visitor().post(f"{IDENTITY}/passwords", chosen)).body["sign_in_id"]

    visitor = story.visitor()
    assert (await sign_in(visitor, sign_in_id, _PASSWORD)).body["state"] == "second_factor_setup"
    assert (await visitor.get(f"{REGISTRY}/registrations")).status in (401, 403)
    secret = (await visitor.post(f"{IDENTITY}/me/totp", {})).expect(200).body["secret"]
    code = await next_code(secret)
    done = await visitor.post(f"{IDENTITY}/me/totp/confirm", {"code": code})
    assert done.expect(200).body["recovery_codes"]
    (await visitor.get(f"{REGISTRY}/registrations")).expect(200)

    again = story.visitor()
    assert (await sign_in(again, sign_in_id, _PASSWORD)).body["state"] == "second_factor"
    assert (await again.get(f"{REGISTRY}/registrations")).status in (401, 403)
    replayed = await again.post("/api/v1/sessions/second-factor", {"code": code})
    assert replayed.status in (401, 422), replayed.raw
    await pass_second_factor(again, secret)
    (await again.get(f"{REGISTRY}/registrations")).expect(200)


async def test_who_guesses_has_to_wait_and_the_owner_is_never_locked_out(story: Story) -> None:
    applicant = municipality()
    await story.get_account(applicant)
    stranger = story.visitor()
    body = {"sign_in_id": applicant.sign_in_id, "password": "青い海と二つの峠をこえて行く"}
    answers = [await stranger.post("/api/v1/sessions", body)]
    # Where an answer takes longer than the first pauses last, it is a later and longer one that he runs into.
    while answers[-1].status == 401 and len(answers) < _MOST_GUESSES:
        answers.append(await stranger.post("/api/v1/sessions", body))
    assert len(answers) > _FREE_GUESSES
    assert answers[-1].status == 429
    wait = int(answers[-1].headers["Retry-After"])
    assert 0 < wait <= 30
    # All of this machine is one place; its owner gets in once the pause is over.
    await sign_in(story.patient(wait + 60).visitor(), applicant.sign_in_id, applicant.password)


async def test_letters_lie_in_the_portal_too_without_their_links(story: Story) -> None:
    applicant = municipality()
    visitor = await story.get_account(applicant)

    async def come() -> list[dict[str, str]]:
        box = (await visitor.get(f"{NOTIFICATIONS}/letters")).expect(200).body
        return [letter for letter in box["items"] if letter["template"] == "account_issued"]

    lines: list[dict[str, str]] = await eventually(come)
    path = f"{NOTIFICATIONS}/letters/{lines[0]['letter_id']}"
    letter = (await visitor.get(path)).expect(200).body
    assert applicant.sign_in_id in letter["text"]
    mail = await story.mailbox.next(applicant.email, "アカウントID")
    assert mail.token not in letter["text"]
    assert letter["read_at"] is None
    (await visitor.post(f"{path}/read")).expect(200)
    assert (await visitor.get(path)).body["read_at"] is not None

    somebody_else = await story.get_account(municipality())
    assert (await somebody_else.get(path)).status == 404


async def test_a_mail_nobody_takes_is_known_to_the_secretariat(story: Story, desk: Visitor) -> None:
    applicant = municipality()
    applicant.email = f"bounce+{applicant.code}@lg.example.jp"
    await story.request_account(applicant)

    async def bounced() -> bool:
        found = (await desk.get(f"{IDENTITY}/accounts", q=applicant.code)).expect(200).body["items"]
        return [account["state"] for account in found] == ["mail_bounced"]

    known: bool = await eventually(bounced)
    assert known
    assert await story.mailbox.mails(applicant.email) == []
