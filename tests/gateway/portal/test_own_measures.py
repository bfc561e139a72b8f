"""The pages about measures say who may do what, keep what is typed, and send the registry just that."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from gateway.portal.asking import SERVICES, VISITOR, Reply, Visitor
from gateway.portal.brought import Brought
from gateway.portal.mounting import add_pages
from services.registry.api.measures.checks import MeasureCheckView
from services.registry.api.measures.views import MeasureView
from tests.gateway.portal.entries import ENTRY, MEASURE_ID, handed_in, measure
from tests.gateway.portal.test_pages import Away
from tests.rig.sheet import Sheet

Client = TestClient[web.Request, web.Application]
ONE = f"/municipality/measures/{MEASURE_ID}"
OWN = f"/api/v1/registry/own-measures/{MEASURE_ID}"
CHECK = f"/api/v1/registry/measure-checks/{MEASURE_ID}"


@dataclass
class Registry(Away):
    """A registry that answers what a test tells it to; whatever else is asked is away."""

    answers: dict[tuple[str, str], Reply] = field(default_factory=dict)
    asked: list[tuple[str, str, Any, Any]] = field(default_factory=list)
    #: Under which keys something was to be done, in order.
    keys: list[str | None] = field(default_factory=list)

    def say(self, method: str, path: str, body: Any, status: int = 200) -> None:
        """Answer so from now on."""
        self.answers[method, path] = Reply(status, {}, orjson.dumps(body))

    async def ask(self, method: str, service_path: str, **more: Any) -> Reply:
        """What was told, or nobody is there."""
        match, body = (more.get("headers") or {}).get("If-Match"), more.get("body")
        # A file of a form is there only as long as its request.
        body = await body.first(body.size) if isinstance(body, Brought) else body
        self.asked.append((method, service_path, body, match))
        self.keys += [] if method == "GET" else [more.get("idempotency_key")]
        return self.answers.get((method, service_path), Reply(503))

    @property
    def written(self) -> list[tuple[str, str, Any, Any]]:
        """Everything that was asked for and is no mere question."""
        return [a for a in self.asked if a[0] != "GET"]


@web.middleware
async def _known(request: web.Request, handler: Any) -> web.StreamResponse:
    kind = request.headers.get("X-Kind", "municipality")
    roles = frozenset(request.headers.get("X-Roles", "admin,editor").split(","))
    request[VISITOR] = Visitor("1", "森田 進", "m172031-01", "2", kind, "小松市", roles)
    answer: web.StreamResponse = await handler(request)
    return answer


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    app = web.Application(middlewares=[_known])
    add_pages(app, Registry())
    async with TestClient(TestServer(app)) as found:
        yield found


def _registry(client: Client) -> Registry:
    found = client.app[SERVICES] if client.app is not None else None
    assert isinstance(found, Registry)
    return found


async def _open(client: Client, path: str, **headers: str) -> tuple[int, str]:
    named = {k.replace("_", "-"): v for k, v in headers.items()}
    async with client.get(path, headers=named, allow_redirects=False) as answer:
        return answer.status, answer.headers.get("Location") or await answer.text()


async def _send(
    client: Client, path: str, fields: dict[str, str], **headers: str
) -> tuple[int, str]:
    named = {k.replace("_", "-"): v for k, v in headers.items()}
    async with client.post(path, data=fields, headers=named, allow_redirects=False) as answer:
        return answer.status, answer.headers.get("Location") or await answer.text()


def test_the_samples_are_what_the_registry_says() -> None:
    for sample in (measure(), handed_in()):
        assert MeasureView.model_validate_json(orjson.dumps(sample))
    whose = {"municipality_code": "172031", "municipality_name": "小松市"}
    assert MeasureCheckView.model_validate_json(orjson.dumps(handed_in() | whose))


@pytest.mark.parametrize(
    "end",
    ["", "/edit", "/cancel"]
    + [f"/edit/{s}" for s in ("basics", "who", "amount", "dates", "services", "review", "texts")]
    + ["/edit/documents", "/edit/preview", "/edit/submit"],
)
async def test_every_page_of_a_draft_stands(client: Client, end: str) -> None:
    _registry(client).say("GET", OWN, measure())
    status, text = await _open(client, ONE + end)
    assert (status, len(re.findall("<h1", text))) == (200, 1)
    assert "Undefined" not in text


async def test_a_page_is_saved_alone_and_as_it_was_seen(client: Client) -> None:
    registry = _registry(client)
    registry.say("GET", OWN, measure())
    registry.say("PUT", f"{OWN}/draft", measure(problems=[]))
    fields = {"revision": "4", "fiscal_year": "2026", "purpose": "health", "entry_type": ""}
    status, goes = await _send(client, f"{ONE}/edit/basics", fields)
    assert (status, goes) == (303, f"{ONE}/edit/who")
    basics = {"fiscal_year": "2026", "purpose": "health", "entry_type": ""}
    assert registry.written == [("PUT", f"{OWN}/draft", {"basics": basics}, "4")]


async def test_the_summary_says_what_the_field_says(client: Client) -> None:
    registry = _registry(client)
    registry.say("PUT", f"{OWN}/draft", measure())
    status, text = await _send(client, f"{ONE}/edit/amount", {"revision": "4", "quota": "百人"})
    assert (status, Sheet(text).errors) == (422, ["予算を入れてください"])
    assert re.search('id="budget_yen-err".*?<span>予算を入れてください</span>', text, re.DOTALL)


async def test_what_somebody_else_saved_stands_beside_what_was_typed(client: Client) -> None:
    registry = _registry(client)
    latest = measure(version=9)
    latest["form"]["amount"]["budget_yen"] = "100"
    registry.say("GET", OWN, latest)
    registry.say("PUT", f"{OWN}/draft", {"detail": "先に保存しました。"}, 412)
    status, text = await _send(client, f"{ONE}/edit/amount", {"revision": "4", "budget_yen": "200"})
    assert status == 422
    assert "100円" in text
    assert "200円" in text
    assert 'name="revision" value="9"' in text


async def test_a_field_the_registry_refuses_is_marked_where_it_stands(client: Client) -> None:
    registry = _registry(client)
    registry.say("GET", OWN, measure())
    error = {"field": "texts.ja.title", "code": "string_too_long", "detail": "短くしてください。"}
    registry.say("PUT", f"{OWN}/draft", {"detail": "x", "errors": [error]}, 422)
    status, text = await _send(client, f"{ONE}/edit/texts", {"ja_title": "長い" * 300})
    assert status == 422
    assert 'id="ja_title-err"' in text
    assert "長い長い" in text


async def test_who_drafted_it_is_told_before_pressing_that_another_approves(client: Client) -> None:
    registry = _registry(client)
    registry.say("GET", OWN, handed_in(is_drafter=True))
    _, text = await _open(client, f"{ONE}/approve", X_Roles="admin,approver")
    assert "承認は別の職員が行います" in text
    assert "承認する</button>" not in text
    registry.say("GET", OWN, handed_in())
    _, text = await _open(client, f"{ONE}/approve", X_Roles="approver")
    assert "承認する</button>" in text
    assert "契約がありません" in text
    _, text = await _open(client, f"{ONE}/approve", X_Roles="viewer")
    assert "承認できるのは、承認者の役割の方だけです" in text


async def test_giving_back_needs_a_sentence_and_approving_none(client: Client) -> None:
    registry = _registry(client)
    registry.say("GET", OWN, handed_in())
    registry.say("POST", f"{OWN}/return", {})
    registry.say("POST", f"{OWN}/approve", {})
    by = {"X_Roles": "approver"}
    back = {"decision": "return", "revision": "4"}
    status, text = await _send(client, f"{ONE}/approve", back, **by)
    assert (status, Sheet(text).errors) == (422, ["直してほしいことを入れてください"])
    await _send(client, f"{ONE}/approve", back | {"message": "直して"}, **by)
    await _send(client, f"{ONE}/approve", {"decision": "approve", "revision": "4"}, **by)
    assert registry.written == [
        ("POST", f"{OWN}/return", {"message": "直して"}, "4"),
        ("POST", f"{OWN}/approve", {}, "4"),
    ]


@pytest.mark.parametrize("end", ["/edit/basics", "/pause", "/change", "/edit/submit"])
async def test_viewers_and_approvers_change_nothing(client: Client, end: str) -> None:
    for roles in ("viewer", "approver"):
        status, _ = await _send(client, ONE + end, {"revision": "4"}, X_Roles=roles)
        assert status == 403
    assert _registry(client).written == []


@pytest.mark.parametrize(
    ("act", "fields", "sent"),
    [
        ("pause", {"sentence": "点検のため"}, {"message": "点検のため"}),
        ("resume", {}, {}),
        (
            "close",
            {"reason": "quota_reached", "sentence": ""},
            {"reason": "quota_reached", "message": ""},
        ),
        ("cancel", {"sentence": "行いません"}, {"reason": "行いません"}),
        ("discard", {}, {}),
        ("complete", {}, {}),
    ],
)
async def test_each_act_is_confirmed_on_its_own_page(
    client: Client, act: str, fields: dict[str, str], sent: dict[str, str]
) -> None:
    registry = _registry(client)
    registry.say("GET", OWN, measure(state="open", entry=ENTRY, published_version=1, may=[act]))
    registry.say("POST", f"{OWN}/{act}", {})
    assert (await _open(client, f"{ONE}/{act}"))[0] == 200
    status, goes = await _send(client, f"{ONE}/{act}", fields | {"revision": "7"})
    assert (status, goes) == (303, f"{ONE}?done=measure_{act}")
    assert registry.written == [("POST", f"{OWN}/{act}", sent, "7")]
    registry.say("GET", OWN, measure(may=[]))
    assert await _open(client, f"{ONE}/{act}") == (303, ONE)


@pytest.mark.parametrize("act", ["pause", "close", "cancel"])
async def test_nothing_ends_without_a_reason(client: Client, act: str) -> None:
    registry = _registry(client)
    registry.say("GET", OWN, measure(may=[act]))
    status, text = await _send(client, f"{ONE}/{act}", {"revision": "4"})
    assert (status, registry.written) == (422, [])
    assert "理由を" in Sheet(text).errors[0]


async def test_the_secretariat_confirms_or_gives_back(client: Client) -> None:
    registry, by = _registry(client), {"X_Kind": "secretariat", "X_Roles": "reviewer"}
    whose = {"municipality_code": "172031", "municipality_name": "小松市"}
    registry.say("GET", CHECK, handed_in(state="approved", may=[]) | whose)
    registry.say("POST", f"{CHECK}/confirm", {})
    path = f"/secretariat/measures/{MEASURE_ID}/check"
    _, text = await _open(client, path, **by)
    assert "2026年12月1日（火） に募集が始まります" in text
    _, text = await _open(client, path, X_Kind="secretariat", X_Roles="viewer")
    assert "確認済みにする</button>" not in text
    refused = {"status": 409, "detail": "契約がありません。"}
    registry.say("POST", f"{CHECK}/return", refused, 409)
    fields = {"decision": "confirm", "note": "公開します", "revision": "4"}
    assert (await _send(client, path, fields, **by))[0] == 303
    status, text = await _send(client, path, {"decision": "return", "message": "x"}, **by)
    assert (status, Sheet(text).errors) == (422, ["契約がありません。"])
    assert registry.written[0] == ("POST", f"{CHECK}/confirm", {"note": "公開します"}, "4")


async def test_links_lead_only_where_there_are_pages(client: Client) -> None:
    registry = _registry(client)
    registry.say("GET", OWN, measure(state="open", entry=ENTRY, published_version=1))
    _, text = await _open(client, ONE)
    shown = {
        href for _, href in Sheet(text).links if href.startswith(("/municipality", "/measures"))
    }
    for href in shown:
        status, _ = await _open(client, href)
        assert status != 404, href
