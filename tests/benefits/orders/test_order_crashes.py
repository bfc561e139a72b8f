"""The clerk dies at every step around a call: nothing lost, nothing twice, never another id."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from chassis.database import Connection
from services.benefits.commands import sending
from services.benefits.model.answer import ProviderAnswer
from services.benefits.model.link import AccountAnswer
from services.benefits.model.saga import OrderState
from services.benefits.outside import ProviderLine, Providers
from tests.benefits.orders.granting import Simulator, Town


class Death(BaseException):
    """The process ends here."""


class Dying:
    """A way to the provider on which the process dies, before or after the provider got it."""

    def __init__(self, real: Providers, where: str) -> None:
        self._real, self._where = real, where

    async def check(self, line: ProviderLine, order_id: UUID, request: bytes) -> AccountAnswer:
        await self._die(self._real.check(line, order_id, request))
        raise Death

    async def grant(self, line: ProviderLine, order_id: UUID, request: bytes) -> ProviderAnswer:
        await self._die(self._real.grant(line, order_id, request))
        raise Death

    async def inquire(self, line: ProviderLine, order_id: UUID) -> ProviderAnswer:
        await self._die(self._real.inquire(line, order_id))
        raise Death

    async def take_back(self, line: ProviderLine, order_id: UUID, request: bytes) -> ProviderAnswer:
        await self._die(self._real.take_back(line, order_id, request))
        raise Death

    async def _die(self, call: Any) -> None:
        if self._where == "before":
            call.close()
            raise Death
        await call
        raise Death


@pytest.mark.parametrize("where", ["before", "after"])
async def test_a_clerk_that_dies_around_the_call_leaves_an_order_that_is_asked_about(
    town: Town, simulator: Simulator, where: str
) -> None:
    order = await town.allocated()
    async with town.providers() as providers:
        with pytest.raises(Death):
            await town.clerk(Dying(providers, where)).turn()
        left = await town.order(order.id)
        assert (left.state, left.attempts) == (OrderState.SENT, 1)
        assert await town.pool.fetchval("SELECT outcome FROM order_attempts") == "under_way"
        assert await town.clerk(providers).turn() is False, "its claim still holds"
        for _ in range(6):
            town.clock.pass_by(minutes=2)
            await town.clerk(providers).turn()
    after = await town.order(order.id)
    assert after.state is OrderState.GRANTED
    assert list(simulator.books.entries) == [order.id]
    assert await town.broken() == {}


@pytest.mark.parametrize("where", ["before", "after"])
async def test_a_clerk_that_dies_while_it_asks_about_an_account_asks_again_and_then_sends(
    town: Town, simulator: Simulator, where: str
) -> None:
    await town.push_to(simulator.url, checks=True)
    order = await town.allocated()
    async with town.providers() as providers:
        with pytest.raises(Death):
            await town.clerk(Dying(providers, where)).turn()
        assert (await town.order(order.id)).state is OrderState.QUEUED
        assert simulator.books.entries == {}
        for _ in range(3):
            town.clock.pass_by(minutes=2)
            await town.clerk(providers).turn()
    assert (await town.order(order.id)).state is OrderState.GRANTED
    assert await town.broken() == {}


async def test_a_clerk_that_dies_before_its_note_is_committed_has_called_nobody(
    town: Town, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await town.allocated()
    real = sending.begin

    async def dying(conn: Connection, *more: Any) -> Any:
        await real(conn, *more)
        raise Death

    async with town.providers() as providers:
        monkeypatch.setattr(sending, "begin", dying)
        with pytest.raises(Death):
            await town.clerk(providers).turn()
        monkeypatch.undo()
        assert (await town.order(order.id)).state is OrderState.RESERVED
        assert simulator.books.entries == {}
        town.clock.pass_by(minutes=2)
        await town.clerk(providers).turn()
    assert (await town.order(order.id)).state is OrderState.GRANTED


async def test_a_clerk_that_dies_before_the_answer_is_committed_hears_it_again(
    town: Town, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await town.allocated()
    real = sending.answered

    async def dying(conn: Connection, *more: Any) -> None:
        await real(conn, *more)
        raise Death

    async with town.providers() as providers:
        monkeypatch.setattr(sending, "answered", dying)
        with pytest.raises(Death):
            await town.clerk(providers).turn()
        monkeypatch.undo()
        assert (await town.order(order.id)).state is OrderState.SENT
        assert await town.balance("payable") == 0
        for _ in range(2):
            town.clock.pass_by(minutes=2)
            await town.clerk(providers).turn()
    assert (await town.order(order.id)).state is OrderState.GRANTED
    assert simulator.books.entries[order.id].times_asked == 1
    assert await town.broken() == {}


async def test_two_clerks_never_call_for_the_same_order(town: Town, simulator: Simulator) -> None:
    made = [await town.allocated() for _ in range(6)]
    async with town.providers() as providers:
        one, two = town.clerk(providers), town.clerk(providers)
        await asyncio.gather(one.turn(), two.turn())
    assert {e.times_asked for e in simulator.books.entries.values()} == {1}
    assert len(simulator.books.entries) == len(made)


async def test_the_attempt_keeps_the_account_sealed_and_the_hash_of_what_was_sent(
    town: Town, simulator: Simulator
) -> None:
    order = await town.allocated(account="hp-1234567890")
    async with town.providers() as providers:
        await town.clerk(providers).turn()
    kept = await town.pool.fetchrow(
        "SELECT request, request_hash FROM order_attempts WHERE order_id = $1", order.id
    )
    assert kept is not None
    assert b"hp-1234567890" not in kept["request"]
    assert simulator.books.entries[order.id].asked.service_account_id == "hp-1234567890"
    facts = await town.pool.fetch("SELECT body FROM events")
    assert not any(b"hp-1234567890" in row["body"] for row in facts)
