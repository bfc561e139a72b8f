"""The last place of a measure is taken: the register says so, nobody else is let in, and a place given back is said."""

from typing import Any

import aiohttp

from tests.journeys.drafting import one_place
from tests.rig.clerk import Clerk
from tests.rig.paperwork import municipality
from tests.rig.reader import apply_here, for_oneself, sign_in_by_card, typed
from tests.rig.stack import Stack
from tests.rig.visitor import Visitor
from tests.rig.waiting import eventually

_USED_UP = "予算・定員に達しました"
_APPLY = "この施策に申し込む"


async def test_who_comes_after_the_last_place_is_told_before_the_card_and_let_in_when_one_is_free(
    stack: Stack,
    http: aiohttp.ClientSession,
    demo_accounts: list[dict[str, Any]],
    desk: Visitor,
) -> None:
    title = f"ひとりの施策{municipality().code}"
    measure_id = await one_place(stack, http, demo_accounts, desk, title)
    first, second = Clerk(stack.url, http), Clerk(stack.url, http)
    own = f"/measures/{measure_id}"
    await _shown(first, own, _APPLY)
    await sign_in_by_card(second, "札幌 みどり", f"{own}/apply/who")
    second.expect(200, f"{title}に申し込む")
    await second.press("次へ", for_oneself(second))
    await sign_in_by_card(first, "金沢 次郎", f"{own}/apply/who")
    await apply_here(first, "金沢 次郎")
    received = first.path

    anybody = Clerk(stack.url, http)
    await _shown(anybody, own, _USED_UP)
    assert _APPLY not in dict(anybody.at.links)
    # Who has the place sees that instead.
    await first.open(own)
    assert "申込み済みです" in first.at.words
    await first.follow("申込みの様子を見る")
    first.expect(200, title)
    await _shown(anybody, f"/measures?q={title}", _USED_UP)
    # Whoever had the page open already is refused by benefits itself, in words that help.
    card = typed("札幌 みどり", signing=True)
    await second.press("申し込む", {"agree": "yes", **card})
    assert (second.status, second.at.errors) == (
        422,
        ["さきほど定員または予算に達しました。ほかの施策をさがしてみてください。"],
    )
    # Whoever comes now is told before the card is read.
    await second.open(f"{own}/apply/who")
    assert _USED_UP in second.expect(200, f"{title}に申し込む").words

    await first.open(received)
    await first.press("申込みを取り消す")
    assert "申込みを取り消しました" in first.at.words
    await _shown(second, own, _APPLY)
    await second.open(f"{own}/apply/who")
    await apply_here(second, "札幌 みどり")
    assert "申し込みを受け付けました" in second.at.words


async def _shown(clerk: Clerk, address: str, words: str) -> None:
    """The page says it, once what happened has come through to the register."""

    async def there() -> bool:
        await clerk.open(address)
        return words in clerk.at.words

    await eventually(there)
