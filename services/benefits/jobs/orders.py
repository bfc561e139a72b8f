"""Carries orders to providers and brings back what they say.

Every call is written down and committed before it is made, so that a process may die anywhere: an order whose caller
died is unknown, is asked about, and is never sent under another id.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

import structlog
from prometheus_client import Counter

from chassis.clock import now
from chassis.database import Away, Connection, Pool, reading, transaction
from chassis.ids import new_id
from chassis.patience import patiently
from chassis.refusal import Unavailable
from services.benefits.commands import sending
from services.benefits.commands.calling import Call, Clerk, Unseal
from services.benefits.commands.sending import Begun
from services.benefits.model.answer import ProviderAnswer
from services.benefits.model.order_request import answer_bytes
from services.benefits.outside import NotSent, Odd, Outside, ProviderLine, Providers
from services.benefits.store import due_orders
from services.benefits.store.lines import KnownLine

_log = structlog.get_logger()
_CALLS = Counter("provider_calls", "Calls to providers, by how they ended.", ["act", "outcome"])
_AT_ONCE, _WRITING = 50, 3
_STILL_SECONDS = 1.0


class OrderClerk:
    """One copy of the order job; any number of them share the work."""

    def __init__(
        self,
        pool: Pool,
        providers: Providers,
        unseal: Unseal,
        *,
        clock: Callable[[], datetime] = now,
        every: float = 0.2,
        at_once: int = _AT_ONCE,
        stand_in: KnownLine | None = None,
    ) -> None:
        self._pool, self._providers, self._unseal, self._clock = pool, providers, unseal, clock
        self._every, self._at_once, self._id = every, at_once, new_id()
        self._stand_in = stand_in
        #: Many calls end at once; requests need connections too.
        self._writing = asyncio.Semaphore(_WRITING)

    async def run(self) -> None:
        """Attend to orders until cancelled."""
        await patiently("orders", self.turn, pause=self._every, still=_STILL_SECONDS)

    async def turn(self) -> bool:
        """Attend to the orders that are due; whether there were any."""
        begun = await self._begun()
        ends = await asyncio.gather(*map(self._carry, begun.calls), return_exceptions=True)
        for why in ends:
            if why is not None:
                # The others are written down; this one is unknown when its claim has run out.
                raise why
        return begun.due > 0

    async def _begun(self) -> Begun:
        """The calls that may be made, once they are written down for good."""
        end = await self._tried()
        if isinstance(end, Begun):
            return end
        _log.warning("orders are attended to alone", why=str(end))
        return await self._one_by_one()

    async def _one_by_one(self) -> Begun:
        """An order that cannot be brought on is put off, and holds up no other."""
        async with reading(self._pool) as conn:
            found = await due_orders.due_ids(conn, at=self._clock(), limit=self._at_once)
        calls: list[Call] = []
        for order_id in found:
            end = await self._tried(order_id)
            if isinstance(end, Begun):
                calls.extend(end.calls)
                continue
            _log.error("an order is put off", order_id=order_id, why=str(end))
            async with transaction(self._pool) as conn:
                await sending.put_off(conn, self._clerk(), order_id)
        return Begun(len(found), calls)

    async def _tried(self, only: UUID | None = None) -> Begun | Exception:
        """One transaction, or what it failed of; the next is tried when the database is there again."""
        (end,) = await asyncio.gather(self._begin(only), return_exceptions=True)
        if isinstance(end, (*Away, Unavailable)) or not isinstance(end, Begun | Exception):
            raise end
        return end

    async def _begin(self, only: UUID | None) -> Begun:
        async with transaction(self._pool) as conn:
            return await sending.begin(conn, self._clerk(), self._at_once, only)

    async def _carry(self, call: Call) -> None:
        try:
            if call.act == "check":
                found = await self._providers.check(_line(call), call.order.id, call.request)
                _CALLS.labels(call.act, found.result).inc()
                await self._write(lambda conn, by: sending.checked(conn, by, call, found))
                return
            answer = await self._ask(call)
        except Outside as came:
            await self._stumble(call, came)
            return
        _CALLS.labels(call.act, answer.result).inc()
        body = answer_bytes(answer)
        await self._write(lambda conn, by: sending.answered(conn, by, call, answer, body))

    async def _ask(self, call: Call) -> ProviderAnswer:
        line = _line(call)
        if call.act == "grant":
            return await self._providers.grant(line, call.order.id, call.request)
        if call.act == "reversal":
            return await self._providers.take_back(line, call.order.id, call.request)
        return await self._providers.inquire(line, call.order.id)

    async def _stumble(self, call: Call, came: Outside) -> None:
        """Something else came back than an answer."""
        outcome = "not_sent" if isinstance(came, NotSent) else "unknown"
        _CALLS.labels(call.act, outcome).inc()
        _log.warning("a provider", act=call.act, outcome=outcome, order_id=call.order.id)
        if isinstance(came, NotSent):
            await self._write(lambda conn, by: sending.not_sent(conn, by, call, came.answer))
            return
        odd = isinstance(came, Odd)
        await self._write(lambda conn, by: sending.unclear(conn, by, call, came.answer, odd=odd))

    async def _write(self, act: Callable[[Connection, Clerk], Awaitable[None]]) -> None:
        """One transaction; were it lost, the order would be unknown when its claim has run out."""
        async with self._writing, transaction(self._pool) as conn:
            await act(conn, self._clerk())

    def _clerk(self) -> Clerk:
        return Clerk(self._id, self._clock(), self._unseal, self._stand_in)


def _line(call: Call) -> ProviderLine:
    known = call.line
    return ProviderLine(known.provider_id, known.url, known.public_key or b"", known.visibility)
