"""What clerks do on the pages of the portal, step by step, without scripts."""

from typing import Any

from tests.rig.authenticator import next_code
from tests.rig.clerk import Clerk
from tests.rig.paperwork import PDF, Applicant, sections
from tests.rig.story import CONFIRM_MAIL, Story
from tests.rig.waiting import eventually


def typed(applicant: Applicant, step: str) -> dict[str, Any]:
    """What the applicant types on one page of the form."""
    section = sections(applicant, "")[step]
    if step == "contacts":
        return {
            f"{who}_{name}": value for who, one in section.items() for name, value in one.items()
        }
    if step == "organisation" and "budget_approved_on" in section:
        # A whole date pasted into the year.
        return {
            **section,
            "budget_approved_on": "",
            "budget_approved_on_y": section["budget_approved_on"],
        }
    return dict(section)


async def get_account(clerk: Clerk, story: Story, applicant: Applicant) -> None:
    """The eight steps, to the first look at the own desk."""
    await clerk.open(f"/accounts/new/{applicant.kind}")
    form = {
        "accepted": "yes",
        "organisation_name": applicant.name,
        "organisation_code": f"{applicant.code[:3]} {applicant.code[3:]}",
        "department": "総務部",
        "contact_name": "山田 花子",
        "contact_kana": "やまだ ﾊﾅｺ",
        "email": applicant.email,
        "phone": "０９８−８６６−２３３３",
    }
    await clerk.press("内容を確かめる", form)
    page = clerk.expect(200, "申請の内容の確認")
    assert "ヤマダ ハナコ" in page.words
    await clerk.press("この内容で申請する")
    clerk.expect(200, "確認のメールを送りました")
    mail = await story.mailbox.next(applicant.email, CONFIRM_MAIL)
    for _ in range(2):
        await clerk.open(mail.link.removeprefix(story.stack.url))
        clerk.expect(200, "メールアドレスの確認")
    await clerk.press("メールアドレスを確認する")
    clerk.expect(200, "アカウントIDを発行しました")
    await clerk.press("パスワードを決める", {"password": applicant.password})
    clerk.expect(200, "ログイン")
    await clerk.press("ログイン", {"password": applicant.password})

    async def known() -> bool:
        await clerk.open(f"/{applicant.kind}")
        return clerk.status == 200

    await eventually(known)
    clerk.expect(200, "仕事の一覧")


async def sign_in(clerk: Clerk, account: dict[str, Any]) -> None:
    """In with a password, and a code where one is asked for."""
    await clerk.open("/signin/organisation")
    form = {"sign_in_id": account["sign_in_id"], "password": account["password"]}
    await clerk.press("ログイン", form)
    if account["totp_secret"]:
        code = await next_code(account["totp_secret"])
        await clerk.press("確かめる", {"code": code})
    clerk.expect(200, "仕事の一覧")


async def fill_in(clerk: Clerk, applicant: Applicant) -> None:
    """Every page of the registration form."""
    await clerk.open(f"/{applicant.kind}/registration")
    await clerk.follow("はじめる")
    await clerk.press("保存して次へ", {"accepted_version": "yes"})
    wrong = {**typed(applicant, "organisation"), "name_kana": "小マツシ"}
    await clerk.press("保存して次へ", wrong)
    assert clerk.status == 422
    assert any("フリガナは、全角カタカナで" in e for e in clerk.at.errors), clerk.at.errors
    await clerk.press("保存して次へ", {"name_kana": applicant.name_kana})
    clerk.expect(200, "担当者")
    await clerk.press("保存して次へ", typed(applicant, "contacts"))
    if applicant.kind == "municipality":
        await clerk.press("保存して次へ", typed(applicant, "plan"))
    else:
        await clerk.press("保存して次へ", typed(applicant, "compliance"))
        await clerk.follow("決済サービスを追加する")
        service = sections(applicant, "")["services"][0]
        await clerk.press("このサービスを保存する", service)
        clerk.expect(200, "決済サービス")
        await clerk.press("保存して次へ")
    clerk.expect(200, "書類")
    files = {"application_form": ("様式1.pdf", PDF), "fund_protection": ("様式2.pdf", PDF)}
    await clerk.press("保存して次へ", files=files)
    clerk.expect(200, "確認と提出")
    await clerk.press("提出する")
    assert "受付番号" in clerk.expect(200, "登録申請").words


async def review(desk: Clerk, applicant: Applicant, decision: dict[str, Any], act: str) -> None:
    """The secretariat takes the registration up and decides."""

    async def listed() -> bool:
        await desk.open(f"/secretariat/registrations?q={applicant.code}")
        return applicant.name in desk.at.words

    await eventually(listed)
    await desk.open(
        next(h for _, h in desk.at.links if h.startswith("/secretariat/registrations/0"))
    )
    one = desk.path
    await desk.press("審査を始める")

    async def looked_through() -> bool:
        await desk.open(one)
        return "中身を確認中" not in desk.at.words

    await eventually(looked_through)
    await desk.press("内容を確かめる", decision)
    desk.expect(200, "決定の内容の確認")
    await desk.press(act)
    desk.expect(200, applicant.name)
