"""The two operations, through the pages and real processes: from the card to granted points, at home and at a desk."""

from typing import Any

import aiohttp

from tests.rig.clerical import sign_in
from tests.rig.clerk import Clerk
from tests.rig.reader import apply_here, for_oneself, sign_in_by_card, typed
from tests.rig.stack import Stack
from tests.rig.waiting import eventually

#: A measure of the demo for people from anywhere, decided at once.
_MEASURE = "川南町 チャージで3割増し"
_SERVICE = "aozora-coin"
#: The demo's provider lets an order rest before it answers.
_GRANTED_WITHIN = 240.0


async def _measure(clerk: Clerk) -> str:
    """The address of the measure, found as people find it."""

    async def found() -> str:
        await clerk.open("/measures?q=チャージで3割増し")
        return clerk.at.link(_MEASURE)

    # Right after a start a copy of the search may not have heard of every measure yet.
    return await eventually(found)


async def test_from_the_card_to_granted_points(stack: Stack, http: aiohttp.ClientSession) -> None:
    clerk = Clerk(stack.url, http)
    measure = await _measure(clerk)
    await clerk.open(f"{measure}/apply/who")
    clerk.expect(200, "カードでログイン")
    await clerk.press("カードを読み取る", typed("札幌 みどり"))
    clerk.expect(200, f"{_MEASURE}に申し込む")
    await apply_here(clerk, "札幌 みどり")
    page = clerk.expect(200, _MEASURE)
    assert "申し込みを受け付けました" in page.words and "受付番号 K-" in page.words
    await clerk.open("/my")
    await clerk.follow("受け取り先を決める")
    clerk.expect(200, "受け取るサービスをえらんでください")
    service = clerk.at.form("次へ")[0].choices("service")[0]
    await clerk.press("次へ", {"service": service, "account_id": "４８２１ 0000 5555"})
    assert "482100005555" in clerk.expect(200, "カードで確定してください").words
    # Another person's card decides nothing.
    await clerk.press("カードで確定する", typed("金沢 次郎"))
    assert clerk.expect(422, "カードで確定してください").errors == [
        "別の方のカードです。いまの方の手続きを終えてから始めてください。"
    ]
    await clerk.press("カードで確定する", typed("札幌 みどり"))
    assert "受け取り先を決めました" in clerk.expect(200, "届くまでの記録").words
    record = clerk.path

    async def granted() -> bool:
        await clerk.open(record)
        return "出た額と入った額は同じです（差 0円）" in clerk.at.words

    await eventually(granted, within=_GRANTED_WITHIN)
    assert "ポイントが付きました" in clerk.at.words and "5555" in clerk.at.words
    await clerk.open("/my")
    assert "付与済" in clerk.expect(200, "申し込んだ施策").words

    async def told() -> bool:
        await clerk.open("/my/messages")
        return "円分が届きました" in clerk.at.words

    await eventually(told)
    assert (
        "申込みを受け付けました" in clerk.at.words
        and "受け取り先を決めてください" in clerk.at.words
    )


async def test_what_was_chosen_while_applying_is_granted_by_itself(
    stack: Stack, http: aiohttp.ClientSession
) -> None:
    clerk = Clerk(stack.url, http)
    measure = await _measure(clerk)
    await sign_in_by_card(clerk, "金沢 次郎", "/my/services/new")
    clerk.expect(200, "受け取り先を登録する")
    await clerk.press("次へ", {"service": _SERVICE, "account_id": "４８２１ 0000 7777"})
    assert "482100007777" in clerk.expect(200, "カードで登録してください").words
    await clerk.press("カードで登録する", typed("金沢 次郎"))
    assert "下4けた 7777" in clerk.expect(200, "登録した受け取り先").words
    await clerk.open(f"{measure}/apply/who")
    await apply_here(clerk, "金沢 次郎")
    clerk.expect(200, _MEASURE)
    record = clerk.path

    async def on_its_way() -> bool:
        await clerk.open(record)
        return "付与手続中" in clerk.at.words or "付与済" in clerk.at.words

    # Nobody chose anything after the application: the service was chosen with it.
    await eventually(on_its_way)

    async def granted() -> bool:
        await clerk.open("/my")
        return "付与済" in clerk.at.words

    await eventually(granted, within=_GRANTED_WITHIN)


async def test_cards_that_are_not_good_open_nothing(
    stack: Stack, http: aiohttp.ClientSession
) -> None:
    clerk = Clerk(stack.url, http)
    await sign_in_by_card(clerk, "失効 太郎")
    assert "この電子証明書は失効しています" in clerk.expect(422, "カードでログイン").words
    await clerk.press("カードを読み取る", typed("金沢 次郎") | {"pin": "0000"})
    assert "暗証番号がちがいます" in clerk.expect(422, "カードでログイン").words
    await clerk.open("/my")
    clerk.expect(200, "カードでログイン")


async def test_a_desk_is_one_persons_and_ends_with_another_card_or_another_page(
    stack: Stack, http: aiohttp.ClientSession, demo_accounts: list[dict[str, Any]]
) -> None:
    clerk = Clerk(stack.url, http)
    account = next(a for a in demo_accounts if a["sign_in_id"].startswith("m172031-01"))
    await sign_in(clerk, account)
    await _start(clerk)
    assert clerk.at.link("この方の手続きを終える") == "/desk/end"
    old = dict(clerk.cookies)
    await clerk.open(f"/desk{await _inside(clerk)}/apply/who")
    await clerk.press("次へ", for_oneself(clerk))
    await clerk.press("申し込む", {"agree": "yes", **typed("金沢 次郎", signing=True)})
    clerk.expect(200, "終わりました")
    # What was left in the browser has no power any more.
    behind = Clerk(stack.url, http, cookies=old)
    await behind.open("/desk/now")
    behind.expect(200, "終わりました")
    await _start(clerk)
    await clerk.open("/measures")
    await clerk.open("/desk/now")
    clerk.expect(200, "終わりました")
    await _start(clerk)
    await clerk.follow("この方の手続きを終える")
    assert "手続きの控え" in clerk.expect(200, "終えます").words and "1番窓口" in clerk.at.words
    await clerk.press("この方の手続きを終える")
    assert clerk.expect(422, "終えます").errors == ["カードをお返ししたことを確かめてください"]
    await clerk.press("この方の手続きを終える", {"returned": "yes"})
    clerk.expect(200, "終わりました")


async def _start(clerk: Clerk) -> None:
    await clerk.open("/desk/start")
    await clerk.press("この方で始める", {"terminal": "1番窓口", **typed("北口 一郎")})
    clerk.expect(200, "申し込んだ施策")


async def _inside(clerk: Clerk) -> str:
    """The measure's address below the desk, without leaving the desk."""
    await clerk.open("/desk/measures?q=チャージで3割増し")
    return clerk.at.link(_MEASURE).removeprefix("/desk").removesuffix("/apply/who")
