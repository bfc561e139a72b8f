"""People, systems and changes of an organisation, through the pages alone."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import aiohttp

from chassis.clock import today
from tests.rig.authenticator import next_code
from tests.rig.clerical import get_account, sign_in
from tests.rig.clerk import Clerk
from tests.rig.paperwork import municipality
from tests.rig.stack import Stack
from tests.rig.story import Story
from tests.rig.visitor import Visitor
from tests.rig.waiting import eventually

Accounts = list[dict[str, Any]]


def _account(accounts: Accounts, start: str) -> dict[str, Any]:
    return next(a for a in accounts if a["sign_in_id"].startswith(start))


async def _signed_in(stack: Stack, http: aiohttp.ClientSession, account: dict[str, Any]) -> Clerk:
    clerk = Clerk(stack.url, http)
    await sign_in(clerk, account)
    return clerk


async def test_an_admin_invites_a_colleague_who_joins_and_is_removed(
    story: Story, stack: Stack, http: aiohttp.ClientSession
) -> None:
    applicant, admin, guest = municipality(), Clerk(stack.url, http), Clerk(stack.url, http)
    await get_account(admin, story, applicant)
    address = f"guest.{uuid4().hex[:8]}@lg.example.jp"
    await admin.open("/municipality/members/invite")
    await admin.press("招待する", {"name": "海野 なみ", "email": address, "roles": ["viewer"]})
    assert "招待中" in admin.expect(200, "利用者").words
    mail = await story.mailbox.next(address, "招待")
    await guest.open(mail.link.removeprefix(stack.url))
    assert "閲覧のみ" in guest.expect(200, "招待を受けて参加する").words
    await guest.press("参加する", {"password": "青い海と白い砂浜の物語2026"})
    await guest.press("ログイン", {"password": "青い海と白い砂浜の物語2026"})
    guest.expect(200, "仕事の一覧")
    await guest.open("/municipality/members/invite")
    guest.expect(403, "このページは開けません")
    await admin.open("/municipality/members")
    await admin.follow("海野 なみ")
    await admin.press("役割を変える", {"roles": ["editor"]})
    assert "編集担当" in admin.expect(200, "利用者").words
    await admin.follow("海野 なみ")
    await admin.press("海野 なみ さんの利用を止める")
    assert "利用停止" in admin.expect(200, "利用者").words

    async def out() -> bool:
        await guest.open("/municipality")
        return guest.at.h1 == "ログイン"

    await eventually(out)


async def test_a_client_is_made_rotated_and_stopped(
    stack: Stack, http: aiohttp.ClientSession, demo_accounts: Accounts
) -> None:
    clerk = await _signed_in(stack, http, _account(demo_accounts, "p"))
    await clerk.open("/provider/clients/new")
    name = f"取り込み{uuid4().hex[:6]}"
    await clerk.press("クライアントをつくる", {"name": name, "scopes": ["registry:read"]})
    made = clerk.expect(200, "クライアントをつくりました")
    await clerk.open("/provider/clients")
    assert name in clerk.at.words
    await clerk.press(f"新しい鍵をつくる：{name}")
    rotated = clerk.expect(200, "新しい鍵をつくりました")
    assert rotated.words != made.words
    await clerk.open("/provider/clients")
    await clerk.press(f"止める：{name}")
    assert "止めました" in clerk.expect(200, "システム接続").words


async def test_a_registered_provider_answers_and_asks_for_a_change_that_is_granted(
    stack: Stack, http: aiohttp.ClientSession, demo_accounts: Accounts, desk: Visitor
) -> None:
    clerk = await _signed_in(stack, http, _account(demo_accounts, "p"))
    await clerk.open("/provider/participation")
    button = clerk.at.forms[-1].buttons[-1].words
    action = clerk.at.forms[-1].action
    await clerk.press(button, {f"participating_{action[-4:]}": "yes"})
    assert "回答を受け付けました" in clerk.expect(200, "事業への参画").words
    await clerk.open("/provider/organisation/change/organisation")
    place = f"東京都千代田区丸の内1丁目{uuid4().int % 90 + 1}番"
    await clerk.press("変更を申し出る", {"address": place, "reason": "本社を移します"})
    assert place in clerk.expect(200, "会社の登録内容").words
    office = Clerk(stack.url, http, desk.cookies)
    await office.open("/secretariat/changes")
    name = next(
        text for text, href in office.at.links if re.search(r"/changes/[0-9a-f-]{36}", href)
    )
    await office.follow(name)
    assert place in office.at.words
    await office.press("決定する", {"decision": "approve", "message": "承りました。"})
    assert "決定を記録" in office.expect(200, "変更の申し出").words


async def test_a_file_of_provisional_accounts_is_looked_at_mended_and_imported(
    stack: Stack, http: aiohttp.ClientSession, desk: Visitor
) -> None:
    office = Clerk(stack.url, http, desk.cookies)
    body = municipality()
    head = "団体コード,団体名,部署,担当者氏名,メールアドレス,切替日\n"
    day = (today() + timedelta(days=30)).isoformat()
    good = f"{body.code},{body.name},総務課,試験 太郎,{body.email},{day}\n"
    await office.open("/secretariat/provisional")
    broken = (head + good.replace(body.email, "not-an-address")).encode("cp932", "replace")
    await office.press("確かめる", files={"file": ("a.csv", broken)})
    assert "直すところ" in office.expect(200, "取り込みの確認").words
    await office.follow("ファイルを直して選び直す")
    await office.press("確かめる", files={"file": ("a.csv", (head + good).encode())})
    assert body.name in office.expect(200, "取り込みの確認").words
    await office.press("1行を取り込む")
    office.expect(200, "1件を取り込みました")


async def test_a_forgotten_password_is_set_anew_and_the_answer_tells_nothing(
    story: Story, stack: Stack, http: aiohttp.ClientSession
) -> None:
    applicant, clerk, stranger = municipality(), Clerk(stack.url, http), Clerk(stack.url, http)
    await get_account(clerk, story, applicant)
    sign_in_id = (await clerk.open("/municipality/members")).words
    found = re.search(r"m\d{6}-\d{2}", sign_in_id)
    assert found
    for name in (found[0], "m999999-01"):
        await stranger.open("/signin/reset")
        await stranger.press("リンクを送る", {"sign_in_id": name, "email": applicant.email})
        stranger.expect(200, "メールをご確認ください")
    mail = await story.mailbox.next(applicant.email, "パスワード")
    await stranger.open(mail.link.removeprefix(stack.url))
    stranger.expect(200, "パスワードを決め直す")
    await stranger.press("パスワードを決める", {"password": "秋の夜長に読む本の題名77"})
    await stranger.press("ログイン", {"password": "秋の夜長に読む本の題名77"})
    stranger.expect(200, "仕事の一覧")


async def test_a_second_factor_is_set_up_and_asked_for(
    story: Story, stack: Stack, http: aiohttp.ClientSession
) -> None:
    applicant, clerk = municipality(), Clerk(stack.url, http)
    await get_account(clerk, story, applicant)
    await clerk.open("/municipality/sessions")
    await clerk.follow("設定する")
    await clerk.press("設定をはじめる", {"password": applicant.password})
    form, _ = clerk.expect(200, "確認コードの登録").form("登録する")
    secret = dict(form.values)["secret"]
    await clerk.press("登録する", {"code": await next_code(secret)})
    clerk.expect(200, "予備のコードを控えてください")
    await clerk.follow("控えたので、はじめる")
    clerk.expect(200, "仕事の一覧")
    await clerk.press("ログアウト")
    found = re.search(
        r"m\d{6}-\d{2}", (await story.mailbox.next(applicant.email, "アカウントID")).text
    )
    assert found
    account = {"sign_in_id": found[0], "password": applicant.password, "totp_secret": secret}
    await sign_in(clerk, account)


async def test_the_letter_box_and_the_list_of_sign_ins_open(
    stack: Stack, http: aiohttp.ClientSession, demo_accounts: Accounts
) -> None:
    clerk = await _signed_in(stack, http, _account(demo_accounts, "m172031-01"))
    await clerk.open("/municipality/messages")
    first = next(text for text, href in clerk.at.links if "/messages/" in href)
    await clerk.follow(first)
    assert clerk.status == 200
    await clerk.open("/municipality/sessions")
    assert "この画面" in clerk.expect(200, "ログインの記録").words
    await clerk.press("すべてのログインを終わらせる")
    clerk.expect(200, "ログイン")
