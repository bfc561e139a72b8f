"""A municipality brings in its target list through the pages, without scripts, and mends what is wrong first."""

from typing import Any

import aiohttp

from tests.registry.spreadsheets import HEAD, csv_of, xlsx_of
from tests.rig.clerical import sign_in
from tests.rig.clerk import Clerk
from tests.rig.sheet import Sheet
from tests.rig.stack import Stack
from tests.rig.waiting import eventually

_WORKING = "この画面を閉じても続きます"


async def _handed_in(clerk: Clerk, button: str, file: tuple[str, bytes]) -> Sheet:
    await clerk.press(button, files={"file": file})

    async def over() -> bool:
        await clerk.open(clerk.path)
        return _WORKING not in clerk.at.words

    await eventually(over)
    return clerk.at


async def test_a_target_list_is_mended_and_then_counts(
    stack: Stack, http: aiohttp.ClientSession, demo_accounts: list[dict[str, Any]]
) -> None:
    clerk = Clerk(stack.url, http)
    account = next(a for a in demo_accounts if a["sign_in_id"].startswith("m172031-01"))
    await sign_in(clerk, account)
    await clerk.open("/municipality/measures")
    await clerk.press("新しい施策をつくる")
    targets = clerk.path.removesuffix("/edit") + "/targets"
    await clerk.open(targets)
    assert "まだ一覧はありません" in clerk.expect(200, "付与対象者リスト").words
    await clerk.press("確かめる")
    assert clerk.expect(422, "付与対象者リスト").errors == ["ファイルを選んでください"]
    wrong = csv_of(("K-001", "5000", "2"), ("K_2", "5000", "2"), encoding="cp932")
    page = await _handed_in(clerk, "確かめる", ("対象者.csv", wrong))
    clerk.expect(200, "直すところがあります")
    assert "対象者番号は、半角の英数字とハイフンで3〜32文字にしてください。" in page.words
    await clerk.follow("ファイルを直して選び直す")
    right = xlsx_of([HEAD, ("K-001", 5000, 2), ("K-002", 5000, None)])
    await _handed_in(clerk, "確かめる", ("対象者.xlsx", right))
    clerk.expect(200, "2行すべて取り込めます")
    await clerk.press("2行を取り込む")

    async def counts() -> bool:
        await clerk.open(clerk.path)
        return "2行を取り込みました" in clerk.at.h1

    await eventually(counts)
    await clerk.follow("一覧を見る")
    assert "第1版" in clerk.expect(200, "付与対象者リスト").words.replace("\n", "")
