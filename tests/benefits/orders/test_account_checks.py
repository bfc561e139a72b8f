"""A provider is asked about an account before anything is sent there; who is refused hears what to do."""

from base64 import b64encode
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from chassis.clock import now
from chassis.database import CheckViolation
from chassis.ids import new_id
from chassis.refusal import Invalid
from contracts.principal import Principal
from services.benefits.model.link import REFUSALS, AccountResult, Checked, Link, advice
from services.benefits.model.order import Order
from services.benefits.model.saga import OrderState
from services.benefits.outside.wire import SIGNATURE
from tests.benefits.asking import Asker, House
from tests.benefits.orders.granting import SIMULATOR, Simulator, Town

_S = OrderState


async def _turns(town: Town, many: int = 1) -> None:
    async with town.providers() as providers:
        for _ in range(many):
            await town.clerk(providers).turn()


async def _link(town: Town) -> tuple[str, str | None]:
    row = await town.pool.fetchrow("SELECT checked, refusal FROM linked_accounts")
    assert row is not None
    return row["checked"], row["refusal"]


async def _acts(town: Town, order: Order) -> list[str]:
    sql = "SELECT act FROM order_attempts WHERE order_id = $1 ORDER BY number"
    return [row["act"] for row in await town.pool.fetch(sql, order.id)]


async def test_an_account_is_asked_about_once_and_then_the_order_goes_there(
    town: Town, simulator: Simulator
) -> None:
    await town.push_to(simulator.url, checks=True)
    order = await town.allocated()
    await _turns(town)
    assert (await town.order(order.id)).state is _S.QUEUED
    assert simulator.books.entries == {}
    assert await _link(town) == ("ok", None)
    await _turns(town)
    assert (await town.order(order.id)).state is _S.GRANTED
    assert await _acts(town, order) == ["check", "grant"]
    assert await town.broken() == {}


async def test_an_account_the_provider_does_not_know_gets_nothing_and_the_resident_chooses_again(
    town: Town, simulator: Simulator
) -> None:
    await town.push_to(simulator.url, checks=True)
    order = await town.allocated(account="hp-0404")
    await _turns(town)
    refused = await town.order(order.id)
    assert (refused.state, refused.rejection) == (_S.CANCELLED, "ACCOUNT_NOT_FOUND")
    assert simulator.books.entries == {}
    said = "SELECT split_part(type, '.', 3) FROM events WHERE type LIKE 'benefits.allocation.%' ORDER BY revision"
    assert [row[0] for row in await town.pool.fetch(said)] == ["made", "failed"]
    entitlement = await town.entitlement(order.entitlement_id)
    assert entitlement.state == "issued"
    with pytest.raises(Invalid, match="会員番号を見ながら"):
        await town.allocated(entitlement, "hp-0404")
    again = await town.allocated(entitlement, "hp-0405")
    await _turns(town, 2)
    assert (await town.order(again.id)).state is _S.GRANTED
    assert await town.broken() == {}


async def test_a_refusal_is_forgotten_after_a_while_and_the_provider_is_asked_again(
    town: Town, simulator: Simulator
) -> None:
    await town.push_to(simulator.url, checks=True)
    order = await town.allocated(account="hp-0410")
    await _turns(town)
    assert await _link(town) == ("refused", "ACCOUNT_CLOSED")
    town.clock.pass_by(minutes=11)
    again = await town.allocated(await town.entitlement(order.entitlement_id), "hp-0410")
    assert await _link(town) == ("unasked", None)
    await _turns(town)
    assert (await town.order(again.id)).rejection == "ACCOUNT_CLOSED"
    assert await town.broken() == {}


async def test_an_account_nobody_answered_about_is_asked_about_again_before_anything_is_sent(
    town: Town, simulator: Simulator
) -> None:
    await town.push_to("http://127.0.0.1:9", checks=True)
    order = await town.allocated()
    await _turns(town)
    waiting = await town.order(order.id)
    assert (waiting.state, waiting.attempts, waiting.sent_at) == (_S.QUEUED, 1, None)
    assert await _link(town) == ("unasked", None)
    await town.push_to(simulator.url, checks=True)
    town.clock.pass_by(minutes=1)
    await _turns(town, 2)
    assert (await town.order(order.id)).state is _S.GRANTED
    assert await _acts(town, order) == ["check", "check", "grant"]


async def test_a_provider_without_a_check_is_written_down_as_such(
    town: Town, simulator: Simulator
) -> None:
    order = await town.allocated()
    await _turns(town)
    assert (await town.order(order.id)).state is _S.GRANTED
    assert await _link(town) == ("cannot", None)
    assert await _acts(town, order) == ["grant"]


@pytest.mark.parametrize(
    ("body", "sealed"),
    [
        ('{"order_id": "%s", "result": "ok"}', False),
        ('{"order_id": "%s", "result": "perhaps"}', True),
        ('{"order_id": "01900000-0000-7000-8000-000000000001", "result": "ok"}', True),
        ("not found", True),
    ],
)
async def test_an_answer_about_an_account_that_cannot_be_believed_opens_one_case_and_sends_nothing(
    town: Town, body: str, sealed: bool
) -> None:
    order = await town.allocated()
    said = (body % order.id if "%s" in body else body).encode()

    async def answer(request: web.Request) -> web.Response:
        signature = b64encode(SIMULATOR.sign(said)).decode() if sealed else ""
        return web.Response(body=said, headers={SIGNATURE: signature})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(app) as server:
        await town.push_to(str(server.make_url("/")), checks=True)
        for _ in range(3):
            await _turns(town)
            town.clock.pass_by(minutes=2)
    assert (await town.order(order.id)).state is _S.QUEUED
    assert await town.cases() == ["odd_answer"]
    assert await _link(town) == ("unasked", None)
    assert await town.broken() == {}


async def test_the_database_sends_nothing_to_an_account_nobody_was_asked_about(town: Town) -> None:
    order = await town.allocated()
    await town.pool.execute("UPDATE orders SET state = 'queued' WHERE id = $1", order.id)
    with pytest.raises(CheckViolation):
        await town.pool.execute("UPDATE orders SET state = 'sent' WHERE id = $1", order.id)


async def test_the_resident_reads_what_to_do_where_the_points_were_to_go(
    house: House, town: Town, simulator: Simulator
) -> None:
    await town.push_to(simulator.url, checks=True)
    order = await town.allocated(account="hp-0409")
    await _turns(town)
    whose = (await town.entitlement(order.entitlement_id)).resident_id
    card = Principal(kind="resident", subject=str(whose), session_id=new_id(), amr=("card",))
    owner = Asker(house.client, house.keys("identity").sign(card, seconds=3600))
    seen = await owner.get(f"/own-entitlements/{order.entitlement_id}/allocation")
    assert (seen.json["state"], seen.json["rejection"]) == ("cancelled", "ALREADY_LINKED")
    assert "別の決済サービス" in seen.json["advice"]


def test_every_refusal_has_a_sentence_of_its_own() -> None:
    at = now()
    link = Link(new_id(), new_id(), new_id(), Checked.REFUSED, "ACCOUNT_CLOSED", at)
    assert not link.forgets(at + timedelta(minutes=9))
    assert link.forgets(at + timedelta(minutes=10))
    codes = set(REFUSALS.values())
    assert len({advice(code) for code in codes}) == len(codes)
    assert advice(None) is None
    assert set(REFUSALS) == set(AccountResult) - {AccountResult.OK}
