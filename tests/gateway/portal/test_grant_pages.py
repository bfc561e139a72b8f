"""Orders, statements, cases and settlements on pages: shown in full, decided by whoever's turn it is."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import FormData, web
from aiohttp.test_utils import TestClient, TestServer

from gateway.portal import grant_words
from gateway.portal.asking import SERVICES, VISITOR, Visitor
from gateway.portal.forms import date_fields
from gateway.portal.mounting import add_pages
from services.benefits.api.cases import CaseRows, CaseView
from services.benefits.api.chain_views import ChainView
from services.benefits.api.link_stops import LinkStopRows
from services.benefits.api.order_decisions import GrantRows, TakenDecisions
from services.benefits.api.order_views import OrderRows, OrderView
from services.benefits.api.settlements import SettlementDetail, SettlementRows
from services.benefits.api.statements import StatementView
from services.benefits.model.answer import CaseKind, Result
from services.benefits.model.link import StopReason
from services.benefits.model.saga import OrderState
from services.benefits.model.settlement import SettlementState
from tests.gateway.portal.test_own_measures import Registry

Client = TestClient[web.Request, web.Application]
ID = "01900000-0000-7000-8000-000000000001"
API = "/api/v1/benefits"
AT = "2026-11-27T00:00:00Z"


def _order(**more: Any) -> dict[str, Any]:
    attempt = {"number": 1, "act": "grant", "request_hash": "0", "begun_at": AT, "ended_at": AT}
    answer = {"source": "api", "result": "granted", "amount": 3000, "transaction_id": "T-1"}
    given = {
        **dict.fromkeys(("id", "measure_id", "municipality_id"), ID),
        "payment_service_code": "hidamari-pay",
        "resident_ref": "R-1",
        "amount": 3000,
        "state": "unknown",
        **dict.fromkeys(("state_since", "created_at", "sent_at"), AT),
        **dict.fromkeys(("granted_on", "transaction_id", "rejection", "advice")),
        "attempts": [attempt | {"outcome": "unknown"}],
        "answers": [
            answer | {"code": None, "verdict": "conflict", "received_at": AT, "body_hash": "0"}
        ],
        "version": 3,
    }
    return given | more


def _orders() -> dict[str, Any]:
    row = {k: v for k, v in _order().items() if k not in ("answers", "created_at", "version")}
    row |= {"title": "子育て応援ポイント", "attempts": 1}
    return {"items": [row], "next": "c2", "counts": {"unknown": 1, "granted": 1200}}


def _case(**more: Any) -> dict[str, Any]:
    given = {
        **dict.fromkeys(("id", "order_id", "provider_id", "municipality_id", "measure_id"), ID),
        "kind": "late_grant",
        "owner": "secretariat",
        "suspended": 3000,
        "words": "rejected + granted",
        "state": "open",
        "opened_at": AT,
        **dict.fromkeys(
            ("assignee", "closed_at", "resolution", "closed_by", "proposed", "proposed_by")
        ),
        "version": 1,
    }
    return given | more


def _settlement(**more: Any) -> dict[str, Any]:
    given = {
        **dict.fromkeys(("id", "municipality_id", "provider_id", "measure_id"), ID),
        "title": "子育て応援ポイント",
        "month": "2026-10-01",
        "state": "statement_issued",
        "grants": 412,
        "granted": 1_236_000,
        "reversals": 1,
        "reversed": 3000,
        "total": 1_233_000,
        "following": "confirmed_by_provider",
        "turn": "provider",
        "version": 1,
    }
    return given | more


def _stop(**more: Any) -> dict[str, Any]:
    given = {
        **dict.fromkeys(("id", "provider_id", "municipality_id", "case_id"), ID),
        "payment_service_code": "hidamari-pay",
        "payment_service_name": "ひだまりペイ",
        "account_end": "1234",
        "reason": "mislink",
        "words": "別の会員の番号でした",
        "stopped_by": "member/1",
        "stopped_at": AT,
        "held": 2,
        "granted_yen": 3000,
        **dict.fromkeys(("proposed_by", "lifted_by", "lifted_at")),
        "version": 1,
    }
    return given | more


def _chain(**more: Any) -> dict[str, Any]:
    rule = {"measure_id": ID, "title": "子育て応援ポイント", "version": 2}
    rule |= {"municipality_code": "172031", "eligibility": {}, "amount": {}}
    given = {
        **dict.fromkeys(("order_id", "entitlement_id", "application_id"), ID),
        "amount": 3000,
        "state": "granted",
        "rule": rule | {"allocate_by": "2026-12-31"},
        "orders": [_order(state="granted", granted_on="2026-11-26")],
        "cases": [_case()],
        **{name: [] for name in ("evidence", "decisions", "entries", "allocations", "facts")},
        "reads": [],
    }
    return given | more


def _wish(**more: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"kind": "reversal", "reason": "転出のため", "proposed_by": "member/2"}
    given |= {"proposed_at": AT, "decided_by": None, "decided_at": None, "own": False}
    return given | more


def _grants() -> dict[str, Any]:
    row = {
        **dict.fromkeys(("id", "measure_id", "application_id"), ID),
        "title": "子育て応援ポイント",
        "reference": "K-7F3M-20B9",
        "payment_service_code": "hidamari-pay",
        "amount": 3000,
        "state": "granted",
        "state_since": AT,
        "granted_on": "2026-11-26",
        "proposed": "reversal",
    }
    return {"items": [row], "next": "c2"}


def _statement(**more: Any) -> dict[str, Any]:
    given = {
        "id": ID,
        "statement_id": "S-1",
        "day": "2026-11-26",
        "lines": 3,
        "total": 9000,
        "received_at": AT,
        "compared_at": None,
        "classes": {"matched": 2, "amount": 1},
    }
    return given | more


@web.middleware
async def _known(request: web.Request, handler: Any) -> web.StreamResponse:
    kind, roles = request.path.split("/")[1], request.headers.get("X-Roles", "admin")
    request[VISITOR] = Visitor(
        "1", "森田 進", "p-01", "2", kind, "ひだまりペイ", frozenset(roles.split(","))
    )
    answer: web.StreamResponse = await handler(request)
    return answer


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    app = web.Application(middlewares=[_known])
    add_pages(app, Registry())
    async with TestClient(TestServer(app)) as found:
        yield found


@pytest.fixture
def benefits(client: Client) -> Registry:
    assert client.app is not None
    found = client.app[SERVICES]
    assert isinstance(found, Registry)
    found.say("GET", f"{API}/orders", _orders())
    found.say("GET", f"{API}/orders/{ID}", _order())
    found.say("GET", f"{API}/cases", {"items": [_case()], "next": None})
    found.say("GET", f"{API}/cases/{ID}", _case())
    found.say("GET", f"{API}/settlements", {"items": [_settlement()], "next": None})
    steps = [{"at": AT, "state": "statement_issued", "actor": "service/benefits"}]
    found.say("GET", f"{API}/settlements/{ID}", {"settlement": _settlement(), "steps": steps})
    found.say("GET", f"{API}/statements", {"items": [_statement()], "next": None})
    found.say("GET", f"{API}/statements/S-1", _statement())
    days = [{"day": "2026-11-26", "classes": {"matched": 3}, "compared_at": AT}]
    found.say("GET", f"{API}/reconciliations", {"items": days})
    found.say("GET", f"{API}/link-stops", {"items": [_stop()], "next": None})
    found.say("GET", f"{API}/link-stops/{ID}", _stop())
    found.say("GET", f"{API}/grants", _grants())
    found.say("GET", f"{API}/grants/{ID}/chain", _chain())
    found.say("GET", f"{API}/grants/{ID}/decisions", {"state": "granted", "items": [_wish()]})
    return found


async def _open(client: Client, path: str, roles: str = "admin") -> tuple[int, str]:
    async with client.get(path, headers={"X-Roles": roles}) as answer:
        return answer.status, await answer.text()


async def _send(client: Client, path: str, fields: Any, roles: str = "admin") -> tuple[int, str]:
    async with client.post(
        path, data=fields, headers={"X-Roles": roles}, allow_redirects=False
    ) as answer:
        return answer.status, answer.headers.get("Location") or await answer.text()


def test_the_samples_are_what_benefits_says() -> None:
    OrderRows.model_validate(_orders())
    OrderView.model_validate(_order())
    CaseRows.model_validate({"items": [_case()], "next": None})
    CaseView.model_validate(_case())
    SettlementRows.model_validate({"items": [_settlement()], "next": None})
    SettlementDetail.model_validate({"settlement": _settlement(), "steps": []})
    StatementView.model_validate(_statement())
    LinkStopRows.model_validate({"items": [_stop()], "next": None})
    ChainView.model_validate(_chain())
    GrantRows.model_validate(_grants())
    TakenDecisions.model_validate({"state": "granted", "items": [_wish()]})


def test_every_state_class_and_kind_has_its_words() -> None:
    assert set(grant_words.ORDERS) == set(OrderState)
    assert set(grant_words.CASES) == set(CaseKind)
    assert set(grant_words.SETTLEMENTS) == set(SettlementState)
    assert set(grant_words.RESULTS) == set(Result)
    assert set(grant_words.STOPS) == set(StopReason)
    acts = {"grant", "inquiry", "cancel", "reversal", "check"}
    assert set(grant_words.ACTS) == acts


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/provider/orders", ("結果を確認中 1", "付与済 1,200", "子育て応援ポイント", "続き")),
        (f"/provider/orders/{ID}", ("別の番号で送り直すことはありません", "食い違い", "T-1")),
        ("/provider/statements", ("S-1", "9,000円", "明細を送る", "一致")),
        ("/provider/statements/S-1", ("突き合わせています", "金額の違い")),
        ("/provider/cases", ("断ったあとの付与", "3,000円")),
        ("/provider/settlements", ("2026年10月", "1,233,000円", "412件")),
        (f"/provider/settlements/{ID}", ("内容を確かめました",)),
        (f"/municipality/settlements/{ID}", ("決済事業者の番です",)),
        ("/provider/link-stops", ("下4けた1234", "停止中", "2件", "会員番号", "いますぐ止める")),
        (f"/municipality/link-stops?order={ID}", (f'value="{ID}"', "付与の依頼の番号")),
        (f"/secretariat/link-stops/{ID}", ("2件待っています", "3,000円分", "1人目として確かめた")),
        ("/municipality/grants", ("K-7F3M-20B9", "2人目の確認待ち", "3,000円", "続き")),
        (f"/municipality/grants/{ID}", ("転出のため", "2人目として決める", "受け取り先を止める")),
        (f"/secretariat/cases/{ID}", ("2人が要ります", "1人目として選ぶ", "取り消してもらう")),
    ],
)
async def test_a_page_shows_what_benefits_says(
    client: Client, benefits: Registry, path: str, words: tuple[str, ...]
) -> None:
    status, text = await _open(client, path)
    assert status == 200
    for one in words:
        assert one in text


async def test_a_case_is_decided_as_it_was_seen(client: Client, benefits: Registry) -> None:
    benefits.say("POST", f"{API}/cases/{ID}/decision", _case(proposed="returned"))
    path = f"/secretariat/cases/{ID}"
    status, to = await _send(client, path, {"resolution": "returned", "version": "1"})
    assert (status, to) == (303, f"{path}?done=changed")
    assert benefits.written == [
        ("POST", f"{API}/cases/{ID}/decision", {"resolution": "returned"}, '"1"')
    ]
    status, text = await _send(client, path, {"version": "1"})
    assert (status, "どう決めるかを選んでください" in text) == (422, True)


async def test_only_the_secretariat_decides(client: Client, benefits: Registry) -> None:
    _, text = await _open(client, f"/provider/cases/{ID}")
    assert "選ぶ</button>" not in text
    _, text = await _open(client, f"/secretariat/cases/{ID}", "viewer")
    assert "選ぶ</button>" not in text
    status, _ = await _send(client, f"/secretariat/cases/{ID}", {"resolution": "x"}, "viewer")
    assert status == 403


async def test_a_refused_step_is_told_on_the_page(client: Client, benefits: Registry) -> None:
    problem = {"code": "same-person", "detail": "別の方が行ってください。"}
    benefits.say("POST", f"{API}/settlements/{ID}/steps", problem, 403)
    path = f"/provider/settlements/{ID}"
    status, text = await _send(client, path, {"becomes": "confirmed_by_provider", "version": "1"})
    assert (status, "別の方が行ってください" in text) == (422, True)


async def test_a_statement_is_handed_in_as_it_is_and_its_rows_are_told(
    client: Client, benefits: Registry
) -> None:
    api = f"{API}/statements/S-9"
    problem = {
        "code": "statement-wrong",
        "detail": "明細に直すところがあります。",
        "errors": [{"field": "lines.3.amount", "code": "x", "detail": "金額は1円以上です。"}],
    }
    benefits.say("PUT", api, problem, 422)
    status, text = await _send(client, "/provider/statements", _file())
    assert (status, "lines.3.amount" in text) == (422, True)
    benefits.say("PUT", api, _statement(statement_id="S-9"), 202)
    status, to = await _send(client, "/provider/statements", _file())
    assert (status, to) == (303, "/provider/statements/S-9?done=statement")
    assert benefits.written[-1][2] == b"line_id\n"


def _file() -> FormData:
    form = FormData()
    for name, value in (date_fields("day", "2026-11-26") | {"statement_id": "S-9"}).items():
        form.add_field(name, value)
    form.add_field("file", b"line_id\n", filename="s.csv", content_type="text/csv")
    return form


async def test_a_provider_stops_a_link_by_the_account_and_a_municipality_by_the_order(
    client: Client, benefits: Registry
) -> None:
    benefits.say("POST", f"{API}/link-stops", _stop(), 201)
    account = {"payment_service_code": "hidamari-pay", "service_account_id": "hp-1234"}
    given = {"reason": "lost", "words": ""}
    path = "/provider/link-stops"
    status, to = await _send(client, path, account | given | {"order_id": ""})
    assert (status, to) == (303, f"{path}/{ID}?done=link_stopped")
    status, _ = await _send(client, "/municipality/link-stops", {"order_id": ID} | given)
    assert status == 303
    assert [body for _, _, body, _ in benefits.written] == [
        account | given,
        {"order_id": ID} | given,
    ]
    status, text = await _send(client, path, {"reason": ""})
    assert (status, "止める理由を選んでください" in text) == (422, True)


async def test_only_the_secretariat_lifts_a_stop(client: Client, benefits: Registry) -> None:
    benefits.say("POST", f"{API}/link-stops/{ID}/lifting", _stop(proposed_by="member/1"))
    path = f"/secretariat/link-stops/{ID}"
    status, to = await _send(client, path, {"version": "1"})
    assert (status, to) == (303, f"{path}?done=changed")
    status, text = await _open(client, f"/provider/link-stops/{ID}")
    assert (status, "停止を解除する" in text) == (200, False)


async def test_a_grant_is_wanted_back_with_a_reason_and_not_by_a_reader(
    client: Client, benefits: Registry
) -> None:
    said = {"order_id": ID, "state": "granted", "proposed": "reversal", "proposed_by": "m"}
    benefits.say("POST", f"{API}/grants/{ID}/decisions", said)
    path = f"/municipality/grants/{ID}"
    status, text = await _send(client, path, {"kind": "reversal", "reason": ""})
    assert (status, "理由を入れてください" in text) == (422, True)
    wish = {"kind": "reversal", "reason": "転出"}
    status, to = await _send(client, path, wish)
    assert (status, to) == (303, f"{path}?done=wish_proposed")
    assert benefits.written[-1][:3] == ("POST", f"{API}/grants/{ID}/decisions", wish)
    _, text = await _open(client, path, "reviewer")
    assert "2人目として決める" not in text
    assert (await _send(client, path, wish, "reviewer"))[0] == 403


async def test_who_proposed_that_a_grant_is_taken_back_waits_for_another(
    client: Client, benefits: Registry
) -> None:
    own = {"state": "granted", "items": [_wish(own=True)]}
    benefits.say("GET", f"{API}/grants/{ID}/decisions", own)
    _, text = await _open(client, f"/municipality/grants/{ID}")
    assert "提案した方とは別の方" in text
    assert "2人目として決める" not in text


async def test_a_second_person_decides_what_was_proposed_under_the_key_of_the_page(
    client: Client, benefits: Registry
) -> None:
    path, wish = f"/municipality/grants/{ID}", _wish(kind="write_off")
    benefits.say("GET", f"{API}/grants/{ID}/chain", _chain(state="reversal_failed"))
    benefits.say("GET", f"{API}/grants/{ID}/decisions", {"state": "x", "items": [wish]})
    _, text = await _open(client, path)
    # What was proposed is chosen already, and why stands above the form and in the record.
    assert 'value="write_off" checked' in text and "2人目として決める</button>" in text
    assert text.count("転出のため") == 2
    said = {"order_id": ID, "state": "written_off", "proposed": None, "proposed_by": None}
    benefits.say("POST", f"{API}/grants/{ID}/decisions", said)
    fields = {"kind": "write_off", "reason": "少額", "form_key": ID}
    assert await _send(client, path, fields) == (303, f"{path}?done=wish_decided")
    assert benefits.written[-1][2] == {"kind": "write_off", "reason": "少額"}
    assert benefits.keys == [ID]


@pytest.mark.parametrize("status", [403, 409, 422])
async def test_why_a_grant_is_not_taken_back_stands_on_its_page(
    client: Client, benefits: Registry, status: int
) -> None:
    problem = {"code": "same-person", "detail": "提案した方とは別の方が決めてください。"}
    benefits.say("POST", f"{API}/grants/{ID}/decisions", problem, status)
    path = f"/municipality/grants/{ID}"
    shown, text = await _send(client, path, {"kind": "reversal", "reason": "転出"})
    assert (shown, problem["detail"] in text, "転出</textarea>" in text) == (422, True, True)


@pytest.mark.parametrize("state", sorted({"sent", "unknown", "reversed", "cancelled"}))
async def test_nothing_is_wanted_back_that_was_not_granted(
    client: Client, benefits: Registry, state: str
) -> None:
    benefits.say("GET", f"{API}/grants/{ID}/chain", _chain(state=state))
    benefits.say("GET", f"{API}/grants/{ID}/decisions", {"state": state, "items": []})
    _, text = await _open(client, f"/municipality/grants/{ID}")
    assert 'name="kind"' not in text and "取り消しを提案する" not in text


async def test_a_grant_is_shown_by_its_own_order_and_not_by_an_earlier_one(
    client: Client, benefits: Registry
) -> None:
    other = _order(id="01900000-0000-7000-8000-0000000000ff", rejection="ACCOUNT_CLOSED")
    own = _order(state="granted", granted_on="2026-11-26")
    benefits.say("GET", f"{API}/grants/{ID}/chain", _chain(orders=[other, own]))
    _, text = await _open(client, f"/municipality/grants/{ID}")
    assert "ACCOUNT_CLOSED" not in text and "付与した日" in text
