"""Providers over HTTP: their own feed, answers, statements; what does not fit is refused or becomes a case."""

from base64 import b64encode
from typing import Any
from uuid import UUID

import pytest

from chassis.ids import new_id
from contracts.principal import Principal, Role
from contracts.values import OrganisationKind
from services.benefits.model.order import Order
from services.benefits.model.saga import OrderState
from tests.benefits.asking import Asker, House
from tests.benefits.orders.granting import AMOUNT, Town, rejected
from tests.benefits.orders.granting import granted as as_granted
from tests.rig.feed import verified

PROVIDER, SECRETARIAT = OrganisationKind.PROVIDER, OrganisationKind.SECRETARIAT


def _system(house: House, provider_id: UUID, *scopes: str) -> Asker:
    """A provider's own machine client."""
    principal = Principal(
        kind="client",
        subject=str(new_id()),
        organisation_id=provider_id,
        organisation_kind=PROVIDER,
        scopes=frozenset(scopes or {"benefits:orders"}),
    )
    return Asker(house.client, house.keys("identity").sign(principal, seconds=3600), provider_id)


def _said(order: Order, **more: Any) -> dict[str, Any]:
    return {
        "answer_id": "A-1",
        "result": "granted",
        "amount": order.amount,
        "resident_ref": order.resident_ref,
        "transaction_id": "T-1",
        "granted_on": "2023-10-02",
    } | more


async def _sent(town: Town) -> Order:
    order = await town.allocated()
    await town.clerk().turn()
    return await town.order(order.id)


async def test_a_provider_reads_its_own_orders_and_answers_once(
    house: House, town: Town, number: Any
) -> None:
    order = await _sent(town)
    await number()
    provider = _system(house, town.provider_id)
    feed = await provider.get("/orders/changes?after=0")
    (entry,) = verified(feed.json["entries"])
    assert entry["type"] == "benefits.order.placed.v1"
    assert entry["data"]["resident_ref"] == order.resident_ref
    assert entry["service_account_id"].startswith("hp")
    assert "person_id" not in entry["data"]
    first = await provider.post(f"/orders/{order.id}/answers", _said(order))
    assert (first.status, first.json) == (202, {"verdict": "apply", "state": "granted"})
    again = await provider.post(f"/orders/{order.id}/answers", _said(order))
    assert (again.status, again.json["verdict"]) == (202, "ignore")
    assert await town.balance("payable") == AMOUNT
    shown = await provider.get(f"/orders/{order.id}")
    assert [a["verdict"] for a in shown.json["answers"]] == ["apply"]


async def test_a_provider_answers_many_orders_at_once_and_hears_what_became_of_each(
    house: House, town: Town
) -> None:
    one, two, three = [await _sent(town) for _ in range(3)]
    provider = _system(house, town.provider_id)
    await provider.post(f"/orders/{three.id}/answers", _said(three, answer_id="A-3"))
    said = [
        _said(one, order_id=str(one.id), answer_id="A-1"),
        _said(two, order_id=str(two.id), answer_id="A-2", amount=1),
        _said(three, order_id=str(three.id), answer_id="A-3"),
        _said(one, order_id="O-9", answer_id="A-9"),
    ]
    told = await provider.post("/orders/answers", {"answers": said})
    assert told.status == 202
    became = [(a["answer_id"], a["verdict"], a["state"]) for a in told.json["answers"]]
    assert became == [
        ("A-1", "apply", "granted"),
        ("A-2", "conflict", "sent"),
        ("A-3", "ignore", "granted"),
        ("A-9", "unknown_order", None),
    ]
    assert await town.balance("payable") == 2 * AMOUNT
    assert await town.broken() == {}
    strange = [said[0] | {"answer_id": "A-4", "amount": 0}]
    refused = await provider.post("/orders/answers", {"answers": strange})
    assert refused.status == 422
    assert refused.json["errors"][0]["field"] == "answers.0.amount"
    other = _system(house, town.provider_id, "registry:read")
    assert (await other.post("/orders/answers", {"answers": said})).status == 403


