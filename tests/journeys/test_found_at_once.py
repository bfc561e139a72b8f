"""What changes about a measure is found by everybody at once, whichever copy of the registry answers.

The test waits with the patience of the house; how long it took is printed (``pytest -s``), not asserted.
"""

import time
from typing import Any

import aiohttp
import pytest

from tests.rig.stack import COPIES, Stack
from tests.rig.story import REGISTRY, sign_in
from tests.rig.visitor import Visitor
from tests.rig.waiting import eventually

_TIMES = 15
#: So many answers in a row that say the new are enough that every copy has been asked.
_IN_A_ROW = 2 * COPIES["registry"]


class Reader:
    """Somebody who searches for a measure by its title."""

    def __init__(self, visitor: Visitor, title: str) -> None:
        self._visitor, self.title = visitor, title

    async def state(self) -> str:
        """How the measure stands in what was found; empty where it was not."""
        found = (await self._visitor.get(f"{REGISTRY}/measures", q=self.title)).expect(200)
        states = [str(one["state"]) for one in found.body["items"] if one["title"] == self.title]
        return states[0] if states else ""

    async def sees(self, state: str) -> float:
        """The instant from which every answer said so."""
        first = 0.0

        async def everywhere() -> bool:
            nonlocal first
            for number in range(_IN_A_ROW):
                if await self.state() != state:
                    return False
                if number == 0:
                    first = time.monotonic()
            return True

        await eventually(everywhere)
        return first


@pytest.mark.usefixtures("measures_on_their_way")
async def test_thirty_changes_are_each_found_through_the_gateway(
    stack: Stack, http: aiohttp.ClientSession, demo_accounts: list[dict[str, Any]]
) -> None:
    editor, reader = Visitor(stack.url, http), Reader(Visitor(stack.url, http), "公開している施策")
    password = next(a for a in demo_accounts if a["sign_in_id"] == "m172031-01")["password"]
    await sign_in(editor, "m172031-01", password)
    own = (await editor.get(f"{REGISTRY}/own-measures", limit=100)).expect(200).body["items"]
    [one] = [item["measure_id"] for item in own if item["title"] == reader.title]
    path = f"{REGISTRY}/own-measures/{one}"
    before = await eventually(reader.state)
    await reader.sees(before)
    waited: list[tuple[float, float]] = []
    for _ in range(_TIMES):
        for act, state in (("pause", "paused"), ("resume", before)):
            etag = (await editor.get(path)).expect(200).etag
            body = {"message": "金額を確かめています。"} if act == "pause" else {}
            asked = time.monotonic()
            (await editor.post(f"{path}/{act}", body, if_match=etag)).expect(200)
            answered = time.monotonic()
            found = await reader.sees(state)
            waited.append((found - asked, max(found - answered, 0.0)))
    assert len(waited) == 2 * _TIMES
    for words, column in (("since it was asked for", 0), ("since it was answered", 1)):
        seconds = sorted(pair[column] for pair in waited)
        told = ", ".join(
            f"{name} {seconds[min(int(share * len(seconds)), len(seconds) - 1)] * 1000:.0f} ms"
            for name, share in (("least", 0), ("median", 0.5), ("p90", 0.9), ("most", 1))
        )
        print(f"\n{len(seconds)} changes found, {words}: {told}")  # noqa: T201 - figures
