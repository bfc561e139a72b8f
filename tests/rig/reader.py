"""Cards of the demo's invented persons, put on the simulator's reader by whoever stands at a page."""

from tests.rig.clerk import Clerk
from tests.rig.sheet import Sheet
from tests.rig.waiting import eventually

#: Name → number of the card, the PIN of four digits, the PIN that signs with name and address.
CARDS = {
    "小松 花子": (1, "1111", "DEMO1111"),
    "北口 一郎": (3, "3333", "DEMO3333"),
    "金沢 次郎": (4, "4444", "DEMO4444"),
    "札幌 みどり": (5, "5555", "DEMO5555"),
    "失効 太郎": (6, "6666", "DEMO6666"),
}


def typed(name: str, *, signing: bool = False) -> dict[str, str]:
    """What is chosen and typed so that the card of ``name`` is read."""
    number, pin, signing_pin = CARDS[name]
    card_id = f"01900000-0000-7000-8102-{number:012d}"
    return {"card_id": card_id, "pin": signing_pin if signing else pin}


async def sign_in_by_card(clerk: Clerk, name: str, onwards: str = "/my") -> Sheet:
    """Sign in with the card of ``name``."""
    await clerk.open(f"/signin/card?next={onwards}")
    return await clerk.press("カードを読み取る", typed(name))


def for_oneself(clerk: Clerk) -> dict[str, str | list[str]]:
    """The answers of somebody who applies for oneself and to whom every sentence applies."""
    form, _ = clerk.at.form("次へ")
    return {"person_id": form.choices("person_id")[0], "statements": form.choices("statements")}


async def apply_here(clerk: Clerk, name: str) -> Sheet:
    """From the first page of an application to its receipt, for oneself."""
    await clerk.press("次へ", for_oneself(clerk))

    async def received() -> bool:
        # Right after a start benefits may not have heard of the measure yet; each try is a reading of its own.
        await clerk.press("申し込む", {"agree": "yes", **typed(name, signing=True)})
        return clerk.status == 200

    await eventually(received)
    return clerk.at