async def test_another_provider_sees_nothing_and_its_answer_is_for_no_order_of_its_own(
    house: House, town: Town, number: Any
) -> None:
    order = await _sent(town)
    await number()
    stranger = _system(house, new_id())
    assert (await stranger.get("/orders/changes?after=0")).json["entries"] == []
    assert (await stranger.get(f"/orders/{order.id}")).code == "order-unknown"
    taken = await stranger.post(f"/orders/{order.id}/answers", _said(order))
    assert (taken.status, taken.json["verdict"]) == (202, "unknown_order")
    assert (await town.order(order.id)).state is OrderState.SENT
    assert await town.cases() == ["unknown_order"]


async def test_an_answer_without_a_token_or_scope_is_nobodys(house: House, town: Town) -> None:
    order = await _sent(town)
    path = f"/orders/{order.id}/answers"
    assert (await house.anybody().post(path, _said(order))).status == 401
    other = _system(house, town.provider_id, "registry:read")
    assert (await other.post(path, _said(order))).status == 403
    resident = house.resident()
    assert (await resident.post(path, _said(order))).status == 403
    assert (await town.order(order.id)).state is OrderState.SENT


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": 0},
        {"amount": -1},
        {"amount": 2**63},
        {"amount": 3000.5},
        {"amount": "3000"},
        {"result": "perhaps"},
        {"answer_id": ""},
        {"granted_on": "2023-13-40"},
        {"provider_id": "01900000-0000-7000-8000-000000000008"},
    ],
)
async def test_an_answer_that_cannot_be_read_changes_nothing(
    house: House, town: Town, wrong: dict[str, Any]
) -> None:
    order = await _sent(town)
    provider = _system(house, town.provider_id)
    refused = await provider.post(f"/orders/{order.id}/answers", _said(order, **wrong))
    assert refused.status == 422
    assert refused.json["errors"][0]["field"] == next(iter(wrong))
    assert (await town.order(order.id)).state is OrderState.SENT
    assert await town.pool.fetchval("SELECT count(*) FROM order_answers") == 0


@pytest.mark.parametrize("name", ["not-a-number", "../orders", "%00", "x" * 300])
async def test_an_answer_under_a_name_that_is_no_order_is_kept_or_refused(
    house: House, town: Town, name: str
) -> None:
    order = await _sent(town)
    provider = _system(house, town.provider_id)
    taken = await provider.post(f"/orders/{name}/answers", _said(order))
    assert taken.status in (202, 400, 404, 405, 422)
    assert (await town.order(order.id)).state is OrderState.SENT
    assert await town.balance("payable") == 0


def _line(order: Order, **more: Any) -> dict[str, Any]:
    return {
        "line_id": "1",
        "order_id": str(order.id),
        "amount": order.amount,
        "resident_ref": order.resident_ref,
        "transaction_id": f"T-{order.id.hex[-20:]}",
        "granted_on": "2023-10-02",
    } | more


def _statement(*lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"statement_id": "S-1", "day": "2023-10-02", "lines": list(lines)} | more


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"amount": 0}, "lines.0.amount"),
        ({"amount": -1}, "lines.0.amount"),
        ({"amount": 2**63}, "lines.0.amount"),
        ({"amount": 3000.5}, "lines.0.amount"),
        ({"line_id": ""}, "lines.0.line_id"),
        ({"order_id": ""}, "lines.0.order_id"),
        ({"transaction_id": "T\n1"}, "lines.0.transaction_id"),
        ({"granted_on": "yesterday"}, "lines.0.granted_on"),
    ],
)
async def test_a_statement_with_a_line_that_cannot_be_meant_is_refused_whole(
    house: House, town: Town, wrong: dict[str, Any], field: str
) -> None:
    order = await _sent(town)
    provider = _system(house, town.provider_id)
    refused = await provider.post("/statements", _statement(_line(order, **wrong)))
    assert refused.status == 422
    assert field in [error["field"] for error in refused.json["errors"]]
    assert await town.pool.fetchval("SELECT count(*) FROM statements") == 0


