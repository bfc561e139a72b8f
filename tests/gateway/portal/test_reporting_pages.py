"""Reporting what is wrong: a resident stops an account of their own, staff at a desk one they saw."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from gateway.portal.asking import SERVICES, VISITOR, Visitor
from gateway.portal.mounting import add_pages
from services.benefits.api.own_links import OwnLinks, StoppedView
from tests.gateway.portal.test_own_measures import Registry
from tests.gateway.portal.test_resident_pages import AT, ID, Client, client, look, press, services

__all__ = ["client", "services"]

BEN = "/api/v1/benefits"
OTHER = ID[:-1] + "2"
LINK = {
    "id": ID,
    "code": "hidamari-pay",
    "name": "ひだまりPay",
    "account_end": "4821",
    "granted_yen": 3000,
    "stopped_at": None,
    "case_id": None,
}
HELD = LINK | {"id": OTHER, "account_end": "7777", "stopped_at": AT, "case_id": OTHER}
STOPPED = {"case_id": ID, "stopped_at": AT, "held": 1}


def test_the_samples_are_what_benefits_says() -> None:
    OwnLinks.model_validate({"items": [LINK, HELD]})
    StoppedView.model_validate(STOPPED)


async def test_a_resident_sees_what_is_tied_and_stops_one(
    client: Client, services: Registry
) -> None:
    services.say("GET", f"{BEN}/own-links", {"items": [LINK, HELD]})
    status, text = await look(client, "/my/report")
    assert status == 200
    assert "下4けた 4821" in text and "下4けた 7777）を止めています" in text
    assert f'value="{OTHER}"' not in text
    status, text = await press(client, "/my/report", {"words": "知りません"})
    assert status == 422 and "どの受け取り先のことかをえらんでください" in text
    status, _ = await press(client, "/my/report", {"link": "../cases"})
    assert status == 422 and services.written == []
    services.say("POST", f"{BEN}/own-links/{ID}/report", STOPPED)
    done = await press(client, "/my/report", {"link": ID, "words": "知りません"})
    assert done == (303, "/my/report?done=link_reported")
    path = f"{BEN}/own-links/{ID}/report"
    assert services.written == [("POST", path, {"words": "知りません"}, None)]


@web.middleware
async def _staff(request: web.Request, handler: Any) -> web.StreamResponse:
    roles = frozenset(request.headers.get("X-Roles", "editor").split(","))
    request[VISITOR] = Visitor("1", "森田 進", "m1", "2", "municipality", "小松市", roles)
    answer: web.StreamResponse = await handler(request)
    return answer


@pytest.fixture
async def desk() -> AsyncIterator[Client]:
    app = web.Application(middlewares=[_staff])
    add_pages(app, Registry())
    async with TestClient(TestServer(app)) as found:
        yield found


async def test_staff_stop_one_by_its_reference_however_it_is_typed(desk: Client) -> None:
    assert desk.app is not None
    benefits = desk.app[SERVICES]
    assert isinstance(benefits, Registry)
    assert (await look(desk, "/desk/mislinks/new"))[0] == 200
    status, text = await press(desk, "/desk/mislinks/new", {"reference": "7F3M"})
    assert status == 422 and "受付番号を、控えのとおりに" in text and "何がまちがっているか" in text
    benefits.say("POST", f"{BEN}/mislinks", STOPPED)
    typed = {"reference": "ｋ7f3m 20b9", "words": "別の方の番号でした"}
    status, text = await press(desk, "/desk/mislinks/new", typed)
    assert status == 200 and "もうポイントは送られません" in text
    body = {"reference": "K-7F3M-20B9", "words": "別の方の番号でした"}
    assert benefits.written == [("POST", f"{BEN}/mislinks", body, None)]
    unknown = {
        "code": "reference-unknown",
        "detail": "見つかりません。",
        "errors": [{"field": "reference", "code": "reference-unknown", "detail": "見つかりません"}],
    }
    benefits.say("POST", f"{BEN}/mislinks", unknown, 404)
    status, text = await press(desk, "/desk/mislinks/new", typed)
    assert status == 422 and 'value="K-7F3M-20B9"' in text


async def test_who_only_looks_stops_nothing(desk: Client) -> None:
    assert (await look(desk, "/desk/mislinks/new", **{"X-Roles": "viewer"}))[0] == 403
