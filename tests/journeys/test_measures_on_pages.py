"""A measure comes into public through the pages alone: one drafts, another approves, the secretariat confirms."""

from datetime import date, timedelta
from typing import Any

import aiohttp

from chassis.clock import today
from services.registry.model.fiscal_year import fiscal_year
from tests.journeys.covered import covered_service
from tests.rig.clerical import sign_in
from tests.rig.clerk import Clerk
from tests.rig.stack import Stack
from tests.rig.story import REGISTRY, Story
from tests.rig.visitor import Visitor
from tests.rig.waiting import eventually

_NEXT = "保存して次へ"


def _day(name: str, on: date) -> dict[str, str]:
    """A day as people type it who paste it into the year."""
    return {f"{name}_era": "西暦", f"{name}_y": on.isoformat()}


def _pages(title: str) -> dict[str, dict[str, Any]]:
    """What is typed on each page of the form."""
    first, last = today(), today() + timedelta(days=20)
    return {
        "basics": {
            "fiscal_year": str(fiscal_year(first)),
            "purpose": "child_rearing",
            "entry_type": "point_application",
        },
        "who": {"unit": "child", "areas": "172031", "years_until": "18"},
        "amount": {"grant_type": "fixed", "amount_yen": "３，０００円", "budget_yen": "5400万円"},
        "dates": {
            **_day("apply_from_on", first),
            **_day("apply_until_on", last),
            **_day("allocate_by", last + timedelta(days=30)),
        },
        "services": {},
        "review": {"review_method": "post"},
        "texts": {"ja_title": title, "ja_summary": "お子さまに3,000円分を贈ります。"},
    }


async def _fill_in(clerk: Clerk, service: str, title: str) -> None:
    """Every page of the form, with the mistakes people make."""
    await clerk.follow("続きから入れる")
    for step, typed in _pages(title).items():
        if step == "services":
            values = clerk.at.form(_NEXT)[0].values
            codes = [value for name, value in values if name.endswith("_code")]
            await clerk.press(_NEXT, {"chosen": [str(codes.index(service))]})
        else:
            await clerk.press(_NEXT, typed)
        if step == "amount":
            assert clerk.status == 422
            assert clerk.at.errors == ["予算は、数字だけで入れてください"]
            await clerk.press(_NEXT, {"budget_yen": "54,000,000"})
        if step == "texts":
            assert "施策の名前（やさしい日本語）を入れてください" in clerk.at.errors
            easy = {"easy_title": "こどもの ポイント", "easy_summary": "3000えん もらえます。"}
            await clerk.press(_NEXT, easy)
    clerk.expect(200, "書類と窓口")
    await clerk.press("窓口を追加する")
    await clerk.press("窓口を追加する", {"desks_0_name": "こども家庭課"})
    await clerk.press("窓口 2を取り除く", {"desks_0_telephone": "0761-24-0000"})
    await clerk.press(_NEXT)
    assert title in clerk.expect(200, title).words


async def test_a_measure_is_drafted_approved_confirmed_and_found(
    story: Story,
    stack: Stack,
    http: aiohttp.ClientSession,
    demo_accounts: list[dict[str, Any]],
    desk: Visitor,
) -> None:
    service = await covered_service(stack, "172031", fiscal_year(today()))
    title = f"はじめての施策{today():%m%d}"
    by = {a["sign_in_id"]: a for a in demo_accounts}
    editor, approver = (Clerk(stack.url, http) for _ in range(2))
    office = Clerk(stack.url, http, desk.cookies)
    await sign_in(editor, by["m172031-01"])
    await editor.open("/municipality/measures")
    await editor.press("新しい施策をつくる")
    one = editor.path.removesuffix("/edit")
    await _fill_in(editor, service, title)
    await editor.follow("確認に出す前の確かめへ")
    await editor.press("確認に出す")
    assert "承認は別の職員が行います" in editor.expect(200, title).words
    await editor.open(f"{one}/approve")
    assert "この施策は承認できません" in editor.expect(200, "施策の承認").words

    await sign_in(approver, by["m172031-03"])
    await approver.open("/municipality")
    assert title in approver.at.words
    await approver.open(f"{one}/approve")
    await approver.press("差し戻す", {"message": "本文を足してください。"})
    await editor.open(f"{one}/edit/texts")
    assert "本文を足してください。" in editor.expect(200, "文章").words
    await editor.press(_NEXT, {"ja_body": "くわしくは窓口へ。"})
    await editor.open(f"{one}/edit/submit")
    await editor.press("確認に出す")
    await approver.open(f"{one}/approve")
    await approver.press("承認する")
    approver.expect(200, title)

    measure_id = one.rpartition("/")[2]
    await office.open("/secretariat")
    assert title in office.expect(200, "仕事の一覧").words
    await office.open(f"/secretariat/measures/{measure_id}/check")
    await office.press("確認済みにする", {"note": "はじめての公開です"})
    office.expect(200, "施策の確認")
    await _in_public(story, measure_id, title)
    await editor.open(one)
    assert "募集中です" in editor.expect(200, title).words
    await _closed_early(editor, one)


async def _in_public(story: Story, measure_id: str, title: str) -> None:
    """It is found by its title, and open, because its first day has come."""

    async def there() -> bool:
        one = await story.visitor().get(f"{REGISTRY}/measures/{measure_id}")
        found = await story.visitor().get(f"{REGISTRY}/measures", q=title)
        listed = {str(item["measure_id"]) for item in found.body.get("items", [])}
        return one.status == 200 and one.body["state"] == "open" and measure_id in listed

    await eventually(there)


async def _closed_early(editor: Clerk, one: str) -> None:
    """Without a reason it goes on; with one it ends, and everybody reads why."""
    await editor.open(f"{one}/close")
    await editor.press("受付を終える")
    assert (editor.status, editor.at.errors) == (422, ["理由を選んでください"])
    await editor.press("受付を終える", {"reason": "budget_exhausted", "sentence": "ご好評でした。"})
    words = editor.expect(200, "はじめての施策").words
    assert "予算がなくなったため" in words
    assert "ご好評でした。" in words
    await editor.open(f"{one}/pause")
    editor.expect(200, "はじめての施策")
