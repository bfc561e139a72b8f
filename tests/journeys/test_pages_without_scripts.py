"""The main job through the pages alone, by people whose browsers run no scripts."""

from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from chassis.clock import today
from tests.rig.clerical import fill_in, get_account, review
from tests.rig.clerk import Clerk
from tests.rig.paperwork import municipality, provider
from tests.rig.stack import Stack
from tests.rig.story import Story
from tests.rig.visitor import Visitor
from tests.rig.waiting import eventually


@pytest.mark.parametrize("someone", [municipality, provider])
async def test_an_organisation_comes_from_nothing_into_the_public_list(
    story: Story,
    stack: Stack,
    http: aiohttp.ClientSession,
    desk: Visitor,
    someone: Any,
) -> None:
    applicant, clerk = someone(), Clerk(stack.url, http)
    office = Clerk(stack.url, http, desk.cookies)
    await get_account(clerk, story, applicant)
    await fill_in(clerk, applicant)
    until = (today() + timedelta(days=14)).isoformat()
    asked: dict[str, Any] = {
        "decision": "return",
        "reason": "document_incomplete",
        "message": "所在地を登記のとおりに直してください。",
        "correct_by_era": "西暦",
        "correct_by_y": until[:4],
        "correct_by_m": until[5:7],
        "correct_by_d": until[8:],
        "remark_field": ["organisation.address", "", ""],
        "remark_detail": ["番地まで入れてください。", "", ""],
    }
    await review(office, applicant, asked, "直してもらう")
    await clerk.open(f"/{applicant.kind}/registration")
    assert "番地まで入れてください。" in clerk.at.words
    await clerk.follow("番地まで入れてください。")
    await clerk.press("保存して次へ", {"address": "見本県見本町2丁目2番2号"})
    await clerk.open(f"/{applicant.kind}/registration/check")
    await clerk.press("提出する")
    clerk.expect(200, "登録申請")
    await review(office, applicant, {"decision": "approve"}, "登録する")
    found = f"/lists/{'municipalities' if applicant.kind == 'municipality' else 'providers'}"

    async def public() -> bool:
        await clerk.open(f"{found}?q={applicant.code}")
        return applicant.name in clerk.at.words

    await eventually(public)
    await clerk.open(f"{found}/{applicant.code}")
    assert "登録済" in clerk.expect(200, applicant.name).words


async def test_what_was_typed_comes_back_with_what_to_mend(
    stack: Stack, http: aiohttp.ClientSession
) -> None:
    clerk = Clerk(stack.url, http)
    await clerk.open("/accounts/new/municipality")
    typed_in = {"organisation_name": "小松市", "organisation_code": "172032", "email": "a@b"}
    await clerk.press("内容を確かめる", typed_in)
    assert clerk.status == 422
    assert clerk.at.title.startswith("エラー（")
    wanted = "団体コードの最後の数字が合っていません。前の5けたが 17203 なら、最後は 1 です"
    assert wanted in clerk.at.errors
    kept = dict(clerk.at.form("内容を確かめる")[0].values)
    assert (kept["organisation_name"], kept["organisation_code"]) == ("小松市", "172032")


async def test_pages_behind_a_door_ask_for_a_sign_in_and_come_back(
    stack: Stack, http: aiohttp.ClientSession, demo_accounts: list[dict[str, Any]]
) -> None:
    clerk = Clerk(stack.url, http)
    await clerk.open("/municipality/members")
    clerk.expect(200, "ログイン")
    account = next(a for a in demo_accounts if a["sign_in_id"].startswith("m172031-01"))
    form = {"sign_in_id": account["sign_in_id"], "password": account["password"]}
    await clerk.press("ログイン", form)
    clerk.expect(200, "利用者")
    await clerk.open("/provider")
    clerk.expect(403, "このページは開けません")
    await clerk.press("ログアウト")
    await clerk.open("/municipality")
    clerk.expect(200, "ログイン")


async def test_an_address_nobody_answers_is_told_kindly(
    stack: Stack, http: aiohttp.ClientSession
) -> None:
    clerk = Clerk(stack.url, http)
    await clerk.open("/no/such/page")
    clerk.expect(404, "ページが見つかりません")