async def test_a_statement_with_a_doubled_line_another_total_or_of_tomorrow_is_refused(
    house: House, town: Town
) -> None:
    line = _line(await _sent(town))
    provider = _system(house, town.provider_id)
    doubled = await provider.post("/statements", _statement(line, line))
    assert doubled.json["errors"][0]["code"] == "line-doubled"
    total = await provider.post("/statements", _statement(line, total=1))
    assert total.json["errors"][0]["code"] == "total-differs"
    ahead = await provider.post("/statements", _statement(line, day="2999-01-01"))
    assert ahead.code == "statement-day"


async def test_a_statement_says_the_same_in_any_order_and_is_taken_once(
    house: House, town: Town, settler: Any
) -> None:
    orders = [await _sent(town) for _ in range(3)]
    lines = [_line(order, line_id=str(n)) for n, order in enumerate(orders)]
    provider = _system(house, town.provider_id)
    first = await provider.post("/statements", _statement(*lines))
    again = await provider.post("/statements", _statement(*reversed(lines)))
    assert (first.status, again.status) == (202, 202)
    assert first.json["id"] == again.json["id"]
    other = await provider.post("/statements", _statement(*lines[:2]))
    assert (other.status, other.code) == (409, "statement-differs")
    while await settler.statements():
        pass
    assert await town.balance("payable") == 3 * AMOUNT
    shown = await provider.get("/statements/S-1")
    assert shown.json["classes"] == {"missing_here": 3}
    everything_again = await provider.post("/statements", _statement(*lines, statement_id="S-2"))
    assert everything_again.status == 202
    while await settler.statements():
        pass
    assert (await provider.get("/statements/S-2")).json["classes"] == {"repeated": 3}
    assert await town.cases() == []
    assert await town.balance("payable") == 3 * AMOUNT
    assert await town.broken() == {}


async def test_missing_unknown_and_foreign_lines_become_cases_and_the_ledger_is_untouched(
    house: House, town: Town, settler: Any
) -> None:
    known, silent = await _sent(town), await _sent(town)
    for order in (known, silent):
        await town.says(as_granted(order, f"A-{order.id}"), order.id)
    provider = _system(house, town.provider_id)
    lines = [
        _line(known, line_id="1", transaction_id="T-other"),
        _line(known, line_id="2", order_id=str(new_id())),
        _line(known, line_id="3", amount=1),
        _line(known, line_id="4", resident_ref="R-somebody-else"),
    ]
    assert (await provider.post("/statements", _statement(*lines))).status == 202
    next_day = _statement(statement_id="S-2", day="2023-10-04")
    assert (await provider.post("/statements", next_day)).status == 202
    while await settler.statements():
        pass
    assert sorted(await town.cases()) == [
        "amount",
        "double",
        "missing_here",
        "missing_there",
        "wrong_person",
    ]
    assert await town.balance("payable") == 2 * AMOUNT
    days = await provider.get("/reconciliations")
    assert [day["day"] for day in days.json["items"]] == ["2023-10-04", "2023-10-02"]
    assert await town.broken() == {}


async def test_a_file_in_csv_says_the_same(house: House, town: Town, settler: Any) -> None:
    order = await _sent(town)
    line = _line(order)
    content = ",".join(line) + "\r\n" + ",".join(str(value) for value in line.values()) + "\r\n"
    provider = _system(house, town.provider_id)
    taken = await provider.ask(
        "PUT", "/statements/F-1?day=2023-10-02", data=content.encode(), media="text/csv"
    )
    assert taken.status == 202
    while await settler.statements():
        pass
    assert (await town.order(order.id)).state is OrderState.GRANTED


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"a,b\n1,2\n",
        b"line_id,order_id,amount,resident_ref,transaction_id,granted_on\n1,2,3\n",
        b"line_id,order_id,amount,resident_ref,transaction_id,granted_on\n1,2,1.5,r,t,2023-10-02\n",
        "line_id,order_id,amount,resident_ref,transaction_id,granted_on\n1,2,１,r,t,2023-10-02\n".encode(),
        b"line_id,order_id,amount,resident_ref,transaction_id,granted_on\n1,2,3,r,t,2023-02-30\n",
        b'line_id,order_id,amount,resident_ref,transaction_id,granted_on\n"1,2,3,r,t,2023-10-02\n',
    ],
)
async def test_a_file_that_cannot_be_read_is_refused(
    house: House, town: Town, content: bytes
) -> None:
    provider = _system(house, town.provider_id)
    refused = await provider.ask(
        "PUT", "/statements/F-1?day=2023-10-02", data=content, media="text/csv"
    )
    assert refused.status in (400, 422)
    assert await town.pool.fetchval("SELECT count(*) FROM statements") == 0


