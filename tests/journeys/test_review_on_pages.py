"""An application is reviewed on pages: more is asked for and answered, one proposes, another approves."""

import re
from typing import Any

import aiohttp

from tests.rig.clerical import sign_in
from tests.rig.clerk import Clerk
from tests.rig.reader import sign_in_by_card, typed
from tests.rig.stack import Stack
from tests.rig.waiting import eventually

_MEASURE = "小松市 今年の子育て応援ポイント"


async def _applied_for_the_child(clerk: Clerk) -> str:
    """A mother applies for her daughter; the reference."""
    await sign_in_by_card(clerk, "小松 花子")
    await clerk.open("/measures?q=今年の子育て応援")
    address = clerk.at.link(_MEASURE)
    await clerk.open(f"{address}/apply/who")
    form, _ = clerk.at.form("次へ")
    child = form.choices("person_id")[-1]
    await clerk.press("次へ", {"person_id": child, "statements": form.choices("statements")})

    async def received() -> bool:
        await clerk.press("申し込む", {"agree": "yes", **typed("小松 花子", signing=True)})
        return clerk.status == 200

    await eventually(received)
    return clerk.path


async def test_more_is_asked_for_and_two_people_decide(
    stack: Stack, http: aiohttp.ClientSession, demo_accounts: list[dict[str, Any]]
) -> None:
    mother = Clerk(stack.url, http)
    own = await _applied_for_the_child(mother)
    assert "審査" in mother.at.words
    by = {a["sign_in_id"]: a for a in demo_accounts}
    reviewer, approver = Clerk(stack.url, http), Clerk(stack.url, http)
    await sign_in(reviewer, by["m172031-01"])
    await sign_in(approver, by["m172031-03"])

    await reviewer.open("/municipality/reviews")
    named = re.search(r"K-[0-9A-Z]{4}-[0-9A-Z]{4}", mother.at.words)
    assert named is not None
    reference = named[0]
    await reviewer.follow("この一覧をダウンロード（CSV）")
    # A sheet and no page; what stands in it, benefits' own tests read.
    assert (reviewer.status, reviewer.at.title) == (200, "")
    await reviewer.open("/municipality/reviews")
    await reviewer.follow(reference)
    reviewer.expect(200, f"申込み {reference}")
    assert "小松 はる" in reviewer.at.words
    told = {"decision": "return", "reason": "other", "message": "続柄を教えてください。"}
    await reviewer.press("案をつくる・伝える", told)
    assert "申込みをした方に伝えました" in reviewer.expect(200, f"申込み {reference}").words

    await mother.open(own.partition("?")[0])
    assert "要対応" in mother.at.words and "続柄を教えてください。" in mother.at.words
    await mother.follow("書類を出す・回答する")
    await mother.press("終わったことを知らせる", {})
    assert "回答を伝えました" in mother.at.words

    await reviewer.open("/municipality/reviews")
    await reviewer.follow(reference)
    await reviewer.press("案をつくる・伝える", {"decision": "approve"})
    assert "承認は、別の職員が行います" in reviewer.expect(200, "承認の案（1件）").words
    await approver.open("/municipality/approvals")
    await approver.follow("承認・1件")
    await approver.press("1件を承認する", {})
    assert "承認しました" in approver.expect(200, "承認の案（1件）").words

    await mother.open(own.partition("?")[0])
    assert "受け取り先を決める" in mother.at.words
    await mother.open("/my/reads")
    assert "小松市" in mother.at.words and "一覧のダウンロード" in mother.at.words
    await mother.open("/my/attend/aaaa")
    await mother.press("参加を記録する", {})
    assert "参加を記録できませんでした" in mother.expect(422, "会への参加").words
