"""The form of a contract: filled with what is there, sent as it was seen, and never with words of another period."""

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from gateway.portal.asking import SERVICES, VISITOR, Visitor
from gateway.portal.forms import date_fields
from gateway.portal.mounting import add_pages
from services.registry.api.agreement_views import ContractView
from tests.gateway.portal.test_own_measures import Registry

CONTRACT_ID, MATCH_ID = (f"01900000-0000-7000-8000-00000000000{n}" for n in (1, 2))
ONE = f"/municipality/contracts/{CONTRACT_ID}"
API = f"/api/v1/registry/contracts/{CONTRACT_ID}"
_NOTHING = (
    "file_digest", "wanted", "delayed_until", "mailed_at", "link_until", "link_expired_at",
    "concluded_at", "ended_on", "window",
)  # fmt: skip


def contract(**changes: Any) -> dict[str, Any]:
    """A contract that is being prepared, as the registry shows it."""
    return {
        "id": CONTRACT_ID,
        "match_id": MATCH_ID,
        "fiscal_year": 2026,
        "match_state": "contract_preparing",
        "municipality_name": "小松市",
        "provider_name": "なぎさ電子決済株式会社",
        "state": "drafting",
        "state_since": "2026-11-27T00:00:00Z",
        "reference": "MC-0123456789",
        "title": "契約書",
        "body": "2026年4月1日から\n2027年3月31日まで。",
        "valid_from": "2026-04-01",
        "valid_until": "2027-03-31",
        "signers": [_signer(1, "municipality"), _signer(2, "provider"), _signer(3, "secretariat")],
        "reason": "",
        "reminded_count": 0,
        "acts": ["edit", "send", "cancel"],
        "version": 4,
        **dict.fromkeys(_NOTHING),
        **changes,
    }


def _signer(place: int, side: str) -> dict[str, Any]:
    return {
        "place": place,
        "side": side,
        "name": f"署名 {place}",
        "organisation": f"団体{place}",
        "mail": f"signer{place}@example.jp",
        "state": "waiting",
        "opened_at": None,
        "agreed_at": None,
    }


@web.middleware
async def _known(request: web.Request, handler: Any) -> web.StreamResponse:
    roles = frozenset(request.headers.get("X-Roles", "admin,editor").split(","))
    request[VISITOR] = Visitor("1", "森田 進", "m172031-01", "2", "municipality", "小松市", roles)
    answer: web.StreamResponse = await handler(request)
    return answer


@pytest.fixture
async def client() -> AsyncIterator[TestClient[web.Request, web.Application]]:
    app = web.Application(middlewares=[_known])
    add_pages(app, Registry())
    async with TestClient(TestServer(app)) as found:
        yield found


@pytest.fixture
def registry(client: TestClient[web.Request, web.Application]) -> Registry:
    assert client.app is not None
    found = client.app[SERVICES]
    assert isinstance(found, Registry)
    found.say("GET", API, contract())
    found.say("PUT", API, contract(version=5))
    return found


def typed(**changes: str) -> dict[str, str]:
    """The form as it is filled, with what somebody types over it."""
    fields = date_fields("valid_from", "2026-04-01") | date_fields("valid_until", "2027-03-31")
    for place, side in enumerate(("municipality", "provider"), 1):
        one = _signer(place, side)
        fields |= {f"{side}_{f}": one[f] for f in ("name", "organisation", "mail")}
    body = "2026年4月1日から\r\n2027年3月31日まで。"
    return {**fields, "body": body, "version": "4", **changes}


def test_the_sample_is_what_the_registry_says() -> None:
    assert ContractView.model_validate_json(orjson.dumps(contract()))


async def _open(client: TestClient[web.Request, web.Application], path: str) -> tuple[int, str]:
    async with client.get(path, allow_redirects=False) as answer:
        return answer.status, answer.headers.get("Location") or await answer.text()


async def _send(
    client: TestClient[web.Request, web.Application], fields: dict[str, str]
) -> tuple[int, str]:
    async with client.post(f"{ONE}/edit", data=fields, allow_redirects=False) as answer:
        return answer.status, answer.headers.get("Location") or await answer.text()


async def test_the_form_holds_what_stands_in_the_contract(
    client: TestClient[web.Request, web.Application], registry: Registry
) -> None:
    status, text = await _open(client, ONE)
    assert (status, f'href="{ONE}/edit"' in text) == (200, True)
    status, text = await _open(client, f"{ONE}/edit")
    assert status == 200
    for words in ("契約書をなおす", "署名 1", "signer2@example.jp", "2027年3月31日まで。"):
        assert words in text


async def test_what_is_typed_is_sent_as_it_was_seen_with_a_third_signer_kept(
    client: TestClient[web.Request, web.Application], registry: Registry
) -> None:
    status, text = await _send(client, typed(provider_name="佐伯 まこと"))
    assert (status, text) == (303, f"{ONE}?done=edited")
    [(method, path, body, seen)] = registry.written
    assert (method, path, seen) == ("PUT", API, '"4"')
    names = [(s["side"], s["name"]) for s in body["signers"]]
    assert names[1:] == [("provider", "佐伯 まこと"), ("secretariat", "署名 3")]


@pytest.mark.parametrize("body", [None, "", "別の本文"])
async def test_another_period_wants_other_words(
    client: TestClient[web.Request, web.Application], registry: Registry, body: str | None
) -> None:
    kept = {} if body is None else {"body": body}
    status, text = await _send(client, typed(**date_fields("valid_until", "2027-02-28"), **kept))
    if body is None:
        assert (status, "期間が変わりました" in text, registry.written) == (422, True, [])
    else:
        assert status == 303
        assert registry.written[0][2]["valid_until"] == "2027-02-28"


async def test_a_contract_that_went_out_is_shown_and_not_edited(
    client: TestClient[web.Request, web.Application], registry: Registry
) -> None:
    registry.say("GET", API, contract(state="ready", file_digest="0" * 64, acts=["cancel"]))
    assert await _open(client, f"{ONE}/edit") == (303, ONE)
    assert f'href="{ONE}/edit"' not in (await _open(client, ONE))[1]


async def test_who_may_not_write_sends_nothing(
    client: TestClient[web.Request, web.Application], registry: Registry
) -> None:
    async with client.post(f"{ONE}/edit", data=typed(), headers={"X-Roles": "viewer"}) as answer:
        assert answer.status == 403
    assert registry.written == []


async def test_the_next_contract_begins_with_the_one_that_came_back(
    client: TestClient[web.Request, web.Application], registry: Registry
) -> None:
    party = {"organisation_id": MATCH_ID, "code": "1"}
    match = {
        "id": MATCH_ID,
        "fiscal_year": 2026,
        "municipality": {**party, "name": "小松市"},
        "provider": {**party, "name": "なぎさ電子決済株式会社"},
        "contracts": [{"id": CONTRACT_ID}],
        "version": 9,
    }
    registry.say("GET", f"/api/v1/registry/own-matches/{MATCH_ID}", match)
    registry.say("GET", API, contract(state="rejected", acts=[]))
    status, text = await _open(client, f"/municipality/matches/{MATCH_ID}/contract")
    assert (status, "signer2@example.jp" in text) == (200, True)
    assert 'name="version" value="9"' in text