async def test_money_in_suspense_takes_two_people(house: House, town: Town) -> None:
    order = await _sent(town)
    await town.says(rejected(), order.id)
    await town.says(as_granted(order), order.id)
    office = new_id()
    one, two = (house.member(SECRETARIAT, Role.ADMIN, organisation_id=office) for _ in range(2))
    (case,) = (await one.get("/cases?state=open")).json["items"]
    assert (case["kind"], case["suspended"]) == ("late_grant", AMOUNT)
    path, body = f"/cases/{case['id']}/decision", {"resolution": "returned"}
    proposed = await one.post(path, body, etag=case["version"])
    assert (proposed.json["state"], proposed.json["proposed"]) == ("open", "returned")
    alone = await one.post(path, body, etag=proposed.json["version"])
    assert (alone.status, alone.code) == (403, "same-person")
    closed = await two.post(path, body, etag=proposed.json["version"])
    assert (closed.status, closed.json["state"]) == (200, "closed")
    assert await town.balance("suspense") == 0
    assert await town.balance("payable") == 0
    assert await town.broken() == {}


async def test_a_case_is_shown_to_its_sides_only(house: House, town: Town) -> None:
    order = await _sent(town)
    await town.says(as_granted(order, amount=1), order.id)
    provider = _system(house, town.provider_id)
    (case,) = (await provider.get("/cases")).json["items"]
    assert (await provider.get(f"/cases/{case['id']}")).status == 200
    stranger = _system(house, new_id())
    assert (await stranger.get("/cases")).json["items"] == []
    assert (await stranger.get(f"/cases/{case['id']}")).code == "case-unknown"
    refused = await stranger.post(f"/cases/{case['id']}/decision", {"resolution": "accepted"})
    assert refused.status == 403


@pytest.mark.parametrize(
    "url",
    [
        "http://provider.example.jp",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://localhost/x",
        "https://2130706433/x",
        "https://user@provider.example.jp",
        "https://provider.example.jp:22",
        "https://[broken",
        "",
    ],
)
async def test_an_address_that_is_not_on_the_public_web_is_not_called(
    house: House, town: Town, url: str
) -> None:
    technical = house.member(PROVIDER, Role.TECHNICAL, organisation_id=town.provider_id)
    key = b64encode(bytes(32)).decode()
    body = {"way": "push", "url": url, "public_key": key}
    refused = await technical.ask("PUT", "/own-line", body)
    assert (refused.status, refused.code) == (422, "url-unfit")
    taken = await technical.ask(
        "PUT", "/own-line", body | {"url": "https://provider.example.jp/machipo"}
    )
    assert (taken.status, taken.json["way"]) == (200, "push")


async def test_a_line_that_comes_after_the_case_was_decided_moves_no_money(
    house: House, town: Town, settler: Any
) -> None:
    order = await _sent(town)
    await town.says(rejected(), order.id)
    await town.says(as_granted(order), order.id)
    provider = _system(house, town.provider_id)
    empty = _statement(statement_id="S-0", day="2023-10-03")
    assert (await provider.post("/statements", empty)).status == 202
    while await settler.statements():
        pass
    assert await town.cases("closed") == ["late_grant"]
    assert await town.balance("payable") == 0
    line = _line(order)
    assert (await provider.post("/statements", _statement(line, day="2023-10-04"))).status == 202
    while await settler.statements():
        pass
    assert await town.cases() == ["missing_here"]
    assert await town.balance("payable") == 0
    assert await town.broken() == {}
