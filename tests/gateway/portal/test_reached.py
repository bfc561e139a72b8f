"""How far a notice reached: every number in words, a bar that never leaves its room, nothing where little is known."""

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st

from gateway.portal.asking import Reply
from gateway.portal.mounting import add_pages
from gateway.portal.reached import WIDE, drawn
from services.notifications.model.reach import Reach, for_everybody
from tests.gateway.portal.test_pages import Away

Client = TestClient[web.Request, web.Application]
ONE = "0198f0c2-0000-7000-8000-0000000000cc"
NOTICE = {
    "notice_id": ONE,
    "category": "programme",
    "audience": "public",
    "title": "新しい要領",
    "language": "ja",
    "published_on": "2026-11-26",
    "is_new": False,
    "amendment": None,
    "amends": None,
    "amended_by": None,
    "blocks": [],
    "links": [],
    "history": [],
    "take_down_at": None,
}


def seen(reach: Reach, *, complete: bool = True) -> dict[str, Any]:
    """What everybody may know of a reach, as notifications says it."""
    shown = for_everybody(reach)
    names = ("intended", "delivered", "failed", "pending", "rounded")
    return {name: getattr(shown, name) for name in names} | {"complete": complete}


class Services(Away):
    """Content knows one notice; notifications how far it reached, or not."""

    def __init__(self) -> None:
        self.reach: Reply = Reply(404, {}, b"{}")
        self.asked: list[Any] = []

    async def ask(self, method: str, service_path: str, **more: Any) -> Reply:
        """What they would say."""
        if service_path == "/api/v1/notifications/announcements/reach":
            self.asked.append(more["query"])
            return self.reach
        return Reply(200, {}, orjson.dumps(NOTICE))


@pytest.fixture
def services() -> Services:
    return Services()


@pytest.fixture
async def client(services: Services) -> AsyncIterator[Client]:
    app = web.Application()
    add_pages(app, services)
    async with TestClient(TestServer(app)) as opened:
        yield opened


async def read(client: Client, more: str = "") -> str:
    async with client.get(f"/notices/{ONE}{more}") as answer:
        assert answer.status == 200
        return await answer.text()


async def test_a_notice_says_how_far_it_reached(client: Client, services: Services) -> None:
    services.reach = Reply(200, {}, orjson.dumps(seen(Reach(11_000, 10, 990))))
    text = await read(client)
    assert services.asked == [{"about": f"notice/{ONE}"}]
    for said in ("12,000人の方に", "11,000人", "届かなかった", "送信中", "990人"):
        assert said in text
    assert '<rect class="delivered" x="0" width="330"' in text


@pytest.mark.parametrize("status", [404, 503])
async def test_a_notice_nobody_was_told_of_says_nothing(
    client: Client, services: Services, status: int
) -> None:
    services.reach = Reply(status, {}, b"{}")
    assert "メールの届きかた" not in await read(client)


async def test_a_notice_at_an_earlier_day_does_not_tell_todays_reach(
    client: Client, services: Services
) -> None:
    services.reach = Reply(200, {}, orjson.dumps(seen(Reach(11_000, 10, 990))))
    assert "メールの届きかた" not in await read(client, "?as_of=2026-11-26")
    assert services.asked == []


def test_small_numbers_are_not_told_and_too_few_readers_are_no_figure() -> None:
    assert drawn(seen(Reach(delivered=3, failed=2))) is None
    assert drawn(seen(Reach())) is None
    found = drawn(seen(Reach(delivered=1234, failed=3)))
    assert found is not None and found.intended == "約1,240人"
    assert [part.said for part in found.parts] == ["約1,230人", "10人未満", "0人"]


@given(st.builds(Reach, *[st.integers(0, 300_000)] * 3))
def test_the_bar_never_leaves_its_room(reach: Reach) -> None:
    found = drawn(seen(reach))
    if found is None:
        return
    at = 0
    for part in found.parts:
        assert part.x == at and part.wide >= 0
        at += part.wide
    assert at <= WIDE
