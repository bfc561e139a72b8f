"""A proposal says what it comes to, wherever in the queue its applications stand."""

from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from gateway.portal.asking import VISITOR, Reply, Visitor
from gateway.portal.mounting import add_pages
from tests.gateway.portal.test_own_measures import Registry

ID = "01900000-0000-7000-8000-000000000001"
BUDGET = f"/api/v1/benefits/measures/{ID}/budget"
QUEUE = "/api/v1/benefits/review/queue"


@dataclass
class _Queue(Registry):
    """A queue whose second page, after ``c2``, holds one application that waits."""

    async def ask(self, method: str, service_path: str, **more: Any) -> Reply:
        """What was told; of the queue the part that is asked for."""
        if service_path == QUEUE:
            asked = more.get("query") or {}
            there = asked.get("after") == "c2" and asked.get("show") == "waiting"
            item = {"id": ID, "reference": "K-7F3M-20B9", "amount_yen": 3000}
            self.say("GET", QUEUE, {"items": [item] if there else [], "next": None})
        return await super().ask(method, service_path, **more)


@web.middleware
async def _known(request: web.Request, handler: Any) -> web.StreamResponse:
    roles = frozenset({"reviewer"})
    request[VISITOR] = Visitor("1", "森田 進", "m172031-01", "2", "municipality", "小松市", roles)
    answer: web.StreamResponse = await handler(request)
    return answer


@pytest.mark.parametrize("act", ["check", "propose"])
async def test_a_proposal_of_a_later_page_says_what_it_comes_to(act: str) -> None:
    queue = _Queue()
    queue.say("GET", BUDGET, {"title": "子育て応援ポイント", "available_yen": 7000})
    app = web.Application(middlewares=[_known])
    add_pages(app, queue)
    ticked = {"measure_id": ID, "show": "waiting", "after": "c2", "application_ids": ID}
    async with TestClient(TestServer(app)) as client:
        # Without a reason a proposal to reject is shown once more.
        path = f"/municipality/reviews/{act}"
        async with client.post(path, data=ticked | {"outcome": "reject"}) as answer:
            words = await answer.text()
    assert "K-7F3M-20B9" in words and "10,000円" in words
    assert 'name="after" value="c2"' in words
